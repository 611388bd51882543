"""Handing checkpoints to witnesses, and recording that they keep them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from lineproof.errors import CommandError, ForkError, RollbackError, UnknownReferenceError, WitnessError
from lineproof.ledger import origin_of
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.statements import Witness
from lineproof.store.hashes import read_head
from lineproof.store.ledger import Ledger
from lineproof.store.sequencer import NewEntry
from lineproof.store.witness.ask import WitnessAnswer, check_witness
from lineproof.store.witness.file import FileKeeper
from lineproof.store.witness.forgotten import hand_list
from lineproof.store.witness.kinds import keeper_of
from lineproof.store.witness.register import KnownWitness, known_witnesses
from lineproof.store.witness.tsa import TsaKeeper

__all__ = ["add_witness", "hand_over", "remove_witness"]

_WITHIN = "a witness is of use only where whoever alters the ledger does not reach; name a place elsewhere"


def add_witness(
    ledger: Ledger,
    kind: str,
    location: str,
    *,
    name: str | None = None,
    certificate: str | None = None,
    tokens: str | None = None,
    reason: str | None = None,
    acting_as: str | None = None,
) -> KnownWitness:
    """Add a witness and hand it the present checkpoint.

    Args:
        ledger: The ledger.
        kind: One of `KINDS`.
        location: A path, or a URL.
        name: What to call it.
        certificate: Of a `tsa`: certificates that are trusted to have issued its own, PEM.
        tokens: Of a `tsa`: the file that keeps its tokens.
        reason: Why.
        acting_as: Name of the person who acts, as asserted.

    Raises:
        CommandError: There is no such kind, the name is taken, or the place is the ledger's own folder.
        WitnessError: It cannot be reached, or does not take the checkpoint; nothing is recorded.
        ForkError: It keeps a checkpoint that the log contradicts.
        RollbackError: It keeps a checkpoint of more entries than the log has.
    """
    location = _absolute(ledger, location)
    name = name or f"{kind}-{(Path(location).name or location).removesuffix('.git')}"
    with ledger.snapshot() as connection:
        if any(one.name == name for one in known_witnesses(connection)):
            raise CommandError(f"there is a witness {name} already", "give another --name")
    known = KnownWitness(
        witness=uuid7(),
        name=name,
        kind=kind,
        location=location,
        entry=-1,
        certificate=certificate,
        tokens=None if tokens is None else _absolute(ledger, tokens),
    )
    kept_in = {FileKeeper.kind: location, TsaKeeper.kind: known.tokens}.get(kind)
    if kept_in is None or Path(kept_in).exists():  # a file is made by its first line
        _ask(ledger, known)
    receipt, note = _give(ledger, known)
    added = _stated(known, "added", reason=reason)
    kept = _stated(known, "kept", checkpoint=note, receipt=receipt)
    known.entry = ledger.append([_entry(added), _entry(kept)], acting_as=acting_as).first
    return known


def hand_over(
    ledger: Ledger, names: Sequence[str] = (), *, acting_as: str | None = None
) -> list[tuple[KnownWitness, int]]:
    """Hand the present checkpoint to the witnesses; give each with the entry that says that it keeps it.

    With it goes the list of what was destroyed, as far as they do not have it.

    Each is asked first: nobody is handed a checkpoint that contradicts what they have seen.

    Raises:
        UnknownReferenceError: There is no witness of that name.
        WitnessError: One cannot be reached; those before it keep the checkpoint.
        ForkError: One keeps a checkpoint that the log contradicts.
        RollbackError: One keeps a checkpoint of more entries than the log has.
    """
    with ledger.snapshot() as connection:
        known = known_witnesses(connection)
    for name in names:
        if all(one.name != name for one in known):
            raise UnknownReferenceError(f"there is no witness {name}", "`lineproof witness list` names them")
    done = []
    for one in known:
        if names and one.name not in names:
            continue
        _ask(ledger, one)
        receipt, note = _give(ledger, one)
        hand_list(ledger, one)
        kept = _stated(one, "kept", checkpoint=note, receipt=receipt)
        done.append((one, ledger.append([_entry(kept)], acting_as=acting_as).first))
    return done


def remove_witness(ledger: Ledger, name: str, *, reason: str, acting_as: str | None = None) -> int:
    """Record that a witness is not asked any more; give the entry. What it keeps stays with it.

    Raises:
        UnknownReferenceError: There is no witness of that name.
    """
    with ledger.snapshot() as connection:
        for known in known_witnesses(connection):
            if known.name == name:
                stated = _stated(known, "removed", reason=reason)
                return ledger.append([_entry(stated)], acting_as=acting_as).first
    raise UnknownReferenceError(f"there is no witness {name}", "`lineproof witness list` names them")


def _absolute(ledger: Ledger, location: str) -> str:
    """Give a path that holds from any folder; a URL is left as it is."""
    if "://" in location or (":" in location and not Path(location).exists()):
        return location
    path = Path(location).resolve()
    if path.is_relative_to(ledger.folder.resolve()):
        raise CommandError(f"{location} lies in the ledger's own folder", _WITHIN)
    return str(path)


def _ask(ledger: Ledger, known: KnownWitness) -> WitnessAnswer:
    keeper = keeper_of(known)
    with ledger.snapshot() as connection:
        answer = check_witness(connection, ledger.verifier_keys(connection), keeper, known)
    for failure in answer.failures:
        evidence = f"\n\nit keeps:\n{failure.expected}\nthe ledger says:\n{failure.found}"
        if failure.kind == "fork":
            raise ForkError(f"the witness {known.name} has seen another history{evidence}")
        if failure.kind == "rollback":
            raise RollbackError(f"the witness {known.name} has seen more entries{evidence}")
    if answer.problem is not None:
        raise WitnessError(f"the witness {known.name} cannot be asked: {answer.problem}")
    return answer


def _give(ledger: Ledger, known: KnownWitness) -> tuple[str, str]:
    with ledger.snapshot() as connection:
        note = read_head(connection).checkpoint
    keeper = keeper_of(known)
    return keeper.keep(origin_of(ledger.id), note), note


def _stated(
    known: KnownWitness,
    action: str,
    *,
    reason: str | None = None,
    checkpoint: str | None = None,
    receipt: str | None = None,
) -> Witness:
    return msgspec.convert(
        {
            "witness": known.witness,
            "name": known.name,
            "kind": known.kind,
            "location": known.location,
            "action": action,
            "reason": reason,
            "checkpoint": checkpoint,
            "receipt": receipt,
            "certificate": known.certificate if action == "added" else None,
            "tokens": known.tokens if action == "added" else None,
            "time": now(),
        },
        Witness,
    )


def _entry(stated: Witness) -> NewEntry:
    return NewEntry(EntryType.WITNESS, msgspec.json.encode(stated))
