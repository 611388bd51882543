"""A ledger to ask questions of: what `lineproof.open()` gives."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from lineproof import store
from lineproof.errors import CommandError
from lineproof.graph.answer import Trace
from lineproof.graph.diff import Diff
from lineproof.graph.diff import diff as difference
from lineproof.graph.explain import Explanation
from lineproof.graph.explain import explain as explanation_of
from lineproof.graph.facts import Facts
from lineproof.graph.history import EventRow
from lineproof.graph.history import events as all_events
from lineproof.graph.hops import Direction
from lineproof.graph.runs import RunRow
from lineproof.graph.runs import runs as all_runs
from lineproof.graph.show import Detail
from lineproof.graph.show import show as details_of
from lineproof.graph.trace import DEFAULT_LIMIT
from lineproof.graph.trace import trace as follow
from lineproof.graph.view import view
from lineproof.model.references import Reference
from lineproof.store.rebuild import Progress

__all__ = ["Ledger", "open_ledger"]

FOLDER = ".lineproof"


def open_ledger(location: str | os.PathLike[str] | None = None) -> Ledger:
    """Open a ledger to read it.

    Args:
        location: The folder `.lineproof`, or the one that holds it, or the address of a store,
            `postgresql://…`; None for LINEPROOF_STORE, LINEPROOF_HOME or the nearest one upwards from the
            working directory.

    Raises:
        NoLedgerError: There is none.
        NewerLedgerError: It was written by a newer lineproof.
        CommandError: The location is the URL of something else.
        StoreError: The store cannot be reached, or refuses the login.
    """
    if location is None:
        return Ledger(store.Ledger.open())
    text = os.fspath(location)
    if store.is_address(text):
        return Ledger(store.Ledger.open(text))
    if "://" in text:
        raise CommandError("this URL is not of a ledger", "give a folder or postgresql://…")
    folder = Path(location)
    return Ledger(store.Ledger.open(folder if folder.name == FOLDER else folder / FOLDER))


class Ledger:
    """Questions to one ledger. Each answer rests on one snapshot of it.

    References are text in the form `kind:name[@version]`. `as_of` (an entry number or a time) asks
    what was known then, `at` (a time) what was true then by event time.

    Args:
        stored: The ledger on disk.
    """

    def __init__(self, stored: store.Ledger) -> None:
        self.stored = stored

    @property
    def folder(self) -> Path:
        """The folder `.lineproof`."""
        return self.stored.folder

    @property
    def id(self) -> str:
        """The ledger's random identifier, which every leaf carries."""
        return self.stored.id

    def trace(
        self,
        reference: str,
        *,
        direction: str = Direction.UP,
        columns: bool = False,
        depth: int | None = None,
        limit: int = DEFAULT_LIMIT,
        as_of: int | str | None = None,
        at: str | None = None,
    ) -> Trace:
        """Follow lineage up to sources or down to what came from something.

        Args:
            reference: A dataset, model, column, run or prediction.
            direction: `up` or `down`.
            columns: Column by column instead of dataset by dataset; a column is always traced so.
            depth: Most edges away; None for no cap.
            limit: Most nodes in the answer.
            as_of: Entry number or time: what was known then.
            at: Time: what was true then.

        Raises:
            UsageError: The reference or a time cannot be read, is not recorded, or is ambiguous.
        """
        parsed = Reference.parse(reference)
        with self.stored.connection() as connection:
            return follow(
                connection,
                parsed,
                view(connection, as_of=as_of, at=at),
                direction=Direction(direction),
                columns=columns,
                depth=depth,
                limit=limit,
            )

    def show(self, reference: str, *, as_of: int | str | None = None, at: str | None = None) -> Detail:
        """Give everything recorded about one thing. Personal values, and what may be, are withheld.

        Raises:
            UsageError: The reference or a time cannot be read, is not recorded, or is ambiguous.
        """
        return self._show(reference, as_of=as_of, at=at, values=False)

    def _show(self, reference: str, *, as_of: int | str | None, at: str | None, values: bool) -> Detail:
        parsed = Reference.parse(reference)
        with self.stored.connection() as connection:
            return details_of(connection, parsed, view(connection, as_of=as_of, at=at), values=values)

    def explain(
        self, reference: str, *, as_of: int | str | None = None, at: str | None = None
    ) -> Explanation:
        """Explain one prediction, back to raw columns; what is not known is listed in `unknown`.

        Values of personal features, and of those that may be personal, are withheld.

        Args:
            reference: `prediction:ID`, or `prediction:MODEL@N/ID` where several models made one.
            as_of: Entry number or time: what was known then.
            at: Time: what was true then.

        Raises:
            UsageError: The reference or a time cannot be read, is not recorded, or is ambiguous.
        """
        return self._explain(reference, as_of=as_of, at=at, values=False)

    def _explain(
        self, reference: str, *, as_of: int | str | None, at: str | None, values: bool
    ) -> Explanation:
        parsed = Reference.parse(reference)
        with self.stored.connection() as connection:
            return explanation_of(connection, parsed, view(connection, as_of=as_of, at=at), values=values)

    def diff(self, a: str, b: str, *, as_of: int | str | None = None, at: str | None = None) -> Diff:
        """Tell what changed between two runs, the runs inside them included; only what differs.

        Args:
            a: `run:ID`, or `model:NAME@N` for the run that trained it.
            b: Another one.
            as_of: Entry number or time: what was known then.
            at: Time: what was true then.

        Raises:
            UsageError: A reference or a time cannot be read, is not recorded, or is ambiguous.
        """
        first, second = Reference.parse(a), Reference.parse(b)
        with self.stored.connection() as connection:
            seen = view(connection, as_of=as_of, at=at)
            return difference(connection, first, second, seen, self.stored.objects.get)

    def log(
        self,
        *,
        limit: int | None = None,
        inner: bool = False,
        as_of: int | str | None = None,
        at: str | None = None,
    ) -> Iterator[RunRow]:
        """Give the runs, newest first; with `inner` also those that happened inside others."""
        with self.stored.connection() as connection:
            yield from all_runs(connection, view(connection, as_of=as_of, at=at), limit=limit, inner=inner)

    def events(
        self,
        *,
        since: int = 0,
        limit: int | None = None,
        as_of: int | str | None = None,
        at: str | None = None,
    ) -> Iterator[EventRow]:
        """Give what happened, entry by entry, oldest first; with `limit` the newest ones only."""
        with self.stored.connection() as connection:
            yield from all_events(connection, view(connection, as_of=as_of, at=at), since=since, limit=limit)

    def names(self, nodes: Collection[int]) -> dict[int, str]:
        """Give the references of those numbers that are nodes of the graph: versions, columns, runs."""
        with self.stored.connection() as connection:
            facts = Facts(connection, view(connection))
            columns = facts.columns(nodes)
            versions = facts.versions({*nodes, *(column.version for column in columns.values())})
            named = {one: version.ref for one, version in versions.items()}
            named |= {one: about.ref for one, about in facts.runs(nodes).items()}
            return named | {
                one: versions[column.version].column_ref(column.name)
                for one, column in columns.items()
                if column.version in versions
            }

    def verify(
        self,
        *,
        scope: store.Scope = store.Scope.ALL,
        since: int | str | None = None,
        progress: Progress | None = None,
    ) -> store.VerifyReport:
        """Check the log and that the tables still say what it says; see `store.Ledger.verify`."""
        return self.stored.verify(scope=scope, since=since, progress=progress)

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make all tables anew from the log; see `store.Ledger.rebuild`."""
        return self.stored.rebuild(progress)

    def export(
        self, into: str | os.PathLike[str], *, payloads: bool = False, progress: Progress | None = None
    ) -> store.Exported:
        """Write the log out as static files that anybody can check; see `store.Ledger.export`."""
        return self.stored.export(Path(into), payloads=payloads, progress=progress)

    def prove(self, entry: int, *, payload: bool = False, cosigned: str | None = None) -> str:
        """Give the text of a `.tlog-proof` file for one entry; see `store.Ledger.prove`."""
        return self.stored.prove(entry, payload=payload, cosigned=cosigned)
