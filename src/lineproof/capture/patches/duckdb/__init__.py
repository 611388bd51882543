"""DuckDB: queries by their text, relations, files and frames that SQL reads, and what is handed out of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from lineproof.capture import instrument
from lineproof.capture.patches.duckdb import results
from lineproof.capture.patches.duckdb.statements import Database, database_of, executed
from lineproof.capture.provenance.attachment import table_of
from lineproof.capture.provenance.callsite import user_frame

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["DuckdbPatch"]

_QUERIES = ("sql", "query", "execute", "from_query")
_READERS = ("read_csv", "read_parquet", "read_json", "from_csv_auto", "from_parquet")
_FRAMES = ("from_df", "from_arrow")
_RESULTS = (
    "df",
    "fetchdf",
    "fetch_df",
    "to_df",
    "arrow",
    "to_arrow_table",
    "fetch_arrow_table",
    "pl",
    "fetchnumpy",
    "fetchall",
)
_WRITES = ("to_csv", "write_csv", "to_parquet", "write_parquet")
_TABLES = ("create", "to_table", "create_view", "to_view")


class DuckdbPatch:
    """Observes DuckDB 1.1 to 2.x."""

    library = "duckdb"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap connections, relations, and the module's functions for its own connection."""
        self._session = session
        self._module = module
        connection, relation = module.DuckDBPyConnection, module.DuckDBPyRelation
        for owner in (connection, module):
            for name in _QUERIES:
                self._on(owner, name, self._executed, scoped=True)
            for name in _READERS:
                self._on(owner, name, self._read)
            for name in _FRAMES:
                self._on(owner, name, self._taken_over)
            self._on(owner, "register", self._registered)
            for name in ("table", "view"):
                self._on(owner, name, self._named)
            for name in _RESULTS:
                self._on(owner, name, self._handed_out)
        for name in ("cursor", "duplicate"):
            self._on(connection, name, self._shared)
        for name in _RESULTS:
            self._on(relation, name, self._handed_out)
        for name in _WRITES:
            self._on(relation, name, self._written)
        for name in _TABLES:
            self._on(relation, name, self._made)

    def _on(self, owner: Any, name: str, after: Callable[[Call], None], *, scoped: bool = False) -> None:
        label = getattr(owner, "__name__", "duckdb")
        self._session.instrument.wrap(
            owner,
            name,
            name=f"duckdb.{name}" if label == "duckdb" else f"duckdb.{label}.{name}",
            after=after,
            through=_in_scope_of_caller if scoped else None,
        )

    def _connection(self, call: Call) -> tuple[Any, int]:
        """Give the connection of a call, and where its own arguments begin."""
        first = call.args[0] if call.args else None
        if type(first).__name__ == "DuckDBPyConnection":
            return first, 1
        return call.kwargs.get("connection") or self._module.default_connection(), 0

    def _database(self, call: Call) -> Database:
        return database_of(self._session, self._connection(call)[0])

    def _executed(self, call: Call) -> None:
        _, first = self._connection(call)
        text = call.args[first] if len(call.args) > first else call.kwargs.get("query")
        if isinstance(text, str):
            executed(self._database(call), text, call.result, user_frame())

    def _read(self, call: Call) -> None:
        _, first = self._connection(call)
        given = call.args[first] if len(call.args) > first else next(iter(call.kwargs.values()), None)
        results.read(self._session, call.result, given, call.name.rpartition(".")[2])

    def _taken_over(self, call: Call) -> None:
        _, first = self._connection(call)
        if len(call.args) > first:
            results.same(call.result, call.args[first])

    def _registered(self, call: Call) -> None:
        _, first = self._connection(call)
        given = [*call.args[first:], *call.kwargs.values()]
        table = table_of(given[1]) if len(given) > 1 else None
        if table is not None:
            self._database(call).tables[str(given[0]).lower()] = table

    def _named(self, call: Call) -> None:
        _, first = self._connection(call)
        table = self._database(call).table(str(call.args[first]).lower())
        if table is not None:
            results.give(call.result, table)

    def _shared(self, call: Call) -> None:
        self._database(call).share(call.result)

    def _handed_out(self, call: Call) -> None:
        source = call.args[0] if call.args else None
        if type(source).__name__ == "DuckDBPyRelation":
            table = results.of_relation(self._session, source, user_frame())
        else:
            table = self._database(call).last
        if table is not None:
            results.give(call.result, table)

    def _written(self, call: Call) -> None:
        target = call.args[1] if len(call.args) > 1 else next(iter(call.kwargs.values()), None)
        results.written(self._session, call.args[0], target, user_frame())

    def _made(self, call: Call) -> None:
        results.named(self._session, call.args[0], str(call.args[1]), user_frame())


def _in_scope_of_caller(function: Callable[..., Any]) -> Callable[..., Any]:
    """Call as if from the program's own frame: DuckDB looks there for the frames that SQL names."""

    def scoped(*args: Any, **kwargs: Any) -> Any:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_globals is vars(instrument):
            frame = frame.f_back
        if frame is None:
            return function(*args, **kwargs)
        names = {_CALL: partial(function, *args, **kwargs)}
        if frame.f_locals is not frame.f_globals:
            names = {**frame.f_locals, **names}
        try:
            return eval(_CODE, frame.f_globals, names)  # noqa: S307 -- a constant; its frame is what matters
        except BaseException as error:
            raise error.with_traceback(None)  # noqa: B904 -- the frame in between is nobody's

    return scoped


_CALL = "__lineproof_call"
_CODE = compile(f"{_CALL}()", "<duckdb>", "eval")
