"""What a comparison needs of a column, small enough to be kept: cells and counts, no rows.

A reference is summarised on its own: its quantiles become the edges of the cells, its seasons and its
inertia are learnt. A current window is summarised *like* a reference: same cells, same seasons taken out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np

from lineproof.data.drift.alignment import Categories, categories
from lineproof.data.drift.dependence import category_inertia, number_inertia
from lineproof.data.drift.kinds import CATEGORY, NUMBER, TIME, coded, kind_of, numbers
from lineproof.data.drift.season import Season, find_season
from lineproof.errors import DriftInputError

__all__ = [
    "VERSION",
    "ColumnSummary",
    "Numbers",
    "TableSummary",
    "load_summary",
    "summarise_column",
]

CELLS = 512
NOT_COUNTED = 0  # as the number of different values
_MANY = 20_000  # rows from which on a grid is quicker than sorting
_GRID = 1 << 16
VERSION: Literal[1] = 1
_MAGIC = b'{"lineproof_drift_summary":'


class Numbers(msgspec.Struct, frozen=True, tag="numbers"):
    """Numbers as rows per cell: cell `i` holds what is above edge `i - 1` and not above edge `i`."""

    edges: list[float]
    counts: list[int]  # one more than edges
    distinct: int  # 0 of a large current window: it is not counted
    minimum: float | None
    maximum: float | None
    mean: float | None  # of the finite values
    deviation: float | None
    inertia: float = 1.0
    season: Season | None = None
    worth: float = 0.0  # of a current window: what the reference is worth at its phases; 0 is all
    ascending: bool = False  # whole numbers, each larger than the one before


class ColumnSummary(msgspec.Struct, frozen=True):
    """A column: how many rows, how many missing, and the cells of the rest."""

    type: str
    kind: str
    rows: int
    missing: int
    missing_inertia: float = 1.0
    cells: Numbers | Categories | None = None
    withheld: bool = False  # it holds personal data, of which no value is kept


class TableSummary(msgspec.Struct, frozen=True):
    """A table, column by column; `order` is its column of time."""

    lineproof_drift_summary: Literal[1]
    name: str
    rows: int
    columns: dict[str, ColumnSummary]
    order: str | None = None


class Clock:
    """The times of the rows, and the order they bring the rows into.

    Args:
        seconds: One number per row, NaN where unknown.
    """

    def __init__(self, seconds: Any) -> None:
        self.seconds = seconds
        self.order = None if bool((np.diff(seconds) >= 0).all()) else np.argsort(seconds, kind="stable")

    def sorted(self, values: Any) -> Any:
        """Give values of the rows in order of time."""
        return values if self.order is None else values[self.order]


def summarise_column(
    values: Any, like: ColumnSummary | None = None, clock: Clock | None = None
) -> ColumnSummary:
    """Summarise a column.

    Args:
        values: A pyarrow chunked array.
        like: The reference's summary of the same column, when this is the current window.
        clock: The times of the rows, where they have any.
    """
    kind = kind_of(values.type)
    rows = len(values)
    if kind in {NUMBER, TIME}:
        return _of_numbers(str(values.type), kind, numbers(values), like, clock)
    if kind == CATEGORY:
        codes, texts = coded(values)
        return _of_codes(_type_name(values.type), codes, texts, like, clock)
    missing = values.null_count
    return ColumnSummary(type=str(values.type), kind=kind, rows=rows, missing=missing)


def _type_name(kind: Any) -> str:
    return str(kind.value_type if hasattr(kind, "value_type") and hasattr(kind, "index_type") else kind)


def _of_numbers(
    name: str, kind: str, values: Any, like: ColumnSummary | None, clock: Clock | None
) -> ColumnSummary:
    model = like.cells if like is not None and isinstance(like.cells, Numbers) else None
    rows = len(values)
    known, inertia, missing_inertia, worth = None, 1.0, 1.0, 0.0
    season = model.season if model else None
    ascending = bool(rows > 1 and (values[1:] > values[:-1]).all() and (values == np.floor(values)).all())
    if clock is not None and kind == NUMBER:
        there = ~np.isnan(values) & ~np.isnan(clock.seconds)
        lost = clock.sorted(~there)
        times, known = clock.sorted(clock.seconds)[~lost], clock.sorted(values)[~lost]
        if like is None:
            season = find_season(times, known)
            missing_inertia = category_inertia(lost.astype(int)) if lost.any() else 1.0
        if season is not None:
            used = season.tuned(times, known) if like is not None and len(times) else season
            known = known - used.expected(times)
            worth = used.worth(times, sum(model.counts)) if model and len(times) else 0.0
        if like is None:
            inertia = number_inertia(known)
    cells = _cells(values if known is None else known, model)
    found = msgspec.structs.replace(cells, inertia=inertia, season=season, worth=worth, ascending=ascending)
    missing = rows - sum(found.counts)
    return ColumnSummary(name, kind, rows, missing, missing_inertia, found)


def _cells(values: Any, model: Numbers | None) -> Numbers:
    if model is not None and len(values) >= _MANY and model.distinct >= len(model.edges):
        return _cells_of_many(values[~np.isnan(values)], np.asarray(model.edges))
    ordered = np.sort(values)  # NaN comes last
    ordered = ordered[: np.searchsorted(ordered, np.nan)]
    edges, distinct = (np.asarray(model.edges), 0) if model else _edges(ordered)
    below = np.searchsorted(ordered, edges, side="right")
    counts = np.diff(np.concatenate([[0], below, [len(ordered)]]))
    finite = ordered[np.searchsorted(ordered, -np.inf, side="right") : np.searchsorted(ordered, np.inf)]
    some = len(finite) > 0
    return Numbers(
        edges=edges.tolist(),
        counts=counts.tolist(),
        distinct=distinct or int((ordered[1:] > ordered[:-1]).sum() + (len(ordered) > 0)),
        minimum=float(finite[0]) if some else None,
        maximum=float(finite[-1]) if some else None,
        mean=float(finite.mean()) if some else None,
        deviation=float(finite.std()) if some else None,
    )


def _cells_of_many(values: Any, edges: Any) -> Numbers:
    """Count rows per cell without sorting them: a grid decides for most, and only next to an edge one looks.

    Values and edges fall onto the grid by the same arithmetic, which keeps their order. So a value on a place
    of the grid without an edge is above all edges on lower places and below all on higher ones.
    """
    inner = edges[np.isfinite(edges)]
    low, high = inner[len(inner) // 100], inner[-1 - len(inner) // 100]
    places, there = _on_grid(values, low, high), _on_grid(edges, low, high)
    on_grid = np.bincount(places, minlength=_GRID)
    near_edge: Any = np.zeros(_GRID, bool)
    near_edge[there] = True
    plain = np.where(near_edge, 0, on_grid)
    cell_of_place = np.searchsorted(there, np.arange(_GRID), side="left")
    counts = np.bincount(cell_of_place, plain, len(edges) + 1).astype(np.int64)
    looked_at = values[near_edge[places]]
    counts += np.bincount(np.searchsorted(edges, looked_at, side="left"), minlength=len(edges) + 1)
    finite = values[np.isfinite(values)] if not np.isfinite(values).all() else values
    some = len(finite) > 0
    return Numbers(
        edges=edges.tolist(),
        counts=counts.tolist(),
        distinct=NOT_COUNTED,
        minimum=float(finite.min()) if some else None,
        maximum=float(finite.max()) if some else None,
        mean=float(finite.mean()) if some else None,
        deviation=float(finite.std()) if some else None,
    )


def _on_grid(values: Any, low: float, high: float) -> Any:
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        places = (values - low) * (_GRID / (high - low))
    return np.nan_to_num(np.clip(places, 0, _GRID - 1)).astype(np.int32)


def _edges(ordered: Any) -> tuple[Any, int]:
    """Give the upper edges of cells: each value where they are few, else quantiles; and the distinct."""
    if not len(ordered):
        return np.zeros(0), 0
    starts = np.concatenate([[True], ordered[1:] > ordered[:-1]])
    distinct = int(starts.sum())
    if distinct <= CELLS:
        edges = ordered[starts]
    else:
        picked = ordered[np.linspace(0, len(ordered) - 1, CELLS).astype(int)]
        frequent = picked[1:][picked[1:] == picked[:-1]]  # these get cells of their own
        edges = np.unique(np.concatenate([picked, np.nextafter(frequent, -np.inf)]))
    with np.errstate(over="ignore"):
        return np.concatenate([[np.nextafter(edges[0], -np.inf)], edges]), distinct


def _of_codes(
    name: str, codes: Any, texts: list[str], like: ColumnSummary | None, clock: Clock | None
) -> ColumnSummary:
    known = codes[codes >= 0]
    counts = np.bincount(known, minlength=len(texts))
    inertia = missing_inertia = 1.0
    if clock is not None and like is None and len(codes):
        ordered = clock.sorted(codes)
        inertia = category_inertia(ordered[ordered >= 0])
        missing_inertia = category_inertia((ordered < 0).astype(int)) if len(known) < len(codes) else 1.0
    used = np.flatnonzero(counts)
    values = [texts[place] for place in used] if len(used) < len(texts) else texts
    cells = categories(values, counts[used], inertia)
    return ColumnSummary(name, CATEGORY, len(codes), len(codes) - len(known), missing_inertia, cells)


def load_summary(path: Path) -> TableSummary | None:
    """Read a summary that was kept.

    Returns:
        Nothing where the file is not a summary.

    Raises:
        DriftInputError: It is one, but of another version or damaged.
    """
    with path.open("rb") as file:
        head = file.read(len(_MAGIC))
    if head != _MAGIC:
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=TableSummary)
    except msgspec.DecodeError as error:
        raise DriftInputError(f"{path} is a damaged summary", "write it again with --keep") from error
