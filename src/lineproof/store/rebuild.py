"""Replaying the log into tables: how `rebuild` makes them, and what `verify` holds them against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

from lineproof.errors import KeyEncryptionKeyError, MissingKeyError, SealError, StoreError
from lineproof.store import schema
from lineproof.store.database import Cursor, Session
from lineproof.store.insert import insert_rows, note_contended
from lineproof.store.project import Rows, project
from lineproof.store.vault.envelope import is_sealed, read_header

__all__ = ["Progress", "Unseal", "rebuild_tables", "replay"]

Progress = Callable[[int, int], None]  # (done, total)
Unseal = Callable[[bytes], bytes]  # what is stored -> what was recorded
Unreadable = Callable[[int, str, StoreError, Rows], None]  # entry, type, why, rows

_PAGE = 500  # entries in memory at a time


def rebuild_tables(cursor: Cursor, unseal: Unseal, progress: Progress | None = None) -> int:
    """Empty the projected tables and replay the log into them. The caller commits the transaction.

    An entry whose person's key is missing projects a line that says so; once the key is back, rebuild again.

    Raises:
        KeyEncryptionKeyError: The key over people's keys is not at hand, so that none of theirs is.

    Returns:
        Number of entries replayed.
    """
    for table in schema.PROJECTED:
        cursor.execute(f"DELETE FROM {table.name}")
    left_out: set[str] = set()
    replayed = replay(cursor.connection, cursor.connection, unseal, _say_unreadable, progress, left_out)
    note_contended(cursor, left_out, afresh=True)
    return replayed


def replay(
    log: Session,
    tables: Session,
    unseal: Unseal,
    unreadable: Unreadable,
    progress: Progress | None = None,
    contended: set[str] | None = None,
) -> int:
    """Project every entry of `log` into `tables`; entries whose payload is destroyed project nothing.

    Args:
        log: Where to read.
        tables: Where to write.
        unseal: Opens payloads that are encrypted for a person.
        unreadable: Called for each that does not open.
        progress: Called with (done, total) entries.
        contended: Takes the tables of which `insert_rows` left rows out.

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
                    _project(seq, type_, body, rows, unseal, unreadable)
            left_out = insert_rows(cursor, rows)
            if contended is not None:
                contended |= left_out
            done += len(page)
            if progress is not None:
                progress(done, total)
    return done


def _project(seq: int, type_: str, body: bytes, rows: Rows, unseal: Unseal, unreadable: Unreadable) -> None:
    if is_sealed(body):
        try:
            rows.add("sealed", seq, read_header(body).ref.hex())
            body = unseal(body)
        except (KeyEncryptionKeyError, MissingKeyError, SealError) as error:
            unreadable(seq, type_, error, rows)
            return
    project(seq, type_, body, rows)


def _say_unreadable(seq: int, type_: str, error: StoreError, rows: Rows) -> None:
    if isinstance(error, KeyEncryptionKeyError):
        raise error
    rows.activity(seq, type_, f"not readable: {error.message}")


def _pages(log: Session) -> Iterator[list[tuple[int, str, bytes | None]]]:
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
