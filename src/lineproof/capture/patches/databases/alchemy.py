"""SQLAlchemy, Core and object-relational: statements of any engine, as they are handed to its driver."""

from __future__ import annotations

import sys
import threading
from functools import partial
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from lineproof.capture import instrument
from lineproof.capture.patches.databases import calls
from lineproof.capture.patches.databases.catalogues import DRIVERS
from lineproof.capture.patches.databases.known import Database, database_of
from lineproof.capture.patches.databases.statements import Execution, executed
from lineproof.capture.patches.databases.text import CHANGES, folded, statements
from lineproof.capture.provenance.site import Site
from lineproof.capture.provenance.table import CONSTANT, Table, combined
from lineproof.capture.provenance.values import Flat
from lineproof.model.lineage import Precision

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["SqlalchemyPatch", "is_ours"]


class _Cursors(threading.local):
    """The cursor whose statement SQLAlchemy is about to execute in this thread."""

    now: Any = None


_cursors = _Cursors()


def is_ours(cursor: Any) -> bool:
    """Whether SQLAlchemy executes by this cursor: its statement is followed there."""
    return cursor is _cursors.now


class SqlalchemyPatch:
    """Observes SQLAlchemy 2."""

    library = "sqlalchemy"

    def install(self, module: ModuleType, session: Session) -> None:
        """Listen to all engines, also those to come."""
        self._session = session
        self._hook = session.instrument.offered("sqlalchemy.execute", calls.Passed(lambda _: None))
        self._passed: set[tuple[int, str]] = set()
        engine: Any = module.Engine
        listeners = (("before_cursor_execute", self._before), ("after_cursor_execute", self._after))
        for name, listener in listeners:
            module.event.listen(engine, name, listener)
            session.instrument.at_undo(partial(module.event.remove, engine, name, listener))

    def _before(self, _: Any, cursor: Any, *__: Any) -> None:
        _cursors.now = cursor

    def _after(
        self, conn: Any, cursor: Any, statement: Any, parameters: Any, context: Any, many: bool
    ) -> None:
        _cursors.now = None
        session = self._session
        if not session.listening or not session.instrument.enabled or instrument.inside():
            return
        if self._hook.is_demoted():
            if (id(conn.engine), statement) not in self._passed:
                self._passed.add((id(conn.engine), statement))
                with self._hook:
                    self._doubt(conn, cursor, statement)
            return
        with self._hook:
            if calls.is_the_programs():
                self._follow(conn, cursor, statement, parameters, context, many=many)

    def _doubt(self, conn: Any, cursor: Any, statement: str) -> None:
        database, _ = self._database(conn, cursor)
        for each in statements(statement):
            changed = CHANGES.match(each)
            if changed is not None:
                database.doubt(folded(changed.group(1)))

    def _database(self, conn: Any, cursor: Any) -> tuple[Database, Any]:
        """Give the database, and the connection to ask it by."""
        driver = getattr(cursor, "connection", None)
        known = type(driver).__module__.partition(".")[0] in DRIVERS
        return database_of(self._session, driver, None if known else conn.engine), driver if known else conn

    def _follow(
        self, conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, *, many: bool
    ) -> None:
        database, connection = self._database(conn, cursor)
        labels = [str(each[0]) for each in cursor.description or ()]
        execution = Execution(
            database,
            connection,
            labels,
            lambda: _given(context, parameters, many=many),
        )
        found = executed(execution, statement)
        if found is not None:
            Site().note_iterated(_as_rows(found, context))


def _names(context: Any, parameters: Any) -> list[str] | None:
    """Give what the source calls each parameter of the statement, in the order of its text."""
    placed = getattr(context.compiled, "positiontup", None)
    return list(placed) if placed is not None else calls.parameters_of(parameters)


def _given(context: Any, parameters: Any, *, many: bool) -> Table | None:
    """Give where bound values come from: those of the call, and those inside the statement's expression."""
    if not parameters or not any(parameters if not isinstance(parameters, dict) else (parameters,)):
        return None
    names = _names(context, parameters) or ["_0"]
    site = Site()
    inside = site.arguments(but=1)
    handed = site.expression(1) or site.expression("parameters") or site.expression("params")
    numbered = getattr(context.compiled, "positiontup", None) is not None
    labels = [f"_{at}" for at in range(len(names))] if numbered else names
    if handed is not None:
        slot = (
            1
            if site.expression(1) is not None
            else "parameters"
            if site.expression("parameters")
            else "params"
        )
        many = many or isinstance(parameters, list)
        found = calls.bound(site.operand_unknown(parameters, slot), names, many=True)
        if found is None:
            return None if inside is CONSTANT else Table(labels, [inside] * len(labels))
        origins = [combined((each, inside), "sql") for each in found.origins]
        return Table(
            labels, origins if len(origins) == len(labels) else [combined(origins, "sql")] * len(labels)
        )
    if (context.isinsert or context.isupdate) and _is_flushing():
        return calls.bound(site.operand_unknown(parameters, "objects"), labels)
    return None if inside is CONSTANT else calls.bound(Flat(inside), labels)


def _is_flushing() -> bool:
    """Whether the statement writes what the program changed in objects, at an earlier line."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__") == "sqlalchemy.orm.unitofwork":
            return True
        frame = frame.f_back
    return False


def _as_rows(table: Table, context: Any) -> Table:
    """Give rows as the program gets them: objects of mapped classes go by names of their attributes."""
    entities = _entities(context)
    if not entities:
        return table.but(records="rows")
    attributes: dict[str, str] = {}
    unseen: list[str] = []
    for mapper in entities:
        for each in mapper.column_attrs:
            column = each.columns[0]
            attributes[str(column.name)] = each.key
            attributes[f"{getattr(column.table, 'name', '')}_{column.name}"] = each.key
        unseen += mapper.relationships.keys()
    labels = [attributes.get(str(label), label) for label in table.labels]
    other = table.flat.at_best(Precision.UNKNOWN)  # objects of other tables, read when they are asked for
    unseen = [each for each in dict.fromkeys(unseen) if each not in labels]
    return table.but(
        labels=[*labels, *unseen], origins=[*table.origins, *[other] * len(unseen)], records="entities"
    )


def _entities(context: Any) -> list[Any]:
    described = getattr(getattr(context.compiled, "statement", None), "column_descriptions", None)
    if not isinstance(described, list):
        return []
    found = [
        each["entity"]
        for each in described
        if each.get("entity") is not None and each["expr"] is each["entity"]
    ]
    return [mapper for each in found if (mapper := getattr(each, "__mapper__", None)) is not None]
