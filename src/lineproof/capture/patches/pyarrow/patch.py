"""Which functions of pyarrow are hooked, and which rule says where their outcome came from."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.patches.pyarrow import columns, files, making, tables, writers
from lineproof.capture.patches.pyarrow.sharing import recognise
from lineproof.capture.provenance.attachment import attach, carried, detach, table_of
from lineproof.capture.provenance.callsite import called_directly
from lineproof.capture.provenance.table import Table
from lineproof.capture.provenance.unfollowed import Unfollowed

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["PyarrowPatch"]

_READERS = ("RecordBatchReader", "_RecordBatchFileReader")


class PyarrowPatch:
    """Observes pyarrow 15 and later.

    Args:
        library: One of `LIBRARIES`.
    """

    LIBRARIES = (
        "pyarrow",
        "pyarrow.compute",
        "pyarrow.csv",
        "pyarrow.dataset",
        "pyarrow.feather",
        "pyarrow.json",
        "pyarrow.orc",
        "pyarrow.parquet.core",
    )

    def __init__(self, library: str) -> None:
        self.library = library

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the functions of one module."""
        hooks = _Hooks(session)
        match self.library:
            case "pyarrow":
                _core(hooks, module)
            case "pyarrow.compute":
                for name, function in list(vars(module).items()):
                    if inspect.isfunction(function) and name not in columns.NO_COMPUTATION and name[0] != "_":
                        hooks.on(module, name, columns.COMPUTED, method=False)
            case "pyarrow.parquet.core":
                _parquet(hooks, module)
            case "pyarrow.dataset":
                _datasets(hooks, module)
            case _:
                for name, rule in files.FUNCTIONS.items():
                    hooks.on(module, name, rule, method=False)


def _core(hooks: _Hooks, module: ModuleType) -> None:
    library = module.lib
    for kind in (library._Tabular, module.Table, module.RecordBatch):
        hooks.own(kind, tables.ON_TABLES, tables.from_all)
        for name, rule in making.CLASS_METHODS.items():
            if name in vars(kind):
                hooks.on(kind, name, rule, method=isinstance(vars(kind)[name], classmethod), receives=False)
    for kind in (module.Array, module.ChunkedArray):
        hooks.own(kind, columns.ON_COLUMNS, columns.from_all)
    hooks.on(module.StructArray, "field", columns.ON_COLUMNS["field"])
    hooks.on(library._PandasConvertible, "to_pandas", tables.HAND_OVER)
    hooks.on(module.TableGroupBy, "aggregate", tables.AGGREGATED)
    for name, rule in making.FUNCTIONS.items():
        hooks.on(module, name, rule, method=False)
    for name in ("memory_map", "input_stream"):
        hooks.on(module, name, files.NATIVE_FILE, method=False)
    _streams(hooks, module)


def _streams(hooks: _Hooks, module: ModuleType) -> None:
    library = module.lib
    for kind in (library.RecordBatchReader, library._RecordBatchFileReader):
        hooks.some(kind, files.ON_READERS)
    for name in ("open_file", "open_stream"):
        hooks.on(module.ipc, name, files.OPENED, method=False)
    for kind in (module.ipc.RecordBatchFileWriter, module.ipc.RecordBatchStreamWriter):
        hooks.on(kind, "__init__", writers.OPENED, inner=True)
    for name, rule in writers.ON_WRITERS.items():
        if name in vars(library._CRecordBatchWriter):
            hooks.on(library._CRecordBatchWriter, name, rule, inner=True, before=writers.sizes_before)
    for kind in (
        library._CRecordBatchWriter,
        library._RecordBatchStreamWriter,
        library._RecordBatchFileWriter,
    ):
        if "close" in vars(kind):
            hooks.on(kind, "close", writers.CLOSED, inner=True)


