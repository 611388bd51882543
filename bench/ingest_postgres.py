"""Appending to a ledger in PostgreSQL beside a client that writes the same bytes and rows, ready made.

Both write the same tables with the same indexes to the same server, in the same groups, one durable transaction
each. The client does it in the two ways that PostgreSQL has for many rows: one INSERT of many rows for each
table, and binary COPY. As beside SQLite, what turns an event into rows is timed apart.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path

import psycopg
from ingest import LIMIT, LOG_TABLES, append_all, event, timed
from measure import show

from lineproof.store import Ledger, schema
from lineproof.store.database.address import PostgresAddress
from lineproof.store.database.postgres import PostgresDatabase
from lineproof.store.database.postgres_session import _copy, without_nul
from lineproof.store.migrate import create_tables

Rows = list[tuple[str, list[tuple], int]]  # table, its rows, how many columns it has


def server(*, durable: bool = True):
    """Start the PostgreSQL of the tests."""
    path = Path(__file__).resolve().parents[1] / "tests" / "postgres.py"
    spec = importlib.util.spec_from_file_location("postgres", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Server(durable=durable)


def stored_rows(ledger: Ledger, size: int) -> list[Rows]:
    """Give what a ledger holds, as the rows of each group that made it."""
    groups = []
    with ledger.snapshot() as session:
        (total,) = session.execute("SELECT count(*) FROM entry").fetchone()
        for start in range(2, total, size):
            group = []
            for table in (*LOG_TABLES, *schema.PROJECTED):
                key = "seq" if table in LOG_TABLES else "entry"
                names = ", ".join(table.columns.keys())
                found = session.execute(
                    f"SELECT {names} FROM {table.name} WHERE {key} >= ? AND {key} < ?",
                    (start, min(start + size, total)),
                ).fetchall()
                if found:
                    group.append((table.name, found, len(table.columns)))
            groups.append(group)
    return groups


def write_all(address: str, groups: list[Rows], *, copy: bool) -> tuple[float, float]:
    """Write the same rows by hand."""
    database = PostgresDatabase(PostgresAddress.parse(address))
    with database.engine.begin() as connection:
        create_tables(connection)
    database.close()
    with psycopg.connect(address, autocommit=True) as connection:
        without_nul(connection)
        write = _copy_rows if copy else _insert_rows

        def work() -> None:
            for group in groups:
                with connection.transaction(), connection.cursor() as cursor:
                    for name, rows, columns in group:
                        write(cursor, name, rows, columns)

        return timed(work)


def _copy_rows(cursor: psycopg.Cursor, name: str, rows: list[tuple], _columns: int) -> None:
    statement, kinds = _copy(schema.metadata.tables[name])
    with cursor.copy(statement) as copy:
        copy.set_types(kinds)
        for row in rows:
            copy.write_row(row)


def _insert_rows(cursor: psycopg.Cursor, name: str, rows: list[tuple], columns: int) -> None:
    most = 60_000 // columns  # parameters of one statement
    for start in range(0, len(rows), most):
        piece = rows[start : start + most]
        marks = ", ".join([f"({', '.join(['%s'] * columns)})"] * len(piece))
        cursor.execute(f"INSERT INTO {name} VALUES {marks}", [value for row in piece for value in row])


def measure(running, size: int, count: int, rounds: int) -> None:
    """Print the figures for one size of group."""
    groups = [[event(number) for number in range(at, at + size)] for at in range(0, count, size)]
    beside = {"multi-row INSERT": [], "binary COPY": []}
    rate = []
    with tempfile.TemporaryDirectory(prefix="lineproof-bench-") as place:
        rows = None
        for turn in range(rounds + 1):
            os.environ["LINEPROOF_STORE"] = running.new_schema()
            ledger, ours, mapped = append_all(Path(place) / str(turn) / ".lineproof", groups)
            if rows is None:  # the first round warms up, and shows what is to be written
                rows = stored_rows(ledger, size)
                continue
            ledger.close()
            for way, ratios in beside.items():
                raw = write_all(running.new_schema(), rows, copy=way == "binary COPY")
                ratios.append(raw[0] / (ours[0] - mapped.wall))
            rate.append(count / ours[0])
    del os.environ["LINEPROOF_STORE"]
    for way, ratios in beside.items():
        # Plain COPY can leave out no row that is there already, and checks no name: a floor, not a peer.
        limit = LIMIT if way == "multi-row INSERT" else ""
        show(f"groups of {size}: beside {way}, mapping apart", ratios, "", limit)
    show("entries per second, event mapping included", rate, "1/s")


def main(*, quick: bool = False) -> None:
    """Measure groups of 100 and 1,000."""
    count, rounds = (2_000, 2) if quick else (10_000, 5)
    running = server()
    try:
        for size in (100, 1_000):
            measure(running, size, count, rounds)
    finally:
        running.stop()


if __name__ == "__main__":
    main()
