"""What is known of a database that the program uses: where it is, its tables, what was done to them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from lineproof.capture import queries
from lineproof.capture.edges import lineage_facet, versioned
from lineproof.capture.patches.databases import catalogues, text
from lineproof.capture.provenance.table import SourceColumn, Table, combined, source_origin
from lineproof.model.lineage import Precision
from lineproof.model.openlineage import DatasetType, Schema, SchemaField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lineproof.capture.session import Session
    from lineproof.model.openlineage import Dataset

__all__ = ["Behind", "Database", "behind", "database_of", "forget"]

_STATEMENTS = (
    2000  # different ones of one database that are followed; a program that makes more makes them in a loop
)


class Database:
    """One database.

    Attributes:
        session: The recording.
        namespace: Of its datasets.
        dialect: As sqlglot calls it.
        tables: Where the columns of its tables come from, by folded name.
        answers: Where the rows of statements that only read come from, by text; of the tables as they are.
    """

    def __init__(self, session: Session, namespace: str, dialect: str) -> None:
        self.session = session
        self.namespace = namespace
        self.dialect = dialect
        self.tables: dict[str, Table] = {}
        self.answers: dict[str, Table] = {}
        self._names: dict[str, str] = {}  # of datasets, by folded name
        self._read: set[str] = set()
        self._done: dict[str, set[Any]] = {}
        self._doubted: set[str] = set()
        self._statements = 0

    def learn(self, connection: Any, names: set[str]) -> None:
        """Find out about tables that statements name and that were there before."""
        fresh = names - self.tables.keys()
        if not fresh:
            return
        for each in catalogues.held(connection, sorted(fresh)):
            self._names[each.key] = each.name
            if each.key in self.tables:
                continue
            self.tables[each.key] = self._source(each.key, each.columns)

    def columns(self, connection: Any, name: str) -> tuple[str, ...] | None:
        """Give the columns that a table has now; None if there is none."""
        for each in catalogues.held(connection, [name]):
            if each.key == name:
                self._names[name] = each.name
                return each.columns
        return None

    def reading(self, statement: str, target: str | None = None) -> dict[str, Table]:
        """Give the tables that a statement names; those that were there before are inputs of the run."""
        names = text.names_in(statement)
        found = {name: self.tables[name] for name in names & self.tables.keys()}
        for name in found.keys() - {target} - self._read:
            self._read.add(name)
            dataset = versioned(self.namespace, self._names.get(name, name), None)
            if any(_of(source, dataset) for source in found[name].flat.direct):
                dataset.facets["schema"] = _schema(found[name])
                dataset.facets["datasetType"] = DatasetType(dataset_type="TABLE")
                self.session.emit("RUNNING", inputs=[dataset])
        return found

    def asked(self, statement: str, tables: Mapping[str, Table], labels: tuple[str, ...]) -> Table:
        """Give where the columns of a query's result come from."""
        if self._too_many():
            everything = combined((each.flat for each in tables.values()), "sql", Precision.UNKNOWN)
            return Table(labels, [everything] * len(labels))
        return queries.asked(self.session, statement, tables, labels, dialect=self.dialect)

    def changed(
        self, name: str, statement: str, tables: Mapping[str, Table], labels: tuple[str, ...], *, fresh: bool
    ) -> None:
        """Follow a statement that makes or changes a table; the same one again changes nothing more.

        Args:
            name: The table, folded.
            statement: The statement, without values.
            tables: What it reads.
            labels: Columns of the table after it.
            fresh: It holds nothing else.
        """
        others = [(key, table.labels, table.origins) for key, table in sorted(tables.items()) if key != name]
        done = repr((statement, others))
        if not fresh and done in self._done.setdefault(name, set()):
            return
        if self._too_many():
            self.doubt(name)
            return
        self._done.setdefault(name, set()).add(done)
        self._set(
            name,
            queries.asked(
                self.session, statement, tables, labels, dialect=self.dialect, made=self.dataset(name)
            ),
        )
        if fresh:
            self._done[name] = {done}

    def stored(self, connection: Any, name: str, labels: Iterable[Any]) -> tuple[str, str]:
        """Take note of a table that another library stored: a source, as a file is that the run wrote.

        Args:
            connection: To ask what it is called.
            name: The table.
            labels: Its columns, as far as that library wrote them.
        """
        key = text.folded(name)
        if self.columns(connection, key) is None:
            self._names.setdefault(key, name)
        before = self.tables.get(key)
        columns = dict.fromkeys((*(() if before is None else before.labels), *map(str, labels)))
        self._set(key, self._source(key, columns))
        self._done.pop(key, None)
        return self.dataset(key)

    def _source(self, key: str, columns: Iterable[Any]) -> Table:
        source = (*self.dataset(key), "unversioned")
        labels = [str(each) for each in columns]
        return Table(labels, [source_origin(SourceColumn(*source, each), "sql") for each in labels])

    def empty(self, name: str, table: Table) -> None:
        """Take note of a table that holds nothing yet, or of one under its new names."""
        self._set(name, table)

    def gone(self, name: str) -> None:
        """Forget a table that was removed."""
        self.tables.pop(name, None)
        self._done.pop(name, None)
        self.answers.clear()

    def doubt(self, name: str) -> None:
        """Take note that a table was changed by something that was not followed."""
        table = self.tables.get(name)
        if table is None or name in self._doubted:
            return
        self._doubted.add(name)
        every = combined(table.origins, "not followed", Precision.UNKNOWN)
        self._set(name, table.but(origins=[every] * len(table.labels)))
        output = versioned(*self.dataset(name), None)
        labels = [str(label) for label in table.labels]
        output.facets["schema"] = _schema(table)
        output.facets["columnLineage"] = lineage_facet(labels, self.tables[name].origins)
        self.session.emit("RUNNING", outputs=[output])

    def dataset(self, name: str) -> tuple[str, str]:
        """Give namespace and name of a table's dataset."""
        return self.namespace, self._names.get(name, name)

    def _set(self, name: str, table: Table) -> None:
        self.tables[name] = table
        self.answers.clear()

    def _too_many(self) -> bool:
        self._statements += 1
        if self._statements == _STATEMENTS:
            self.session.gap(f"statements beyond the first {_STATEMENTS} of one database were not followed")
        return self._statements >= _STATEMENTS


