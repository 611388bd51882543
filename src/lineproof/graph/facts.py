"""Facts about things in the graph, looked up in batches by their ids.

A `Facts` remembers what it has read, so that a question asks for each thing once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, bindparam, select

from lineproof.graph.among import among
from lineproof.graph.ranks import UNVERSIONED, ranks
from lineproof.graph.view import View
from lineproof.model.openlineage import MODEL_NAMESPACE
from lineproof.model.references import Kind, Reference
from lineproof.store.schema import col, dataset, job, run, run_dataset, version

__all__ = [
    "BATCH",
    "UNREGISTERED",
    "UNVERSIONED",
    "ColumnFacts",
    "Facts",
    "RunFacts",
    "VersionFacts",
    "batches",
    "dataset_ref",
    "plain_facet",
]

_Kept = TypeVar("_Kept")

BATCH = 500  # ids in one query; well below every database's limit of parameters
_LOOKED_UP = 5_000  # the same for look-ups by id, whose cost is partly that of a question
UNREGISTERED = 0  # model version of a prediction whose model was never registered


class VersionFacts(msgspec.Struct, frozen=True):
    """One dataset version.

    Attributes:
        rank: N of `vN`: its place among the distinct contents of the dataset, from 1; None when the
            content is not known.
    """

    id: int
    dataset: int
    namespace: str
    name: str
    type: str | None
    content: str
    entry: int
    time: str | None
    rank: int | None

    @property
    def kind(self) -> Kind:
        """A version of a model is a `model`, anything else a `dataset`."""
        return Kind.MODEL if self.type == "MODEL" else Kind.DATASET

    @property
    def label(self) -> str:
        """The version as references write it: `v3`, or `unversioned`."""
        return UNVERSIONED if self.rank is None else f"v{self.rank}"

    @property
    def ref(self) -> str:
        """The canonical reference, version included."""
        model = self.kind is Kind.MODEL
        return str(
            Reference(
                kind=self.kind,
                namespace=None if model and self.namespace == MODEL_NAMESPACE else self.namespace,
                name=self.name,
                version=str(self.rank) if model and self.rank is not None else self.label,
            )
        )

    def column_ref(self, column: str) -> str:
        """The canonical reference of one of its columns."""
        return str(
            Reference(
                kind=Kind.COLUMN,
                namespace=self.namespace,
                name=self.name,
                column=column,
                version=self.label,
            )
        )


class ColumnFacts(msgspec.Struct, frozen=True):
    """One column of one dataset version."""

    id: int
    version: int
    name: str
    type: str | None
    position: int | None


class RunFacts(msgspec.Struct, frozen=True):
    """One run and the job it executed."""

    id: int
    uuid: str
    namespace: str
    job: str

    @property
    def ref(self) -> str:
        """The canonical reference of the run."""
        return f"run:{self.uuid}"

    @property
    def job_ref(self) -> str:
        """The canonical reference of the job."""
        return str(Reference(kind=Kind.JOB, namespace=self.namespace, name=self.job))


def dataset_ref(namespace: str, name: str, type_: str | None) -> str:
    """Give the canonical reference of a dataset or model without a version."""
    if type_ == "MODEL":
        short = None if namespace == MODEL_NAMESPACE else namespace
        return str(Reference(kind=Kind.MODEL, namespace=short, name=name))
    return str(Reference(kind=Kind.DATASET, namespace=namespace, name=name))


def plain_facet(body: str) -> dict[str, Any]:
    """Give a facet's own fields, without who wrote it and by which schema."""
    fields = msgspec.json.decode(body)
    if not isinstance(
        fields, dict
    ):  # another tool's: the standard asks for an object, and we keep what comes
        return {"value": fields}
    return {name: value for name, value in fields.items() if not name.startswith("_")}


def batches(ids: Iterable[int], size: int = BATCH) -> Iterator[list[int]]:
    """Cut sorted, distinct ids into pieces that one query can take."""
    rest = iter(sorted(set(ids)))
    while piece := list(islice(rest, size)):
        yield piece