def _parquet(hooks: _Hooks, module: ModuleType) -> None:
    package = sys.modules.get(
        "pyarrow.parquet"
    )  # it has the functions under its own name once it is imported
    for name, rule in files.PARQUET.items():
        hooks.on(module, name, rule, method=False)
        if package is not None and name in vars(package):
            hooks.on(package, name, rule, method=False)
    hooks.on(module, "write_to_dataset", writers.DATASET, method=False, before=writers.there_before)
    for kind in (module.ParquetFile, module.ParquetDataset):
        hooks.on(kind, "__init__", files.OPENED_PARQUET)
        hooks.some(kind, files.ON_READERS)
    hooks.session.instrument.replace(module.ParquetFile, "iter_batches", _marking)
    hooks.on(module.ParquetWriter, "__init__", writers.OPENED, inner=True)
    for name, rule in writers.ON_WRITERS.items():
        if name in vars(module.ParquetWriter):
            hooks.on(module.ParquetWriter, name, rule, inner=True)
    hooks.on(module.ParquetWriter, "close", writers.CLOSED, inner=True)


def _datasets(hooks: _Hooks, module: ModuleType) -> None:
    hooks.on(module, "dataset", files.FUNCTIONS["dataset"], method=False)
    hooks.on(module, "parquet_dataset", files.FUNCTIONS["dataset"], method=False)
    hooks.on(module, "write_dataset", writers.DATASET, method=False, before=writers.there_before)
    for kind in (module.Dataset, module.Scanner):
        hooks.some(kind, files.ON_DATASETS)


class _Hooks:
    """Puts rules on functions."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def on(
        self,
        owner: Any,
        attribute: str,
        rule: Rule,
        *,
        method: bool = True,
        receives: bool = True,
        inner: bool = False,
        before: Callable[[Call], Any] | None = None,
    ) -> None:
        """Wrap one attribute.

        Args:
            owner: Module or class.
            attribute: Its name.
            rule: Where its outcome came from.
            method: Its first argument is what it is called on.
            receives: That argument is an object with columns, not a class.
            inner: Calls that pyarrow itself makes count as well.
            before: What else to look at before the call.
        """
        label = "" if isinstance(owner, ModuleType) else f"{owner.__name__}."
        place = owner.__name__ if isinstance(owner, ModuleType) else "pyarrow"
        self.session.instrument.wrap(
            owner,
            attribute,
            name=f"{place}.{label}{attribute}",
            before=before or (_table_before if method and receives else None),
            after=self._after(rule, _itself if method else None, inner=inner),
            light=Unfollowed() if rule is columns.COMPUTED else None,
        )

    def some(self, kind: type, rules: Mapping[str, Rule]) -> None:
        """Wrap those methods that `rules` name and that a class itself has."""
        for name, rule in rules.items():
            if name in vars(kind):
                self.on(kind, name, rule)

    def own(self, kind: type, rules: Mapping[str, Rule], default: Rule) -> None:
        """Wrap what `rules` name on a class itself, and its other public methods by `default`."""
        for name, value in list(vars(kind).items()):
            if name in rules:
                self.on(kind, name, rules[name])
                continue
            bound = isinstance(value, (classmethod, staticmethod))
            if not bound and callable(value) and not name.startswith("_") and name not in tables.UNSEEN:
                self.on(kind, name, default)

    def _after(
        self, rule: Rule, subject: Callable[[Call], Any] | None, *, inner: bool
    ) -> Callable[[Call], None]:
        session = self.session

        def after(call: Call) -> None:
            if not inner and not called_directly():
                return
            recognise(call.args, call.kwargs.values())
            op = Operation(call, session, subject)
            try:
                table = rule(op)
            except Exception:
                detach(op.target)  # what it carries may no longer be true
                raise
            if isinstance(table, Table):
                for part in call.result if isinstance(call.result, list) else (op.target,):
                    attach(part, table)
                op.site.note(table)

        return after


def _itself(call: Call) -> Any:
    return call.args[0]


def _table_before(call: Call) -> Any:
    recognise(call.args[:1], ())
    receiver = call.args[0]
    return table_of(receiver) or carried(receiver)


def _marking(function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """Hand out batches as before, each with the columns of the file."""

    def iter_batches(self: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        for batch in function(self, *args, **kwargs):
            files.mark(self, batch)
            yield batch

    return iter_batches
