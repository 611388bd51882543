"""The tables half: the log is replayed into a second set of tables, and both are compared row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Table

from lineproof.errors import SealError, StoreError
from lineproof.store import schema
from lineproof.store.database import Database, Session, stream
from lineproof.store.project import Rows
from lineproof.store.rebuild import Progress, Unseal, replay
from lineproof.store.verify.report import Failure, Findings, shown

__all__ = ["check_tables"]

Row = tuple[Any, ...]


def check_tables(
    database: Database, ledger: Session, unseal: Unseal, findings: Findings, progress: Progress | None = None
) -> int:
    """Compare every projected table with what the log says it must hold.

    The second set of tables is temporary and goes with its connection. What an entry projected of which the key
    is missing cannot be compared: that is a failure of its own.

    Args:
        database: Of the ledger.
        ledger: A snapshot of the ledger.
        unseal: Opens payloads that are encrypted for a person.
        findings: Where failures go.
        progress: Called with (done, total) entries replayed.

    Returns:
        Number of rows compared.
    """
    with database.second_tables() as replayed:
        locked: set[int] = set()

        def unreadable(seq: int, _type: str, error: StoreError, _rows: Rows) -> None:
            locked.add(seq)
            kind = "corrupt" if isinstance(error, SealError) else "missing key"
            findings.add(Failure(kind=kind, entry=seq, table="payload", field="body", found=error.message))

        replay(ledger, replayed, unseal, unreadable, progress)
        # Bytes that are no UTF-8 are found by comparing, not by failing to read them.
        database.compare_text(ledger)
        return sum(_Comparison(table, findings, locked).run(replayed, ledger) for table in schema.PROJECTED)


class _Comparison:
    """One table of both databases, walked in key order."""

    def __init__(self, table: Table, findings: Findings, locked: Collection[int]) -> None:
        self._locked = locked  # entries of which nothing can be said
        self._table = str(table.name)  # SQLAlchemy has a text type of its own
        self._names = [str(column.name) for column in table.columns]
        self._keys = [self._names.index(column.name) for column in table.primary_key.columns]
        self._findings = findings

    def run(self, replayed: Session, ledger: Session) -> int:
        """Compare; give the number of rows the log says there are."""
        there = self._rows(ledger)
        found = next(there, None)
        count = 0
        for should in self._rows(replayed):
            count += 1
            while found is not None and found != should and self._order(found) < self._order(should):
                self._surplus(found)
                found = next(there, None)
            if found == should:
                found = next(there, None)
            elif found is not None and self._order(found) == self._order(should):
                self._differing(should, found)
                found = next(there, None)
            else:
                self._fail(should, self._entry_of(should), expected=self._shown(should))
        while found is not None:
            self._surplus(found)
            found = next(there, None)
        return count

    def _rows(self, connection: Session) -> Iterator[Row]:
        order = ", ".join(self._names[at] for at in self._keys)
        query = f"SELECT {', '.join(self._names)} FROM {self._table} ORDER BY {order}"
        return stream(connection, query)

    def _order(self, row: Row) -> list[tuple[int, Any]]:
        """Give the key of a row so that it compares as the database orders it."""
        return [_rank(row[at]) for at in self._keys]

    def _surplus(self, row: Row) -> None:
        if self._entry_of(row) not in self._locked:
            self._fail(row, None, found=self._shown(row))

    def _differing(self, should: Row, found: Row) -> None:
        if self._entry_of(found) in self._locked:
            return  # it came first, and nothing says what it was
        for name, expected, there in zip(self._names, should, found, strict=True):
            if expected != there:
                one, other = shown(expected, there)
                self._fail(should, self._entry_of(should), field=name, expected=one, found=other)

    def _fail(self, row: Row, entry: int | None, **details: Any) -> None:
        key = {self._names[at]: shown(row[at])[0] for at in self._keys}
        self._findings.add(Failure(kind="row", entry=entry, table=self._table, key=key, **details))

    def _entry_of(self, row: Row) -> int | None:
        """Give the entry that a row came from; an altered one may name none."""
        at = self._names.index("destroyed_by" if self._table == schema.tombstone.name else "entry")
        return row[at] if isinstance(row[at], int) else None

    def _shown(self, row: Row) -> dict[str, Any]:
        return {name: shown(value)[0] for name, value in zip(self._names, row, strict=True)}


def _rank(value: Any) -> tuple[int, Any]:
    # An altered table may hold values of any storage class: NULL, then numbers, text, blobs.
    if value is None:
        return (0, 0)
    if isinstance(value, (int, float)):
        return (1, value)
    return (2, value) if isinstance(value, str) else (3, value)
