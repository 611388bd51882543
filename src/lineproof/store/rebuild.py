"""Replaying the log into tables: how `rebuild` makes them, and what `verify` holds them against."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

from lineproof.store import schema
from lineproof.store.insert import insert_rows
from lineproof.store.project import Rows, project

__all__ = ["Progress", "rebuild_tables", "replay"]

Progress = Callable[[int, int], None]  # (done, total)

_PAGE = 500  # entries in memory at a time


def rebuild_tables(cursor: sqlite3.Cursor, progress: Progress | None = None) -> int:
    """Empty the projected tables and replay the log into them. The caller commits the transaction.

    Returns:
        Number of entries replayed.
    """
    for table in schema.PROJECTED:
        cursor.execute(f"DELETE FROM {table.name}")
    return replay(cursor.connection, cursor.connection, progress)


def replay(log: sqlite3.Connection, tables: sqlite3.Connection, progress: Progress | None = None) -> int:
    """Project every entry of `log` into `tables`; entries whose payload is destroyed project nothing.

    Returns:
        Number of entries replayed.
    """
    (total,) = log.execute("SELECT count(*) FROM entry").fetchone()
    done = 0
    with closing(tables.cursor()) as cursor:
        for page in _pages(log):
            rows = Rows()
            for seq, type_, body in page:
                if isinstance(body, bytes):  # an altered database may hold anything here
                    project(seq, type_, body, rows)
            insert_rows(cursor, rows)
            done += len(page)
            if progress is not None:
                progress(done, total)
    return done


def _pages(log: sqlite3.Connection) -> Iterator[list[tuple[int, str, bytes | None]]]:
    last = -1
    while True:
        page = log.execute(
            "SELECT entry.seq, entry.type, payload.body FROM entry LEFT JOIN payload USING (seq) "
            "WHERE entry.seq > ? ORDER BY entry.seq LIMIT ?",
            (last, _PAGE),
        ).fetchall()
        if not page:
            return
        yield page
        last = page[-1][0]
