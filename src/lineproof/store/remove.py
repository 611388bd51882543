"""Taking back what some entries projected, without replaying the log, where that gives the same tables."""

from __future__ import annotations

from collections.abc import Iterable

from lineproof.store import schema
from lineproof.store.database import Cursor
from lineproof.store.insert import contended
from lineproof.store.project import Rows, project

__all__ = ["remove_projected"]

_SEALED = str(schema.sealed.name)


def remove_projected(cursor: Cursor, entries: Iterable[tuple[int, str, bytes | None]]) -> bool:
    """Remove the rows of entries whose payloads are about to go; the caller rebuilds when this cannot.

    Args:
        cursor: In the transaction that destroys the payloads.
        entries: Number, type and payload as recorded; None for a payload that does not open.

    Returns:
        Whether the rows are gone. If not, nothing was changed.
    """
    # A row that goes may have kept out one of a later entry, which would have to come back. That cannot be
    # where the key of a table holds the entry's number, nor where no row was ever left out of a table.
    # Nodes of the lineage graph are shared by nearly all entries that name them: those are rebuilt.
    left_out = contended(cursor)
    rows = Rows()
    numbers = []
    for seq, type_, payload in entries:
        if payload is None or left_out is None:
            return False
        numbers.append((seq,))
        project(seq, type_, payload, rows)
    if any(rows.nodes.values()):
        return False
    found = {name: there for name, there in rows.others.items() if there}
    if any(name in (left_out or ()) and not _own(name) for name in found):
        return False
    for name, there in found.items():
        _delete(cursor, name, there)
    cursor.executemany(f"DELETE FROM {_SEALED} WHERE entry = ?", numbers)
    return True


def _own(table: str) -> bool:
    """Tell whether no two entries can project one row of a table."""
    return "entry" in schema.metadata.tables[table].primary_key.columns


def _delete(cursor: Cursor, table: str, rows: list[tuple[object, ...]]) -> None:
    described = schema.metadata.tables[table]
    names = described.columns.keys()
    keys = [column.name for column in described.primary_key.columns]
    keys += [] if "entry" in keys else ["entry"]
    places = [names.index(name) for name in keys]
    where = " AND ".join(f"{name} = ?" for name in keys)
    values = [tuple(row[at] for at in places) for row in rows]
    cursor.executemany(f"DELETE FROM {table} WHERE {where}", values)
