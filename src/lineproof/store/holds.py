"""Legal holds: what may not be destroyed as long as somebody says so, with a reason, in the log."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

import msgspec

from lineproof.errors import HeldError
from lineproof.model.entries import EntryType
from lineproof.model.statements import Hold
from lineproof.store.database import Cursor

__all__ = ["PREDICTIONS", "Holds", "held", "refuse_held"]

PREDICTIONS = "predictions"  # stands for `prediction.segment`, as in retention policies


class Holds:
    """The holds in force at the end of the log.

    Args:
        cursor: On a ledger's database.

    Attributes:
        active: Those that were added and not released, by name.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self.active: dict[str, Hold] = {}
        query = (
            "SELECT body FROM entry JOIN payload USING (seq) WHERE type = ? AND body IS NOT NULL ORDER BY seq"
        )
        for (body,) in cursor.execute(query, (EntryType.HOLD.value,)).fetchall():
            try:
                hold = msgspec.json.decode(body, type=Hold)
            except (msgspec.DecodeError, UnicodeError):
                continue  # kept as received, said nothing that could be read
            self.active.pop(hold.name, None)
            if hold.action == "added":
                self.active[hold.name] = hold

    def of(self, entries: Iterable[int], refs: Collection[str] = ()) -> dict[str, str]:
        """Give what a hold covers of what is about to be destroyed.

        Args:
            entries: Numbers.
            refs: `subject_ref` of people whose keys are about to go, hex.

        Returns:
            `entry:N` or `subject:REF` to the name of the hold.
        """
        found: dict[str, str] = {}
        if not self.active:
            return found
        named = self._by_dataset()
        for ref in refs:
            for hold in self.active.values():
                if hold.everything or ref in hold.subjects:
                    found.setdefault(f"subject:{ref}", hold.name)
        for number in entries:
            name = self._of_entry(number, named)
            if name is not None:
                found[f"entry:{number}"] = name
        return found

    def over_object(self, digest: str) -> str | None:
        """Give the name of a hold that covers an object, or None: for who removes objects that nothing names.

        What a payload under hold names needs no asking: that payload is there and names it.
        """
        return next(
            (one.name for one in self.active.values() if one.everything or digest in one.objects), None
        )

    def _of_entry(self, number: int, named: dict[int, str]) -> str | None:
        row = self._cursor.execute(
            "SELECT type, subject FROM entry LEFT JOIN sealed ON sealed.entry = entry.seq WHERE seq = ?",
            (number,),
        ).fetchone()
        type_, ref = row or (None, None)
        for hold in self.active.values():
            kinds = {
                EntryType.PREDICTION_SEGMENT.value if kind == PREDICTIONS else kind for kind in hold.kinds
            }
            if hold.everything or number in hold.entries or type_ in kinds or ref in hold.subjects:
                return hold.name
        return named.get(number)

    def _by_dataset(self) -> dict[int, str]:
        """Give the entries of all runs that touched a dataset under hold, and of predictions made with it."""
        found: dict[int, str] = {}
        for hold in self.active.values():
            if not hold.datasets:
                continue
            for dataset, name in self._cursor.execute("SELECT id, name FROM dataset").fetchall():
                if any(fnmatchcase(name, pattern) for pattern in hold.datasets):
                    for number in self._touching(dataset):
                        found.setdefault(number, hold.name)
        return found

    def _touching(self, dataset: int) -> set[int]:
        runs = (
            "SELECT run FROM run_dataset JOIN version ON version.id = run_dataset.version "
            "WHERE version.dataset = ?"
        )
        queries = (
            f"SELECT entry FROM run_event WHERE run IN ({runs})",
            "SELECT entry FROM facet WHERE owner IN (SELECT id FROM version WHERE dataset = ?)",
            "SELECT entry FROM prediction WHERE model_version IN (SELECT id FROM version WHERE dataset = ?)",
            "SELECT entry FROM version WHERE dataset = ?",
            "SELECT entry FROM dataset WHERE id = ?",
        )
        return {number for query in queries for (number,) in self._cursor.execute(query, (dataset,))}


def held(cursor: Cursor, entries: Iterable[int], refs: Collection[str] = ()) -> dict[str, str]:
    """Give what a hold covers of these; see `Holds.of`."""
    return Holds(cursor).of(entries, refs)


def refuse_held(cursor: Cursor, entries: Iterable[int], refs: Collection[str] = ()) -> None:
    """See that no hold covers what is about to be destroyed.

    Raises:
        HeldError: One does; the message names it.
    """
    found = held(cursor, entries, refs)
    if found:
        what, name = next(iter(found.items()))
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise HeldError(f"the legal hold {name} covers {what}{more}: nothing was destroyed")
