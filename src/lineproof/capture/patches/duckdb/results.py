"""Relations, and what is handed out of a result: frames, arrays, rows, files, tables."""

from __future__ import annotations

from types import FrameType
from typing import TYPE_CHECKING, Any

from lineproof.capture import queries
from lineproof.capture.patches.duckdb import files
from lineproof.capture.patches.duckdb.statements import DIALECT, database_of, tables_in
from lineproof.capture.patches.pandas.io import arrived, sources_of
from lineproof.capture.provenance.attachment import Shape, attach, shape_of, table_of
from lineproof.capture.provenance.resolve import label_list, note_result
from lineproof.capture.provenance.table import Table

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["give", "named", "of_relation", "read", "same", "written"]


def give(result: Any, table: Table) -> None:
    """Say where a result comes from; arrays by column, rows through the source."""
    if isinstance(result, dict):
        for label, array in result.items():
            attach(array, table.column(label, table.get(label) or table.flat))
    elif shape_of(result) in (Shape.FRAME, Shape.TABLE, Shape.PLAN):
        labels = label_list(result)
        if labels != table.labels:
            table = table.but(labels=labels) if len(labels) == len(table.labels) else table
        attach(result, table)
    note_result(table)


def read(session: Session, relation: Any, given: Any, rule: str) -> None:
    """`read_csv(path)`: a relation over files."""
    attach(relation, arrived(session, relation, sources_of(session, given, rule), rule))


def same(relation: Any, frame: Any) -> None:
    """`from_df(frame)`: a relation over a frame of the program."""
    known = table_of(frame)
    if known is not None and len(known.labels) == len(relation.columns):
        attach(relation, Table([str(each) for each in known.labels], known.origins, rows=known.rows))


def of_relation(session: Session, relation: Any, frame: FrameType | None) -> Table | None:
    """Give where a relation comes from: it can say itself which query it stands for."""
    known = table_of(relation)
    if known is not None:
        return known
    try:
        text = relation.sql_query()
    except Exception:
        return None
    database = database_of(session, _connection_of(relation))
    tables = tables_in(database, text, frame)
    table = queries.asked(session, text, tables, relation.columns, dialect=DIALECT)
    attach(relation, table)
    return table


def _connection_of(relation: Any) -> Any:
    found = getattr(relation, "_con", None) or getattr(relation, "connection", None)
    if found is None:
        import duckdb

        found = duckdb.default_connection()
    return found


def written(session: Session, relation: Any, target: Any, frame: FrameType | None) -> None:
    """`relation.to_parquet(path)`."""
    table = of_relation(session, relation, frame)
    if table is not None:
        files.wrote(session, table, target)


def named(session: Session, relation: Any, name: str, frame: FrameType | None) -> None:
    """`relation.create(name)`: a table or view of the database."""
    table = of_relation(session, relation, frame)
    if table is not None:
        database_of(session, _connection_of(relation)).tables[name.lower()] = table