def _of(source: SourceColumn, dataset: Dataset) -> bool:
    return (source.namespace, source.name) == (dataset.namespace, dataset.name)


def _schema(table: Table) -> Schema:
    return Schema(fields=[SchemaField(name=str(label)) for label in table.labels])


_DIALECTS = {"postgresql": "postgres", "mssql": "tsql", "mariadb": "mysql"}
_databases: dict[object, Database] = {}


def database_of(session: Session, connection: Any, engine: Any = None) -> Database:
    """Give what is known of the database behind a connection.

    Args:
        session: The recording.
        connection: Of a driver.
        engine: SQLAlchemy's, where the driver is none that is known here.
    """
    if engine is not None:
        key: object = str(engine.url.render_as_string(hide_password=True))
        name = engine.dialect.name
        place = f"{name}://{engine.url.host or engine.url.database or ''}"
        dialect = _DIALECTS.get(name, name)
    else:
        dialect, place = catalogues.place_of(connection)
        key = place or id(connection)
        if dialect == "postgres":
            key = (place, connection.info.dbname)
        elif place:
            place = f"sqlite://{session.files.name(os.path.realpath(place))}"
    found = _databases.get((id(session), key))
    if found is None:
        found = _databases[id(session), key] = Database(session, place or "sqlite://:memory:", dialect)
    return found


class Behind(NamedTuple):
    """The database behind what a program hands to another library.

    Attributes:
        database: What is known of it.
        connection: To ask it.
    """

    database: Database
    connection: Any


@contextmanager
def behind(session: Session, given: Any) -> Iterator[Behind | None]:
    """Give the database behind a connection, an engine or a session; None for anything else."""
    root = type(given).__module__.partition(".")[0]
    if root in catalogues.DRIVERS:
        yield Behind(database_of(session, given), given)
        return
    if root != "sqlalchemy":
        yield None
        return
    bound = given.get_bind() if hasattr(given, "get_bind") else given
    with ExitStack() as stack:
        connection = bound if hasattr(bound, "exec_driver_sql") else stack.enter_context(bound.connect())
        driver = connection.connection.dbapi_connection
        known = type(driver).__module__.partition(".")[0] in catalogues.DRIVERS
        yield Behind(database_of(session, driver, None if known else connection.engine), connection)


def forget(session: Session, connection: Any) -> None:
    """Forget a database in memory: a new connection may have the identity of an old one."""
    _databases.pop((id(session), id(connection)), None)
