"""What can be asked and done about people: found, forgotten, kept under a hold, let go by a policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lineproof import access, graph, store
from lineproof.errors import CommandError
from lineproof.graph.view import view
from lineproof.model.statements import Hold
from lineproof.model.subjects import Subject
from lineproof.store.rebuild import Progress

if TYPE_CHECKING:
    from lineproof.privacy import FoundPerson

__all__ = ["AboutPeople"]


class AboutPeople(graph.Ledger):
    """Questions about people, and their right to be forgotten."""

    def find_subject(
        self,
        identifier: Any,
        *,
        space: str | None = None,
        as_of: int | str | None = None,
        reason: str | None = None,
        acting_as: str | None = None,
    ) -> FoundPerson:
        """Find what holds a person or learned from them. That somebody looked is recorded first, not for whom.

        Args:
            identifier: Who, as it stands in the data.
            space: Space of the identifier; the only one there is when left out.
            as_of: Entry number or time: what was known then.
            reason: Why it is looked for.
            acting_as: Name of who looks.

        Raises:
            UsageError: It names nobody, or there are several spaces.
            StoreError: The access cannot be recorded; then nothing is answered.
        """
        from lineproof import privacy  # noqa: PLC0415 - needs what only people's sets need

        with self.stored.connection() as connection:
            seen = view(connection, as_of=as_of)
            subject = privacy.subject_named(connection, seen, identifier, space)
        resource = f"subject:{subject.space}"
        access.note_access(self.stored, "find person", resource, "allow", reason=reason, acting_as=acting_as)
        with self.stored.connection() as connection:
            return privacy.find_person(self.stored, connection, subject, seen)

    def shred(self, reference: str, *, reason: str, acting_as: str | None = None) -> access.Shredding:
        """Ask for a destruction, or confirm it as a second person; see `access.shredding.shred`."""
        return access.shred(self.stored, reference, reason=reason, acting_as=acting_as)

    def link_subjects(
        self, one: str, other: str, *, reason: str | None = None, acting_as: str | None = None
    ) -> int:
        """Say that two identifiers, each `SPACE/ID`, are one person; give the entry.

        Raises:
            ReferenceSyntaxError: One is not written so.
        """
        return access.link(
            self.stored, Subject.parse(one), Subject.parse(other), reason=reason, acting_as=acting_as
        )

    def holds(self) -> list[Hold]:
        """Give the legal holds in force."""
        return access.holds(self.stored)

    def add_hold(
        self,
        name: str,
        *,
        reason: str,
        entries: Sequence[str | int] = (),
        kinds: Sequence[str] = (),
        datasets: Sequence[str] = (),
        subjects: Sequence[str] = (),
        objects: Sequence[str] = (),
        everything: bool = False,
        acting_as: str | None = None,
    ) -> int:
        """Keep something from being destroyed until the hold is released; give the entry.

        Args:
            name: What the hold is called.
            reason: The case or duty it rests on.
            entries: Numbers, or references `entry:N`.
            kinds: Types of entries; `predictions` for those of predictions.
            datasets: Names (`*` and `?` allowed): the entries of all runs that touched them.
            subjects: People, each `SPACE/ID`.
            objects: Digests of kept objects.
            everything: All there is.
            acting_as: Name of who states it.

        Raises:
            UsageError: It covers nothing, or something there is not.
        """
        return access.add_hold(
            self.stored,
            name,
            reason=reason,
            entries=[_entry_number(one) for one in entries],
            kinds=kinds,
            datasets=[one.removeprefix("dataset:") for one in datasets],
            subjects=[Subject.parse(one) for one in subjects],
            objects=objects,
            everything=everything,
            acting_as=acting_as,
        )

    def release_hold(self, name: str, *, reason: str, acting_as: str | None = None) -> int:
        """End a legal hold; give the entry."""
        return access.release_hold(self.stored, name, reason=reason, acting_as=acting_as)

    def run_retention(self, *, dry_run: bool = False, acting_as: str | None = None) -> access.RetentionRun:
        """Destroy the payloads that have had their time; see `access.retention.run_retention`."""
        return access.run_retention(self.stored, dry_run=dry_run, acting_as=acting_as)

    def rotate_kek(
        self,
        target: store.KekTarget | None = None,
        *,
        reason: str | None = None,
        progress: Progress | None = None,
        acting_as: str | None = None,
    ) -> store.RotatedKek:
        """Wrap people's keys under a new key-encryption key, and record that it was done."""
        done = self.stored.rotate_kek(target, progress)
        access.note_access(
            self.stored,
            "rotate key-encryption key",
            "ledger:keys",
            "allow",
            reason=reason,
            acting_as=acting_as,
        )
        return done


def _entry_number(reference: str | int) -> int:
    """Give the number of an entry.

    Raises:
        CommandError: It is neither a number nor `entry:N`.
    """
    text = str(reference).removeprefix("entry:")
    if not text.isdecimal():
        raise CommandError(f"{reference!r} is no entry", "write entry:N")
    return int(text)
