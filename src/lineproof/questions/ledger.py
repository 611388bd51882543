"""The ledger as its users meet it in Python."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lineproof import access, controls, graph, store
from lineproof.graph.view import parse_time, view
from lineproof.model.identity import now
from lineproof.questions.people import AboutPeople
from lineproof.questions.statements import Stating
from lineproof.questions.trust import Trusted

if TYPE_CHECKING:
    from lineproof.reports.make import Made

__all__ = ["Ledger", "open_ledger"]


def open_ledger(
    location: str | os.PathLike[str] | None = None, *, tell: Callable[[str], object] | None = None
) -> Ledger:
    """Open a ledger.

    Where it is not the one that you saw there last (its end was cut off, a backup restored, another history
    shown), a warning says so; `verify` then fails with both checkpoints. What its witnesses list as destroyed
    is destroyed again first; see `store.meet`.

    Args:
        location: The folder `.lineproof`, or the one that holds it, or the address of a store,
            `postgresql://…`; None for LINEPROOF_STORE, LINEPROOF_HOME or the nearest one upwards from the
            working directory.
        tell: Called with each line of warning, in place of `warnings.warn`.

    Raises:
        NoLedgerError: There is none.
        NewerLedgerError: It was written by a newer lineproof.
        CommandError: The location is the URL of something else.
        ForgettingError: It holds what was destroyed before, and that cannot be destroyed from here.
        StoreError: The store cannot be reached, or refuses the login.
    """
    ledger = Ledger(graph.open_ledger(location).stored)
    for line in store.meet(ledger.stored).lines():
        if tell is None:
            warnings.warn(line, stacklevel=2)
        else:
            tell(line)
    return ledger


class Ledger(Stating, AboutPeople, Trusted):
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
