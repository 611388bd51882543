"""Which tables a database holds, asked on the program's own connection without disturbing it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, NamedTuple

__all__ = ["DRIVERS", "Held", "held", "place_of"]

DRIVERS = ("sqlite3", "psycopg")  # whose connections say themselves where they lead


class Held(NamedTuple):
    """A table that a database holds.

    Attributes:
        key: What statements call it, in small letters.
        name: Of the dataset.
        columns: Names of its columns.
    """

    key: str
    name: str
    columns: tuple[str, ...]


def place_of(connection: Any) -> tuple[str, str]:
    """Give dialect and place of the database behind a connection of a driver.

    The place of SQLite is the path of its file, empty for a database in memory; else it is a URL.
    """
    if type(connection).__module__.startswith("psycopg"):
        info = connection.info
        return "postgres", f"postgres://{info.host or 'localhost'}:{info.port}"
    rows = _sqlite(connection, "select file from pragma_database_list where name = 'main'")
    return "sqlite", str(rows[0][0] or "")


def held(connection: Any, names: Iterable[str]) -> list[Held]:
    """Give the tables and views among `names`."""
    kind = type(connection).__module__.partition(".")[0]
    if kind == "psycopg":
        return _of_postgres(connection, names)
    if kind == "sqlalchemy":
        return _of_any(connection, names)
    return _of_sqlite(connection, set(names))


def _sqlite(connection: Any, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
    sqlite3: Any = sys.modules["sqlite3"]
    found: list[Any] = sqlite3.Cursor(connection).execute(query, values).fetchall()
    return found


def _of_sqlite(connection: Any, names: set[str]) -> list[Held]:
    found = []
    listed = _sqlite(connection, "select schema, name from pragma_table_list where type != 'shadow'")
    for schema, name in sorted(listed, key=lambda row: row[0] != "main"):
        keys = {name.lower(), f"{schema}.{name}".lower()} & names
        if not keys or name.startswith("sqlite_"):
            continue
        rows = _sqlite(connection, "select name from pragma_table_xinfo(?, ?)", (name, schema))
        whole = name if schema in ("main", "temp") else f"{schema}.{name}"
        found += [Held(key, whole, tuple(row[0] for row in rows)) for key in keys]
    return found


_TABLES = """
select n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid),
       array_agg(a.attname::text order by a.attnum), current_database()
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid
where c.relname = any(%s) and c.relkind in ('r', 'v', 'm', 'f', 'p') and a.attnum > 0 and not a.attisdropped
  and n.nspname not in ('pg_catalog', 'information_schema')
group by 1, 2, 3
"""
_IDLE, _IN_TRANSACTION = 0, 2


def _of_postgres(connection: Any, names: Iterable[str]) -> list[Held]:
    """Ask only where that begins no transaction and meets no failed one."""
    status = int(connection.pgconn.transaction_status)
    if status != _IN_TRANSACTION and not (status == _IDLE and connection.autocommit):
        return []
    psycopg: Any = sys.modules["psycopg"]
    cursor = psycopg.Cursor(connection, row_factory=psycopg.rows.tuple_row)
    rows = cursor.execute(_TABLES, [[name.rpartition(".")[2] for name in names]]).fetchall()
    found = []
    for schema, name, visible, columns, database in rows:
        whole = f"{database}.{schema}.{name}"
        found.append(Held(f"{schema}.{name}".lower(), whole, tuple(columns)))
        if visible:
            found.append(Held(name.lower(), whole, tuple(columns)))
    return found


def _of_any(connection: Any, names: Iterable[str]) -> list[Held]:
    """Ask by way of SQLAlchemy, whatever the engine."""
    inspector = sys.modules["sqlalchemy"].inspect(connection)
    before = ""
    if connection.dialect.name == "postgresql":
        before = f"{connection.engine.url.database}.{inspector.default_schema_name}."
    known = {name.lower(): name for name in (*inspector.get_table_names(), *inspector.get_view_names())}
    found = []
    for key in set(names) & set(known):
        columns = inspector.get_columns(known[key])
        found.append(Held(key, before + known[key], tuple(each["name"] for each in columns)))
    return found
