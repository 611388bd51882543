"""The tables half: the log is replayed into a second set of tables, and both are compared row by row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Table, create_engine
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from lineproof.store import schema
from lineproof.store.rebuild import Progress, replay
from lineproof.store.verify.report import Failure, Findings

__all__ = ["check_schema", "check_tables"]

_PAGE = 2000  # rows fetched at a time


def check_tables(
    ledger: sqlite3.Connection, workplace: Path, findings: Findings, progress: Progress | None = None
) -> int:
    """Compare every projected table with what the log says it must hold.

    Args:
        ledger: A snapshot of the ledger.
        workplace: Folder for the second set of tables, as large as the first.
        findings: Where failures go.
        progress: Called with (done, total) entries replayed.

    Returns:
        Number of rows compared.
    """
    with closing(sqlite3.connect(workplace / "replay.db", isolation_level=None)) as replayed:
        replayed.execute("PRAGMA journal_mode=OFF")
        replayed.execute("PRAGMA synchronous=OFF")
        for table in schema.PROJECTED:
            # Without the secondary indexes: nothing is looked up, all is read in key order.
            replayed.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
        replayed.execute("BEGIN")
        replay(ledger, replayed, progress)
        replayed.execute("COMMIT")
        return sum(_compare(table, replayed, ledger, findings) for table in schema.PROJECTED)


def check_schema(ledger: sqlite3.Connection, findings: Findings) -> None:
    """Find tables, views, triggers and indexes that are not ours, and indexes that lie about their table."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        expected = {tuple(row) for row in connection.exec_driver_sql(_OBJECTS)}
    found = {row for row in ledger.execute(_OBJECTS) if row[1] != "alembic_version"}
    for kind, name, text in sorted(expected - found):
        findings.add(Failure(kind="schema", table=name, field=kind, expected=text, found="missing or other"))
    for kind, name, text in sorted(found - expected):
        findings.add(Failure(kind="schema", table=name, field=kind, expected="nothing of ours", found=text))
    for (problem,) in ledger.execute("PRAGMA integrity_check(10)"):
        if problem != "ok":
            findings.add(Failure(kind="schema", field="integrity", expected="ok", found=problem))


_OBJECTS = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def _compare(
    table: Table, replayed: sqlite3.Connection, ledger: sqlite3.Connection, findings: Findings
) -> int:
    """Walk one table of both databases in key order; give the number of rows the log says there are."""
    # Plain text: SQLAlchemy's own string type cannot be written as JSON.
    names = [str(column.name) for column in table.columns]
    keys = [names.index(column.name) for column in table.primary_key.columns]
    should = _Rows(replayed, table, names, keys)
    there = _Rows(ledger, table, names, keys)
    count = 0
    while should.row is not None or there.row is not None:
        if should.row == there.row:
            count += 1
            should.step()
            there.step()
            continue
        order = _order(should.key(), there.key())
        if order == 0:
            _differing(table, names, keys, should.row, there.row, findings)
        elif order < 0:
            findings.add(_whole(table, names, keys, should.row, expected=True))
        else:
            findings.add(_whole(table, names, keys, there.row, expected=False))
        if order <= 0:
            count += 1
            should.step()
        if order >= 0:
            there.step()
    return count


class _Rows:
    """The rows of one table in key order, one at a time. `row` is None at the end."""

    def __init__(
        self, connection: sqlite3.Connection, table: Table, names: list[str], keys: list[int]
    ) -> None:
        order = ", ".join(names[at] for at in keys)
        self._source = self._pages(
            connection, f"SELECT {', '.join(names)} FROM {table.name} ORDER BY {order}"
        )
        self._keys = keys
        self.row: tuple[Any, ...] | None = next(self._source, None)

    def step(self) -> None:
        self.row = next(self._source, None)

    def key(self) -> tuple[Any, ...] | None:
        return None if self.row is None else tuple(self.row[at] for at in self._keys)

    def _pages(self, connection: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
        with closing(connection.execute(query)) as cursor:
            while page := cursor.fetchmany(_PAGE):
                yield from page


def _order(one: tuple[Any, ...] | None, other: tuple[Any, ...] | None) -> int:
    """Compare two keys as SQLite orders them; None is after everything."""
    if one is None or other is None:
        return 0 if one is other else (1 if one is None else -1)
    a, b = [_rank(value) for value in one], [_rank(value) for value in other]
    return (a > b) - (a < b)


def _rank(value: Any) -> tuple[int, Any]:
    # An altered table may hold values of any storage class: NULL, then numbers, text, blobs.
    if value is None:
        return (0, 0)
    if isinstance(value, (int, float)):
        return (1, value)
    return (2, value) if isinstance(value, str) else (3, bytes(value))


def _differing(
    table: Table,
    names: list[str],
    keys: list[int],
    should: tuple[Any, ...] | None,
    there: tuple[Any, ...] | None,
    findings: Findings,
) -> None:
    assert should is not None
    assert there is not None
    for name, expected, found in zip(names, should, there, strict=True):
        if expected != found:
            findings.add(
                Failure(
                    kind="row",
                    entry=_entry_of(names, should),
                    table=str(table.name),
                    key={names[at]: should[at] for at in keys},
                    field=name,
                    expected=expected,
                    found=found,
                )
            )


def _whole(
    table: Table, names: list[str], keys: list[int], row: tuple[Any, ...] | None, *, expected: bool
) -> Failure:
    assert row is not None
    shown = {
        name: repr(value) if isinstance(value, bytes) else value
        for name, value in zip(names, row, strict=True)
    }
    return Failure(
        kind="row",
        entry=_entry_of(names, row) if expected else None,
        table=str(table.name),
        key={names[at]: shown[names[at]] for at in keys},
        expected=shown if expected else None,
        found=None if expected else shown,
    )


def _entry_of(names: list[str], row: tuple[Any, ...]) -> int | None:
    entry = row[names.index("entry")]
    return entry if isinstance(entry, int) else None
