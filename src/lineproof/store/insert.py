"""Writing projected rows: first row of a key wins, identities checked."""

from __future__ import annotations

from operator import itemgetter

from lineproof.store import schema
from lineproof.store.database import Cursor, as_stored, insert, rows_among
from lineproof.store.project.rows import NAMED, Row, Rows, check_name

__all__ = ["contended", "insert_rows", "note_contended"]

_CONTENDED = "contended"  # in `meta`; ledgers of earlier versions do not have it before their next rebuild


# Where the first column of the key stands.
_LEADS = {
    table.name: itemgetter(table.columns.keys().index(next(iter(table.primary_key)).name))
    for table in schema.PROJECTED
}


def insert_rows(cursor: Cursor, rows: Rows) -> set[str]:
    """Insert all rows.

    Returns:
        Tables of which a row was left out because an earlier one has its key; those of nodes are not named.

    Raises:
        NodeCollisionError: A node's id is taken by another name.
    """
    for table, nodes in rows.nodes.items():
        names = ", ".join(schema.metadata.tables[table].columns.keys()[: NAMED[table]])
        for known in rows_among(cursor, f"SELECT {names} FROM {table} WHERE id", list(nodes)):
            check_name(table, known, as_stored(cursor, nodes.pop(known[0])))
        _insert(cursor, table, list(nodes.values()))
    return {table for table, found in rows.others.items() if _insert(cursor, table, found) != len(found)}


def contended(cursor: Cursor) -> set[str] | None:
    """Give the tables of which a row was left out because an earlier one has its key; None when not known."""
    found = cursor.execute("SELECT value FROM meta WHERE key = ?", (_CONTENDED,)).fetchone()
    return None if found is None else set(str(found[0]).split())


def note_contended(cursor: Cursor, tables: set[str], *, afresh: bool = False) -> None:
    """Remember such tables: a row that goes from one of them may have to make place for another.

    Args:
        cursor: In the transaction that inserts the rows.
        tables: What `insert_rows` gave.
        afresh: All of the log has been projected: what was remembered before does not count.
    """
    before = set() if afresh else contended(cursor)
    if afresh or (before is not None and not tables <= before):
        value = " ".join(sorted(tables | (before or set())))
        cursor.execute(
            "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (_CONTENDED, value),
        )


def _insert(cursor: Cursor, table: str, rows: list[Row]) -> int:
    """Insert rows; give how many were new."""
    if not rows:
        return 0
    # In order, so that neighbours go into one page; of equal keys the first stays first.
    rows.sort(key=_LEADS[table])
    return insert(cursor, schema.metadata.tables[table], rows, first_stays=True)
