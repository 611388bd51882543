"""How one thing came from another: the value types of lineage."""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["ColumnRef", "EdgeKind", "How", "Origins", "Precision", "RunState"]


class EdgeKind(StrEnum):
    """What an edge says about its target."""

    DIRECT = "DIRECT"  # values flow along it
    INDIRECT = "INDIRECT"  # it decided which rows exist, their order, grouping or branch


class How(StrEnum):
    """How an edge is known."""

    OBSERVED = "observed"  # seen while the program ran
    PLANNED = "planned"  # read from an engine's plan
    DECLARED = "declared"  # a person or a program said so
    STATIC = "static"  # read from source code
    INFERRED = "inferred"  # concluded from what surrounds it


class Precision(StrEnum):
    """How precisely an edge is known. `UNKNOWN` says that more sources may exist."""

    EXACT = "exact"
    SUPERSET = "superset"
    UNKNOWN = "unknown"


class RunState(StrEnum):
    """Where a run stands. `INCOMPLETE`: it ended without saying how (killed, power lost)."""

    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    FAIL = "FAIL"
    ABORT = "ABORT"
    INCOMPLETE = "INCOMPLETE"


class ColumnRef(msgspec.Struct, frozen=True, order=True):
    """A column of a dataset, by its OpenLineage name."""

    dataset: str
    column: str


class Origins(msgspec.Struct, frozen=True):
    """Where the values of one column came from."""

    direct: frozenset[ColumnRef]  # values flow from these
    indirect: frozenset[ColumnRef]  # these decided which rows exist, their order or grouping
    how: How
    precision: Precision
