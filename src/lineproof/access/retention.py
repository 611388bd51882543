"""Carrying out retention policies: payloads that have had their time are destroyed, leaf headers stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select

from lineproof.graph import view
from lineproof.graph.statements import Statements
from lineproof.graph.view import recorded
from lineproof.model.entries import EntryType
from lineproof.model.identity import now
from lineproof.model.statements import Retention
from lineproof.store import Ledger, held, tell_witnesses
from lineproof.store.holds import PREDICTIONS
from lineproof.store.schema import dataset, entry, payload

__all__ = ["Expired", "Held", "RetentionRun", "run_retention"]

LEDGER = "ledger"
_KIND = "kind:"
# What says who is who, what is kept, and what the log rests on goes by name only, never with `ledger`.
_APART = frozenset(
    {
        EntryType.KEY,
        EntryType.SHRED,
        EntryType.HOLD,
        EntryType.RETENTION,
        EntryType.GRANT,
        EntryType.WITNESS,
    }
)
_NEVER = frozenset({EntryType.KEY, EntryType.SHRED})


class Held(msgspec.Struct, frozen=True):
    """An expired entry that a legal hold keeps."""

    entry: int
    hold: str


class Expired(msgspec.Struct, frozen=True, kw_only=True):
    """What one policy found.

    Attributes:
        policy: Its name.
        action: What it says is to be done; only `delete` is done here.
        legal_ground: The law or rule it follows.
        max_age_days: What is older has expired.
        entries: Expired entries of kinds it covers, without those under hold.
        held: Expired entries that a legal hold keeps.
        destroyed_by: The entry that says that they were destroyed; None when nothing was.
        elsewhere: Names it covers that are no kind of entry: data that lies outside of the ledger.
    """

    policy: str
    action: str
    legal_ground: str | None
    max_age_days: int
    entries: tuple[int, ...]
    held: tuple[Held, ...]
    destroyed_by: int | None = None
    elsewhere: tuple[str, ...] = ()


class RetentionRun(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and what was done about it.

    Attributes:
        at: The moment that ages were counted to.
        dry_run: Nothing was destroyed.
        destroyed: How many payloads were.
        policies: Each policy with a maximum age.
        untold: Witnesses that could not be told: a restored backup does not forget by them yet.
    """

    at: str
    dry_run: bool
    destroyed: int
    policies: tuple[Expired, ...]
    untold: tuple[str, ...] = ()


def run_retention(ledger: Ledger, *, dry_run: bool = False, acting_as: str | None = None) -> RetentionRun:
    """Destroy the payloads that are older than the policies allow; those under a legal hold stay.

    A policy covers `predictions`, a type of entry such as `lineage.event` or `kind:access`, or `ledger` for all
    types that no other policy covers. A minimum age of any policy over an entry keeps it. Policies over datasets
    are about data outside of the ledger: they are named, and nothing is done about them.

    Args:
        ledger: Where.
        dry_run: Only find what has expired.
        acting_as: Name of who runs it, as asserted; the user of this process when left out.
    """
    # 1. The last statement of each policy holds; what it covers by name comes before `ledger`.
    # 2. Find what has expired, each entry by the first policy that says so, and what holds keep of it.
    # 3. One `shred` entry for each policy says what was destroyed and by which ground.
    # 4. Tell the witnesses, so that what a backup brings back is destroyed again by their lists too.
    moment = now()
    found = []
    for one in _expired(ledger, moment):
        if one.action == "delete" and one.entries and not dry_run:
            ground = f" ({one.legal_ground})" if one.legal_ground else ""
            reason = f"retention {one.policy}: older than {one.max_age_days} days{ground}"
            done = ledger.destroy(one.entries, reason=reason, acting_as=acting_as)
            one = msgspec.structs.replace(one, destroyed_by=done.entry)  # noqa: PLW2901 - the same, now done
        found.append(one)
    destroyed = sum(len(one.entries) for one in found if one.destroyed_by is not None)
    untold = tell_witnesses(ledger) if destroyed else ()
    return RetentionRun(at=moment, dry_run=dry_run, destroyed=destroyed, policies=tuple(found), untold=untold)


class _Policy(msgspec.Struct, frozen=True):
    stated: Retention
    kinds: frozenset[str]
    everything: bool
    elsewhere: tuple[str, ...]


def _expired(ledger: Ledger, moment: str) -> list[Expired]:
    policies = _policies(ledger)
    by_kind = {kind.value: _over(policies, kind) for kind in EntryType if kind not in _NEVER}
    at = datetime.fromisoformat(moment)
    due: dict[str, list[int]] = {one.stated.name: [] for one in policies}
    for number, kind, when in _live(ledger, [kind for kind, over in by_kind.items() if over]):
        name = _due(by_kind[kind], at - datetime.fromisoformat(when))
        if name is not None:
            due[name].append(number)
    with ledger.snapshot() as connection:
        kept = held(connection.cursor(), [number for numbers in due.values() for number in numbers])
    return [
        Expired(
            policy=one.stated.name,
            action=one.stated.action,
            legal_ground=one.stated.legal_ground,
            max_age_days=one.stated.max_age_days,
            entries=tuple(number for number in due[one.stated.name] if f"entry:{number}" not in kept),
            held=tuple(
                Held(number, kept[f"entry:{number}"])
                for number in due[one.stated.name]
                if f"entry:{number}" in kept
            ),
            elsewhere=one.elsewhere,
        )
        for one in policies
        if one.stated.max_age_days is not None
    ]


def _policies(ledger: Ledger) -> list[_Policy]:
    with ledger.connection() as connection:
        stated = Statements(connection, view(connection)).of(EntryType.RETENTION)
        datasets = set(connection.scalars(select(dataset.c.name)))
    last = {one.body.name: one.body for one in stated if isinstance(one.body, Retention)}
    return [_policy(one, datasets) for one in last.values()]


def _policy(stated: Retention, datasets: set[str]) -> _Policy:
    kinds, elsewhere = set(), []
    types = {type_.value for type_ in EntryType}
    for name in stated.covers:
        kind = EntryType.PREDICTION_SEGMENT.value if name == PREDICTIONS else name.removeprefix(_KIND)
        # A dataset may be called `report`: where one is, the kind must be said to be one.
        if kind in types and (name not in datasets or name == PREDICTIONS):
            kinds.add(kind)
        elif name != LEDGER:
            elsewhere.append(name)
    return _Policy(stated, frozenset(kinds), LEDGER in stated.covers, tuple(elsewhere))


def _over(policies: Sequence[_Policy], kind: EntryType) -> list[Retention]:
    named = [one.stated for one in policies if kind.value in one.kinds]
    if named or kind in _APART:
        return named
    return [one.stated for one in policies if one.everything]


def _due(policies: Sequence[Retention], age: timedelta) -> str | None:
    """Give the policy by which something of this age has expired, or None."""
    if any(one.min_age_days is not None and age < timedelta(days=one.min_age_days) for one in policies):
        return None
    for one in policies:
        if one.max_age_days is not None and age > timedelta(days=one.max_age_days):
            return one.name
    return None


def _live(ledger: Ledger, kinds: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Give the entries of some kinds that have a payload: number, kind and when they were recorded."""
    query = (
        select(entry.c.seq, entry.c.type, entry.c.leaf)
        .join(payload, payload.c.seq == entry.c.seq)
        .where(entry.c.type.in_(kinds), payload.c.body.is_not(None))
        .order_by(entry.c.seq)
    )
    with ledger.connection() as connection:
        for number, kind, leaf in connection.execute(query):
            yield number, kind, recorded(leaf)