_VERSIONS = (
    select(
        version.c.id,
        version.c.dataset,
        dataset.c.namespace,
        dataset.c.name,
        dataset.c.type,
        version.c.content,
        version.c.entry,
        version.c.time,
        version.c.ordinal,
    )
    .join(dataset, dataset.c.id == version.c.dataset)
    .where(among(version.c.id))
)
_COLUMNS = select(col.c.id, col.c.version, col.c.name, col.c.type, col.c.position).where(among(col.c.id))
_COLUMNS_OF = (
    select(col.c.id, col.c.version, col.c.name, col.c.type, col.c.position)
    .where(among(col.c.version), col.c.entry <= bindparam("as_of"))
    .order_by(col.c.version, col.c.position, col.c.name)
)
_RUNS = (
    select(run.c.id, run.c.uuid, job.c.namespace, job.c.name)
    .join(job, job.c.id == run.c.job)
    .where(among(run.c.id))
)
_PRODUCERS = (
    select(run_dataset.c.version, run_dataset.c.run, run_dataset.c.entry)
    .where(
        among(run_dataset.c.version),
        run_dataset.c.direction == "output",
        run_dataset.c.entry <= bindparam("as_of"),
    )
    .order_by(run_dataset.c.version, run_dataset.c.entry, run_dataset.c.run)
)


class Facts:
    """Look-ups over one snapshot, each thing read once."""

    def __init__(self, connection: Connection, seen: View) -> None:
        self.connection = connection
        self.view = seen
        self._versions: dict[int, VersionFacts | None] = {}
        self._columns: dict[int, ColumnFacts | None] = {}
        self._runs: dict[int, RunFacts | None] = {}

    def versions(self, ids: Collection[int]) -> dict[int, VersionFacts]:
        """Give those of the ids that are dataset versions."""
        for piece in batches((one for one in ids if one not in self._versions), _LOOKED_UP):
            self._versions.update(dict.fromkeys(piece))
            rows = self.connection.execute(_VERSIONS, {"ids": piece}).all()
            places = ranks(self.connection, rows)
            for row in rows:
                known: tuple[Any, ...] = (*row[:-1], places.get(row.id))
                self._versions[row.id] = VersionFacts(*known)
        return {one: fact for one in ids if (fact := self._versions[one]) is not None}

    def columns(self, ids: Collection[int]) -> dict[int, ColumnFacts]:
        """Give those of the ids that are columns."""
        return self._lookup(self._columns, ids, _COLUMNS, lambda row: ColumnFacts(*row))

    def runs(self, ids: Collection[int]) -> dict[int, RunFacts]:
        """Give those of the ids that are runs."""
        return self._lookup(self._runs, ids, _RUNS, lambda row: RunFacts(*row))

    def columns_of(self, versions: Collection[int]) -> dict[int, list[ColumnFacts]]:
        """Give the columns of each version, in the order of its schema."""
        found: dict[int, list[ColumnFacts]] = {one: [] for one in versions}
        for piece in batches(versions, _LOOKED_UP):
            for row in self.connection.execute(_COLUMNS_OF, {"ids": piece, "as_of": self.view.as_of}):
                column = ColumnFacts(*row)
                self._columns[column.id] = column
                found[column.version].append(column)
        return found

    def producers(self, versions: Collection[int]) -> dict[int, int]:
        """Give for each version the run that wrote it first, where one did."""
        first: dict[int, int] = {}
        for piece in batches(versions, _LOOKED_UP):
            rows = self.connection.execute(_PRODUCERS, {"ids": piece, "as_of": self.view.as_of})
            for version_id, run_id, _ in rows:
                first.setdefault(version_id, run_id)
        return first

    def _lookup(
        self, known: dict[int, _Kept | None], ids: Collection[int], query: Any, make: Callable[[Any], _Kept]
    ) -> dict[int, _Kept]:
        for piece in batches((one for one in ids if one not in known), _LOOKED_UP):
            known.update(dict.fromkeys(piece))
            for row in self.connection.execute(query, {"ids": piece}):
                known[row[0]] = make(row)
        return {one: fact for one in ids if (fact := known[one]) is not None}
