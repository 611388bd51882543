"""The ledger as its users meet it in Python."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lineproof import access, controls, graph, store
from lineproof.errors import CommandError, UnknownReferenceError
from lineproof.graph.statements import Statements
from lineproof.graph.view import parse_time, view
from lineproof.model.identity import now, uuid7
from lineproof.model.statements import Hold, Report, Statement, Waiver
from lineproof.model.subjects import Subject
from lineproof.store.rebuild import Progress

if TYPE_CHECKING:
    from lineproof.privacy import FoundPerson
    from lineproof.reports.make import Made

__all__ = ["Ledger", "open_ledger"]


def open_ledger(
    location: str | os.PathLike[str] | None = None, *, tell: Callable[[str], object] | None = None
) -> Ledger:
    """Open a ledger.

    Where it is not the one that you saw there last (its end was cut off, a backup restored, another history
    shown), a warning says so; `verify` then fails with both checkpoints.

    Args:
        location: The folder `.lineproof`, or the one that holds it, or the address of a store,
            `postgresql://…`; None for LINEPROOF_STORE, LINEPROOF_HOME or the nearest one upwards from the
            working directory.
        tell: Called with the line of that warning, in place of `warnings.warn`.

    Raises:
        NoLedgerError: There is none.
        NewerLedgerError: It was written by a newer lineproof.
        CommandError: The location is the URL of something else.
        StoreError: The store cannot be reached, or refuses the login.
    """
    ledger = Ledger(graph.open_ledger(location).stored)
    found = ledger.stored.look()
    if found is not None:
        if tell is None:
            warnings.warn(found.line(), stacklevel=2)
        else:
            tell(found.line())
    return ledger


class Ledger(graph.Ledger):
    """Questions to one ledger, and statements made to it.

    `acting_as` is the name of the person who acts, as asserted: without a server nobody proves who
    they are, and controls treat it so. Left out, it is the user of this process.
    """

    def explain(
        self,
        reference: str,
        *,
        as_of: int | str | None = None,
        at: str | None = None,
        values: bool = False,
        reason: str | None = None,
        acting_as: str | None = None,
    ) -> graph.Explanation:
        """Explain one prediction, back to raw columns; what is not known is listed in `unknown`.

        Args:
            reference: `prediction:ID`, or `prediction:MODEL@N/ID` where several models made one.
            as_of: Entry number or time: what was known then.
            at: Time: what was true then.
            values: Give the values of personal features too, and of those that may be personal. That
                somebody looked is recorded first.
            reason: Why they are looked at.
            acting_as: Name of who looks at them.

        Raises:
            UsageError: The reference or a time cannot be read, is not recorded, or is ambiguous.
            StoreError: The access cannot be recorded; then the values are not given.
        """
        # 1. Explain without the values: most of the time nothing is withheld, and nothing to record.
        # 2. Record the access, and only then read the values, of the same state of the ledger.
        plain = super().explain(reference, as_of=as_of, at=at)
        if not values or all(feature.withheld is None for feature in plain.features):
            return plain
        access.note_access(
            self.stored, "read values", plain.prediction.ref, "allow", reason=reason, acting_as=acting_as
        )
        return self._explain(plain.prediction.ref, as_of=plain.as_of, at=at, values=True)

    def show(
        self,
        reference: str,
        *,
        as_of: int | str | None = None,
        at: str | None = None,
        values: bool = False,
        reason: str | None = None,
        acting_as: str | None = None,
    ) -> graph.Detail:
        """Give everything recorded about one thing. Personal values, and what may be, are withheld.

        Args:
            reference: What to show.
            as_of: Entry number or time: what was known then.
            at: Time: what was true then.
            values: Of an entry, give what is withheld otherwise. That somebody looked is recorded first.
            reason: Why it is looked at.
            acting_as: Name of who looks at it.

        Raises:
            UsageError: The reference or a time cannot be read, is not recorded, or is ambiguous.
            StoreError: The access cannot be recorded; then the values are not given.
        """
        plain = super().show(reference, as_of=as_of, at=at)
        if not values or not getattr(plain, "withheld", None):
            return plain
        access.note_access(self.stored, "read values", plain.ref, "allow", reason=reason, acting_as=acting_as)
        return self._show(plain.ref, as_of=as_of, at=at, values=True)

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

    def state(self, statement: Statement, *, acting_as: str | None = None) -> int:
        """Record a statement, such as a `System` or `Purpose`; give the number of its entry.

        Raises:
            CommandError: Something in it is not what its name says.
        """
        return access.state(self.stored, statement, acting_as=acting_as)

    def approve(
        self,
        model: str,
        *,
        outcome: Literal["approved", "rejected"] = "approved",
        reason: str | None = None,
        ticket: str | None = None,
        acting_as: str | None = None,
    ) -> int:
        """Approve, or reject, a model version that somebody else made; give the number of the entry.

        Raises:
            NotAllowedError: Whoever approves made it; the attempt is recorded.
            UsageError: There is no such model version.
        """
        return access.approve(
            self.stored, model, outcome=outcome, reason=reason, ticket=ticket, acting_as=acting_as
        )

    def decide(
        self,
        kind: str,
        *,
        chosen: Any,
        candidates: Sequence[Any] = (),
        reason: str,
        run: str | None = None,
        acting_as: str | None = None,
    ) -> int:
        """Record what a person chose, among what, and why; give the number of the entry.

        Raises:
            CommandError: The kind or the reason is empty, or the reference is none of a run.
            UsageError: There is no such run.
        """
        return access.decide(
            self.stored,
            kind,
            chosen=chosen,
            candidates=candidates,
            reason=reason,
            run=run,
            acting_as=acting_as,
        )

    def waive(
        self, control: str, subject: str, *, reason: str, expires: str, acting_as: str | None = None
    ) -> int:
        """Accept a failed control until a day, and say why; give the number of the entry.

        Raises:
            CommandError: There is no such control, the day is none, or past, or the reason is empty.
            UnknownReferenceError: Nobody stated that system.
        """
        known = [one.id for one in controls.catalogue().controls]
        if control not in known:
            raise CommandError(f"there is no control {control!r}", f"one of {', '.join(known)}")
        self._check_subject(subject)
        waiver = Waiver(control=control, subject=subject, expires=expires, reason=reason, time=now())
        return access.state(self.stored, waiver, acting_as=acting_as)

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

    def report(
        self,
        model: str,
        path: str | os.PathLike[str],
        *,
        format: str = "html",  # noqa: A002 - the word of the command line
        as_of: int | str | None = None,
        acting_as: str | None = None,
    ) -> Made:
        """Write the dossier of a model version into a file that can be checked offline.

        Args:
            model: `model:NAME@N`.
            path: The file to write.
            format: `html`, or `json` for its twin of the same content.
            as_of: Entry number or time: what was known then.
            acting_as: Who makes it.

        Raises:
            UsageError: There is no such model version, or no such format.
            ReportFileError: The file cannot be written; nothing was recorded.
            MissingRendererError: What renders HTML is not installed.
        """
        from lineproof.reports.make import make_report  # noqa: PLC0415 - only who makes reports pays

        return make_report(self.stored, model, Path(path), format=format, as_of=as_of, acting_as=acting_as)

    def _check_subject(self, subject: str) -> None:
        """See that a waiver's subject is one that results name."""
        with self.stored.connection() as connection:
            stated = [f"system:{name}" for name in Statements(connection, view(connection)).systems()]
        if subject not in (*stated, controls.LEDGER):
            raise UnknownReferenceError(
                f"{subject!r} is no subject of a control; there are {', '.join((*stated, controls.LEDGER))}"
            )

    def record_verification(self, report: store.VerifyReport) -> int:
        """Record what a verification found, as evidence that the record is tested; give the entry."""
        found = {
            "ok": report.ok,
            "checked": report.checked,
            "total": report.total,
            "failures": report.failure_count,
            "log": report.scope.log,
            "tables": report.scope.tables,
        }
        return access.state(
            self.stored,
            Report(
                report=uuid7(),
                kind="verification",
                subject="ledger",
                as_of=report.total - 1,
                outcome=found,
                time=now(),
            ),
        )

    def rotate_key(self, *, reason: str, acting_as: str | None = None) -> store.Rotated:
        """Let a new key sign from now on, handed over to by the old one; see `store.Ledger.rotate_key`."""
        return self.stored.rotate_key(reason, acting_as=acting_as)

    def accept_restored(self, *, reason: str, acting_as: str | None = None) -> int | None:
        """Accept a ledger that was restored on purpose; see `store.Ledger.accept_restored`."""
        return self.stored.accept_restored(reason, acting_as=acting_as)

    def forget_again(self) -> store.Forgotten:
        """Destroy again what a restored backup brought back, as far as the key store or a witness lists it."""
        return store.forget_again(self.stored)

    def add_witness(
        self,
        kind: str,
        location: str | os.PathLike[str],
        *,
        name: str | None = None,
        certificate: str | None = None,
        tokens: str | os.PathLike[str] | None = None,
        reason: str | None = None,
        acting_as: str | None = None,
    ) -> store.KnownWitness:
        """Add somebody outside who keeps checkpoints, and hand over the first; see `store.witness.hand`."""
        from lineproof.store.witness.hand import add_witness  # noqa: PLC0415 - only who has witnesses pays

        return add_witness(
            self.stored,
            kind,
            os.fspath(location),
            name=name,
            certificate=certificate,
            tokens=None if tokens is None else os.fspath(tokens),
            reason=reason,
            acting_as=acting_as,
        )

    def hand_over(
        self, names: Sequence[str] = (), *, acting_as: str | None = None
    ) -> list[tuple[store.KnownWitness, int]]:
        """Hand the present checkpoint to witnesses; see `store.witness.hand.hand_over`."""
        from lineproof.store.witness.hand import hand_over  # noqa: PLC0415 - same

        return hand_over(self.stored, names, acting_as=acting_as)

    def remove_witness(self, name: str, *, reason: str, acting_as: str | None = None) -> int:
        """Record that a witness is not asked any more; see `store.witness.hand.remove_witness`."""
        from lineproof.store.witness.hand import remove_witness  # noqa: PLC0415 - same

        return remove_witness(self.stored, name, reason=reason, acting_as=acting_as)

    def witnesses(self) -> list[store.KnownWitness]:
        """Give the witnesses that the ledger names; what they keep is asked by `ask_witnesses`."""
        with self.stored.snapshot() as connection:
            return store.known_witnesses(connection)

    def ask_witnesses(self, names: Sequence[str] = (), *, at: str | None = None) -> list[store.WitnessAnswer]:
        """Ask witnesses what they keep, and hold the log against it.

        Args:
            names: Of witnesses that the ledger names; all of them when left out.
            at: A file or git repository instead, whether the ledger names it or not: one that was restored
                from a backup may not know its witnesses.

        Raises:
            UnknownReferenceError: There is no witness of such a name.
        """
        with self.stored.snapshot() as connection:
            keys = self.stored.verifier_keys(connection)
            if at is not None:
                return [store.ask_place(connection, keys, at)]
            return store.ask_witnesses(connection, keys, names=names)

    def check(
        self,
        *,
        framework: str | None = None,
        system: str | None = None,
        as_of: int | str | None = None,
        at: str | None = None,
    ) -> controls.Check:
        """Judge controls by what is on record; nothing is written.

        Args:
            framework: `GDPR`, `HIPAA`, `SOX` or `EU_AI_ACT` only.
            system: One system only.
            as_of: Entry number or time: what was known then.
            at: The moment to judge for, by default now: ages and expiries are measured from it.

        Raises:
            UsageError: There is no such framework or system, or a time cannot be read.
        """
        moment = now() if at is None else parse_time(at)
        with self.stored.connection() as connection:
            return controls.evaluate(
                connection, view(connection, as_of=as_of), moment, framework=framework, system=system
            )

    def record_check(self, found: controls.Check) -> tuple[int, ...]:
        """Record each result of a check as an entry; give their numbers.

        Raises:
            StoreError: The ledger cannot be written.
        """
        return controls.record_results(self.stored, found)


def _entry_number(reference: str | int) -> int:
    """Give the number of an entry.

    Raises:
        CommandError: It is neither a number nor `entry:N`.
    """
    text = str(reference).removeprefix("entry:")
    if not text.isdecimal():
        raise CommandError(f"{reference!r} is no entry", "write entry:N")
    return int(text)
