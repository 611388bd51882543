"""What is known about an entry of the ledger, and about what is known by one entry alone."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sqlalchemy import select

from lineproof.errors import KeyEncryptionKeyError, MissingKeyError, SealError
from lineproof.graph.facts import Facts
from lineproof.graph.resolve import Found
from lineproof.graph.show.guarded import guarded
from lineproof.model.references import Kind
from lineproof.store import readable
from lineproof.store.schema import decision, entry, payload, principal, sealed, tombstone

__all__ = [
    "DecisionDetail",
    "EntryDetail",
    "PrincipalDetail",
    "show_decision",
    "show_entry",
    "show_principal",
]


class EntryDetail(msgspec.Struct, kw_only=True):
    """An entry: its leaf as logged, and its payload as far as it still exists.

    Attributes:
        leaf: The canonical JSON header that is hashed into the tree.
        payload: The payload as JSON, or as text where it is none; None when it was destroyed. Values of
            people, and values that may be, are withheld.
        withheld: Names of the columns whose values are withheld.
        destroyed_by: The entry that destroyed the payload, and `reason` why.
        state: `shredded` when it was destroyed, `missing key` when it is encrypted for a person whose key is not
            at hand, `corrupt` when it does not open with that key.
        subject_ref: The person whom it is encrypted for, by the random reference.
    """

    ref: str
    kind: Kind = Kind.ENTRY
    leaf: dict[str, Any]
    payload: Any
    destroyed_by: str | None
    reason: str | None
    state: Literal["readable", "shredded", "missing key", "corrupt"] = "readable"
    subject_ref: str | None = None
    withheld: list[str] = []


class DecisionDetail(msgspec.Struct, kw_only=True):
    """What was chosen, among which candidates, by whom and why."""

    ref: str
    kind: Kind = Kind.DECISION
    decision: str
    run: str | None
    chosen: Any
    candidates: list[Any]
    reason: str | None
    made_by: str
    site: str | None
    time: str | None
    entry: int


class PrincipalDetail(msgspec.Struct, kw_only=True):
    """Who stands behind a random principal reference, and how that is known."""

    ref: str
    kind: Kind = Kind.PRINCIPAL
    name: str | None
    principal_kind: str | None
    auth_method: str | None
    entry: int


def show_entry(facts: Facts, found: Found, *, values: bool = False) -> EntryDetail:
    """Give an entry as it lies in the ledger.

    Args:
        facts: Look-ups.
        found: The entry.
        values: Give what is withheld otherwise.
    """
    query = (
        select(entry.c.type, entry.c.leaf, payload.c.body, tombstone.c.destroyed_by, tombstone.c.reason)
        .outerjoin(payload, payload.c.seq == entry.c.seq)
        .outerjoin(tombstone, tombstone.c.entry == entry.c.seq)
        .where(entry.c.seq == found.id)
    )
    row = facts.connection.execute(query).one()
    opened, state = _opened(facts, row.body)
    body = None if opened is None else _readable(opened)
    shown, withheld = (body, []) if values or body is None else guarded(facts, row.type, body)
    return EntryDetail(
        ref=found.ref,
        leaf=msgspec.json.decode(row.leaf),
        payload=shown,
        withheld=withheld,
        destroyed_by=None if row.destroyed_by is None else f"entry:{row.destroyed_by}",
        reason=row.reason,
        state=state,
        subject_ref=facts.connection.scalar(select(sealed.c.subject).where(sealed.c.entry == found.id)),
    )


def show_decision(facts: Facts, found: Found) -> DecisionDetail:
    """Give a decision with its candidates."""
    row = facts.connection.execute(select(decision).where(decision.c.id == found.name)).one()
    runs = facts.runs([] if row.run is None else [row.run])
    return DecisionDetail(
        ref=found.ref,
        decision=row.kind,
        run=runs[row.run].ref if row.run in runs else None,
        chosen=_json(row.chosen),
        candidates=_json(row.candidates) or [],
        reason=row.reason,
        made_by=row.made_by,
        site=row.site,
        time=row.time,
        entry=row.entry,
    )


def show_principal(facts: Facts, found: Found) -> PrincipalDetail:
    """Give what was granted to a principal reference."""
    row = facts.connection.execute(select(principal).where(principal.c.ref == found.ref)).one()
    return PrincipalDetail(
        ref=found.ref,
        name=row.name,
        principal_kind=row.kind,
        auth_method=row.auth_method,
        entry=row.entry,
    )


def _opened(
    facts: Facts, body: bytes | None
) -> tuple[bytes | None, Literal["readable", "shredded", "missing key", "corrupt"]]:
    try:
        opened = readable(facts.connection, body)
    except (MissingKeyError, KeyEncryptionKeyError):
        return None, "missing key"
    except SealError:
        return None, "corrupt"
    return opened, "shredded" if opened is None else "readable"


def _readable(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return bytes(body).decode(errors="replace")


def _json(text: Any) -> Any:
    return msgspec.json.decode(text) if isinstance(text, (str, bytes)) else text
