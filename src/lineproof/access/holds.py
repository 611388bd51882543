"""Legal holds: stated, released, listed."""

from __future__ import annotations

from collections.abc import Sequence

from lineproof.access.state import state
from lineproof.errors import CommandError, UnknownReferenceError, UsageError
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.statements import Hold
from lineproof.model.subjects import Subject
from lineproof.store import Holds, Ledger
from lineproof.store.holds import PREDICTIONS

__all__ = ["add_hold", "holds", "release_hold"]


def holds(ledger: Ledger) -> list[Hold]:
    """Give the holds in force, by when they were added."""
    with ledger.snapshot() as connection:
        return list(Holds(connection.cursor()).active.values())


def add_hold(
    ledger: Ledger,
    name: str,
    *,
    reason: str,
    entries: Sequence[int] = (),
    kinds: Sequence[str] = (),
    datasets: Sequence[str] = (),
    subjects: Sequence[Subject] = (),
    objects: Sequence[str] = (),
    everything: bool = False,
    acting_as: str | None = None,
) -> int:
    """Keep what is covered from being destroyed, by whomever; give the number of the entry.

    A person who has no key yet gets one, so that what is recorded of them later is held as well; the log names
    the random reference alone.

    Raises:
        CommandError: It covers nothing, has no reason, or a hold of this name is in force.
        UsageError: An entry is not there, or a kind is none.
    """
    if not reason.strip():
        raise CommandError("a legal hold needs a reason", "name the case or duty it rests on")
    if any(one.name == name for one in holds(ledger)):
        raise CommandError(f"there is a hold {name} already", "give another name, or release it first")
    if not (entries or kinds or datasets or subjects or objects or everything):
        raise CommandError("the hold covers nothing", "name entries, kinds, datasets, people or --all")
    allowed = {PREDICTIONS, *(type_.value for type_ in EntryType)}
    for kind in kinds:
        if kind not in allowed:
            raise CommandError(f"there is no kind of entry {kind!r}", f"one of {', '.join(sorted(allowed))}")
    size = ledger.size()
    for number in entries:
        if not 0 <= number < size:
            raise UsageError(f"no entry {number}", f"entries are numbered 0 to {size - 1}")
    hold = Hold(
        hold=uuid7(),
        name=name,
        entries=tuple(entries),
        kinds=tuple(kinds),
        datasets=tuple(datasets),
        subjects=tuple(ref for one in subjects for ref in ledger.subject_refs(one, make=True)),
        objects=tuple(objects),
        everything=everything,
        reason=reason,
        time=now(),
    )
    return state(ledger, hold, acting_as=acting_as)


def release_hold(ledger: Ledger, name: str, *, reason: str, acting_as: str | None = None) -> int:
    """End a hold; give the number of the entry. That it was in force stays in the log.

    Raises:
        UnknownReferenceError: No hold of this name is in force.
        CommandError: It has no reason.
    """
    if not reason.strip():
        raise CommandError("a release needs a reason", "say who decided that it may end")
    for hold in holds(ledger):
        if hold.name == name:
            released = Hold(hold=hold.hold, name=name, action="released", reason=reason, time=now())
            return state(ledger, released, acting_as=acting_as)
    raise UnknownReferenceError(f"no hold {name} is in force", "`lineproof hold list` names them")
