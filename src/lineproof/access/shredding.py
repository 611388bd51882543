"""Destroying what was found personal, or all that is encrypted for a person: one asks, another confirms."""

from __future__ import annotations

from typing import Literal

import msgspec

from lineproof.access.guarded import note_access
from lineproof.errors import CommandError, NotAllowedError, UnknownReferenceError
from lineproof.model.references import Kind, Reference
from lineproof.model.subjects import Subject
from lineproof.store import Ledger, tell_witnesses
from lineproof.store.principals import current_user

__all__ = ["Shredding", "link", "shred"]

_SUBJECT = "subject:"


class Shredding(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    Attributes:
        state: `asked` as long as a second person has not confirmed it; then `destroyed`.
        entry: The entry that says so.
        asked: The entry in which it was asked for.
        entries: Entries whose payloads are gone by it.
        people: Random references of those whose keys are gone by it.
        untold: Witnesses that could not be told: a restored backup does not forget by them yet.
    """

    state: Literal["asked", "destroyed"]
    entry: int
    asked: int
    entries: tuple[int, ...] = ()
    people: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


def shred(ledger: Ledger, reference: str, *, reason: str, acting_as: str | None = None) -> Shredding:
    """Ask for a destruction, or confirm it where somebody else has asked.

    Args:
        ledger: Where.
        reference: `entry:N` for its payload, or `subject:SPACE/ID` for the key of a person.
        reason: Why; what personal data it names stays in the log.
        acting_as: Name of who asks or confirms, as asserted; the user of this process when left out.

    Raises:
        NotAllowedError: Whoever asked cannot confirm; the attempt is recorded.
        HeldError: A legal hold covers it.
        UsageError: There is nothing of it to destroy.
    """
    # 1. Find what is meant; of a person only the random reference goes into the log.
    # 2. Nobody has asked for just this: record that it is asked for. Nothing is destroyed.
    # 3. Somebody has: refuse the same person, and record that; else destroy, and name who asked.
    # 4. Tell the witnesses, so that what a backup brings back is destroyed again by their lists too.
    if not reason.strip():
        raise CommandError("a destruction needs a reason", "say why, and write no personal data into it")
    entries, subjects, named = _meant(ledger, reference)
    asked = ledger.asked_to_destroy(entries, subjects)
    if asked is None:
        number = ledger.ask_to_destroy(entries, subjects=subjects, reason=reason, acting_as=acting_as)
        return Shredding(state="asked", entry=number, asked=number)
    who = acting_as or current_user()
    if ledger.principal_of(who) == asked.principal:
        note_access(ledger, "shred", named, "refused", reason="asked for it", acting_as=acting_as)
        raise NotAllowedError(f"{who} asked for it in entry {asked.entry} and may not confirm it")
    done = ledger.destroy(entries, subjects=subjects, reason=reason, asked=asked.entry, acting_as=acting_as)
    return Shredding(
        state="destroyed",
        entry=done.entry,
        asked=asked.entry,
        entries=done.entries,
        people=done.people,
        untold=tell_witnesses(ledger),
    )


def link(
    ledger: Ledger, one: Subject, other: Subject, *, reason: str | None = None, acting_as: str | None = None
) -> int:
    """Say that two identifiers are one person; give the entry, which names neither.

    Raises:
        StoreError: The ledger cannot be written.
    """
    ledger.link_subjects(one, other)
    named = f"subject:{ledger.subject_refs(one)[0]}"
    return note_access(ledger, "link people", named, "allow", reason=reason, acting_as=acting_as)


def _meant(ledger: Ledger, reference: str) -> tuple[tuple[int, ...], tuple[Subject, ...], str]:
    if reference.startswith(_SUBJECT):
        subject = Subject.parse(reference)
        refs = ledger.subject_refs(subject)
        if not refs:
            raise UnknownReferenceError(
                "nothing is encrypted for that person",
                "what names them in other entries is destroyed by `lineproof shred entry:N`",
            )
        return (), (subject,), f"{_SUBJECT}{refs[0]}"
    parsed = Reference.parse(reference)
    if parsed.kind is not Kind.ENTRY or not parsed.name.isdecimal():
        raise CommandError(f"{reference} cannot be destroyed", "name entry:N or subject:SPACE/ID")
    return (int(parsed.name),), (), reference
