"""PySpark: what a job reads and writes, and its column lineage from the analysed plan. No jar is needed.

The plan is read where data leaves Spark's lazy world: at a write, and where a frame becomes one of
pandas. What lies behind RDDs, streams and Spark Connect is not seen, and said to be unknown.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lineproof.capture.columns import UNKNOWN, column_names
from lineproof.capture.edges import lineage_facet, source_datasets, versioned
from lineproof.capture.patches.pyspark.plan import Named, origins_of_plan
from lineproof.capture.provenance.attachment import attach, table_of
from lineproof.capture.provenance.table import ColumnOrigin, Table
from lineproof.model.openlineage import Schema, SchemaField

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["PysparkPatch"]

UNVERSIONED = "unversioned"
_WRITES = ("save", "parquet", "csv", "json", "orc", "text", "saveAsTable", "insertInto")
_LOCAL = ("", "file")


class PysparkPatch:
    """Observes `DataFrameWriter` and `DataFrame.toPandas` of PySpark 3.5 and 4.

    Args:
        library: One of `LIBRARIES`.
    """

    LIBRARIES = (
        "pyspark.sql.dataframe",
        "pyspark.sql.classic.dataframe",
        "pyspark.sql.readwriter",
        "pyspark.sql.session",
    )

    def __init__(self, library: str) -> None:
        self._library = library

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the functions by which data leaves Spark."""
        self._session = session
        wrap = session.instrument.wrap
        if self._library == "pyspark.sql.readwriter":
            for name in _WRITES:
                wrap(module.DataFrameWriter, name, name=f"pyspark.DataFrameWriter.{name}", after=self._wrote)
        elif self._library == "pyspark.sql.session":
            wrap(
                module.SparkSession,
                "createDataFrame",
                name="pyspark.SparkSession.createDataFrame",
                after=self._taken_over,
            )
        else:
            wrap(module.DataFrame, "toPandas", name="pyspark.DataFrame.toPandas", after=self._handed_over)

    def _handed_over(self, call: Call) -> None:
        columns = _columns(self._session, call.args[0])
        attach(call.result, Table([name for name, _ in columns], [origin for _, origin in columns]))

    def _taken_over(self, call: Call) -> None:
        """A frame of the program becomes one of Spark, column by column."""
        data = call.args[1] if len(call.args) > 1 else call.kwargs.get("data")
        table = table_of(data)
        if table is None:
            return
        for leaf in _each(call.result._jdf.queryExecution().analyzed().collectLeaves()):
            _handed[_first(leaf)] = list(table.origins)

    def _wrote(self, call: Call) -> None:
        writer = call.args[0]
        given = call.args[1] if len(call.args) > 1 else call.kwargs.get("path", call.kwargs.get("name"))
        frame = writer._df
        table = call.name.endswith(("saveAsTable", "insertInto"))
        target = (
            ("spark", str(given), UNVERSIONED) if table else _place(self._session, str(given), wrote=True)
        )
        columns = _columns(self._session, frame)
        names = column_names(name for name, _ in columns)
        origins = [origin for _, origin in columns]
        output = versioned(*target)
        types = dict(frame.dtypes)
        output.facets["schema"] = Schema(
            fields=[SchemaField(name=name, type=types.get(name, "")) for name in names]
        )
        output.facets["columnLineage"] = lineage_facet(names, origins)
        self._session.emit("RUNNING", inputs=source_datasets(origins), outputs=[output])


def _columns(session: Session, frame: Any) -> list[tuple[str, ColumnOrigin]]:
    """Give name and origin of each column of a Spark frame."""
    names = list(frame.columns)
    plan = frame._jdf.queryExecution().analyzed()
    found = origins_of_plan(json.loads(plan.toJSON()), _sources(session, plan))
    if [name for name, _ in found] == names:
        return found
    session.gap("a plan of Spark gave other columns than its frame: their sources are unknown")
    return [(name, UNKNOWN) for name in names]


_handed: dict[int, list[ColumnOrigin]] = {}  # frames of the program, by their first attribute


def _first(leaf: Any) -> int:
    """Give the number of a leaf's first attribute; -1 where it has none."""
    output = leaf.output()
    return int(output.apply(0).exprId().id()) if output.size() else -1


def _sources(session: Session, plan: Any) -> dict[int, Named | list[ColumnOrigin]]:
    """Give what each relation of a plan reads, by the number of its first attribute."""
    found: dict[int, Named | list[ColumnOrigin]] = {}
    for part in (plan, *_each(plan.subqueriesAll())):
        for leaf in _each(part.collectLeaves()):
            first = _first(leaf)
            source = _handed.get(first) or _read(session, leaf)
            if source is not None:
                found[first] = source
    return found


def _read(session: Session, leaf: Any) -> Named | None:
    """Name what a leaf of the plan reads; None for what only lives in memory."""
    kind = leaf.getClass().getSimpleName()
    if kind == "HiveTableRelation":
        return "spark", str(leaf.tableMeta().identifier().unquotedString()), UNVERSIONED
    if kind != "LogicalRelation":
        return None
    table = leaf.catalogTable()
    if table.isDefined():
        return "spark", str(table.get().identifier().unquotedString()), UNVERSIONED
    relation = leaf.relation()
    if relation.getClass().getSimpleName() != "HadoopFsRelation":
        return "spark", str(relation.getClass().getSimpleName()), UNVERSIONED
    paths = [str(path.toString()) for path in _each(relation.location().rootPaths())]
    return _place(session, paths[0]) if len(paths) == 1 else _place(session, os.path.commonpath(paths))


def _each(sequence: Any) -> list[Any]:
    return [sequence.apply(at) for at in range(sequence.size())]


def _place(session: Session, path: str, *, wrote: bool = False) -> Named:
    """Name a place and its content: a file by its digest, a local folder by those of all its data files."""
    parts = urlsplit(path)
    if parts.scheme not in _LOCAL:
        return f"{parts.scheme}://{parts.netloc}", parts.path.lstrip("/"), UNVERSIONED
    local = Path(parts.path)
    version_of = session.files.written if wrote else session.files.read
    if not local.is_dir():
        file = version_of(str(local))
        return (file.namespace, file.name, file.digest) if file else ("file", str(local), UNVERSIONED)
    files = [version_of(str(one)) for one in sorted(local.rglob("*")) if _is_data(one.relative_to(local))]
    kept = [file for file in files if file is not None]
    name = session.files.name(str(local))
    if not kept:
        return "file", name, UNVERSIONED
    # Names of parts are random: the folder's content is the set of the contents of its files.
    digest = hashlib.sha256("\n".join(sorted(file.digest for file in kept)).encode()).hexdigest()
    return "file", name, f"files0:{digest}"


def _is_data(path: Path) -> bool:
    return path.suffix != ".crc" and not any(part.startswith(("_", ".")) for part in path.parts)
