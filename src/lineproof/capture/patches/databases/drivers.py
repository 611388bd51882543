"""The drivers of SQLite and PostgreSQL, used by the program itself: cursors and what they fetch."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lineproof.capture.digests import own_business
from lineproof.capture.patches.databases import calls
from lineproof.capture.patches.databases import text as texts
from lineproof.capture.patches.databases.alchemy import is_ours
from lineproof.capture.patches.databases.known import Database, database_of, forget
from lineproof.capture.patches.databases.statements import Execution, executed
from lineproof.capture.provenance.attachment import detach, table_of
from lineproof.capture.provenance.resolve import note_result
from lineproof.capture.provenance.unfollowed import Unfollowed

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["PsycopgPatch", "SqliteDriver"]

_FETCHES = ("fetchone", "fetchmany", "fetchall")


class _Driver:
    """What both have in common."""

    library = ""
    values = ""  # keyword of the parameters
    text = ""  # keyword of the statement

    def __init__(self) -> None:
        self._private: set[int] = set()  # connections whose statements the program itself listens to
        self._known: dict[int, Database] = {}  # by identity of connections that were seen to begin
        self._passed: set[tuple[int, Any]] = set()

    def _on(self, owner: Any, name: str, after: Callable[[Call], None], light: Any = None) -> None:
        label = f"{self.library}.{getattr(owner, '__name__', '')}.{name}"
        self._session.instrument.wrap(owner, name, name=label, after=after, light=light)

    def _cursors(self, cursor: type, session: Session) -> None:
        self._session = session
        self._executing(cursor)
        for name in _FETCHES:
            self._on(cursor, name, self._fetched, Unfollowed())

    def _executing(self, owner: type) -> None:
        for name in ("execute", "executemany", "executescript"):
            self._on(owner, name, self._executed, calls.Passed(self._doubted))

    def _database(self, cursor: Any) -> Database | None:
        key = id(cursor.connection)
        if is_ours(cursor) or key in self._private or not calls.is_the_programs():
            return None
        return self._known.get(key) or database_of(self._session, cursor.connection)

    def _text(self, call: Call) -> str:
        given = call.args[1] if len(call.args) > 1 else call.kwargs.get(self.text)
        return self._as_text(given, call.args[0])

    def _as_text(self, given: Any, _: Any) -> str:
        return given if isinstance(given, str) else ""

    def _executed(self, call: Call) -> None:
        cursor = _cursor(call)
        database = self._database(cursor)
        if database is None:
            return
        many = call.name.endswith("many")
        slot: int | str = 1 if len(call.args) > 2 else self.values  # noqa: PLR2004 -- cursor, statement, values
        values = call.args[2] if len(call.args) > 2 else call.kwargs.get(self.values)  # noqa: PLR2004
        labels = [str(each[0]) for each in getattr(cursor, "description", None) or ()]
        execution = Execution(
            database, cursor.connection, labels, lambda: calls.given_to(values, slot, many=many)
        )
        calls.arrived(cursor, executed(execution, self._text(call)))

    def _fetched(self, call: Call) -> None:
        table = table_of(call.args[0])
        if table is not None:
            note_result(table)

    def _doubted(self, call: Call) -> None:
        cursor = _cursor(call)
        if cursor is call.args[0]:
            detach(cursor)
        text = self._text(call)
        key = (id(cursor.connection), text)
        if key in self._passed:
            return
        self._passed.add(key)
        database = self._database(cursor)
        for statement in texts.statements(text) if database is not None else ():
            changed = texts.CHANGES.match(statement)
            if changed is not None and database is not None:
                database.doubt(texts.folded(changed.group(1)))


def _cursor(call: Call) -> Any:
    """Give the cursor that executed: a connection makes one of its own."""
    return call.args[0] if hasattr(call.args[0], "fetchone") else call.result


class SqliteDriver(_Driver):
    """Observes `sqlite3`."""

    library = "sqlite3"
    values = "parameters"
    text = "sql"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap cursors and connections, which execute by a cursor of their own."""
        self._cursors(module.Cursor, session)
        self._executing(module.Connection)
        for name in ("set_trace_callback", "set_authorizer", "set_progress_handler"):
            self._on(module.Connection, name, self._listened)

    def connected(self, connection: Any) -> None:
        """Take note of a connection that begins: it may have the identity of one that has gone."""
        if own_business.now:
            return
        self._private.discard(id(connection))
        forget(self._session, connection)
        self._known[id(connection)] = database_of(self._session, connection)

    def _listened(self, call: Call) -> None:
        """The program hears of each statement: ours would not leave it as it is."""
        self._private.add(id(call.args[0]))
        self._session.gap("statements of a connection that the program listens to were not followed")


class PsycopgPatch(_Driver):
    """Observes psycopg 3."""

    library = "psycopg"
    values = "params"
    text = "query"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap cursors; connections hand on to them."""
        self._cursors(module.Cursor, session)
        for name in ("copy", "stream"):
            self._on(module.Cursor, name, self._executed)
        for name in ("execute", "executemany"):
            self._on(module.AsyncCursor, name, self._begun)

    def _begun(self, _: Call) -> None:
        """What is awaited is not done yet."""
        self._session.gap("statements of asynchronous cursors of psycopg were not followed")

    def _as_text(self, given: Any, cursor: Any) -> str:
        if isinstance(given, bytes):
            return given.decode("utf-8", "replace")
        composed = getattr(given, "as_string", None)
        return given if isinstance(given, str) else composed(cursor) if composed is not None else ""
