"""The features of a prediction: their raw columns, and their values where they may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from lineproof.graph.explain.answer import Feature
from lineproof.graph.explain.case import Case
from lineproof.graph.facts import ColumnFacts
from lineproof.graph.origins import Origins, origins_of
from lineproof.graph.said import PERSONAL, tagged

__all__ = ["Traced", "trace_features"]

_LISTED = 20_000  # origins that an answer lists in all, over its features
_LOST = frozenset({"unknown", "circle", "cut"})
_FEWEST_LISTED = 10  # that it lists of each feature, however many features there are


class Traced(msgspec.Struct):
    """The features, and where following them was cut off by the cap."""

    features: list[Feature]
    cut_at: list[str]


def trace_features(case: Case, *, values: bool, limit: int) -> Traced:
    """Give the columns that a prediction was computed from.

    A value is withheld when it is known to be personal, and also when nobody knows what it came from:
    unknown does not count as harmless.

    Args:
        case: The prediction.
        values: Show what is withheld otherwise.
        limit: Most columns looked at.
    """
    # 1. Names: of the values that were kept, of the table they came from, of the model's own features.
    # 2. Raw columns: of the table (where this value came from) and of the model (what it learnt from).
    # 3. Say what is not known, and join by name.
    kept = case.kept.input
    table = {} if case.table is None else _columns(case, case.table)
    learnt = {} if case.model is None else _columns(case, case.model.id)
    _say_what_is_missing(case, kept, table, learnt)
    origins = origins_of(
        case.facts,
        [one.id for one in (*table.values(), *learnt.values())],
        limit,
        partial(tagged, case.facts.connection, case.facts.view),
    )
    names = dict.fromkeys((*(kept or ()), *table, *learnt))
    shown = _Shown(origins, values, max(_FEWEST_LISTED, _LISTED // max(1, len(names))))
    features = [
        shown.feature(
            name,
            used=name in learnt if learnt else None,
            value=UNSET if kept is None or name not in kept else kept[name],
            here=table.get(name),
            learnt=learnt.get(name),
        )
        for name in names
    ]
    _say_unknown_origins(case, origins, table, "where these values came from")
    _say_unknown_origins(case, origins, learnt, "what these were learnt from")
    more = [one.name for one in features if one.origins_more or one.trained_on_more]
    if more:
        case.unknown.append(
            f"all columns that these come from: only the first are listed of {', '.join(more)}"
        )
    return Traced(features, origins.cut)


class _Shown:
    """Puts features together under one rule of what may be shown."""

    def __init__(self, origins: Origins, values: bool, most: int) -> None:
        self._origins = origins
        self._values = values
        self._most = most

    def feature(
        self,
        name: str,
        *,
        used: bool | None,
        value: Any | UnsetType,
        here: ColumnFacts | None,
        learnt: ColumnFacts | None,
    ) -> Feature:
        columns = [one.id for one in (here, learnt) if one is not None]
        origins, more = ([], 0) if here is None else self._origins.of(here.id, self._most)
        trained_on, more_trained = ([], 0) if learnt is None else self._origins.of(learnt.id, self._most)
        tags = {tag for one in columns for tag in self._origins.tags(one)}
        withheld = None
        if value is not UNSET and not self._values:
            withheld = self._why_not(tags, here)
        return Feature(
            name=name,
            used=used,
            value=UNSET if withheld else value,
            withheld=withheld,
            tags=sorted(tags),
            origins=origins,
            trained_on=trained_on,
            origins_more=more,
            trained_on_more=more_trained,
        )

    def _why_not(self, tags: set[str], column: ColumnFacts | None) -> str | None:
        personal = sorted(PERSONAL & tags)
        if personal:
            return f"personal: {', '.join(personal)}"
        if column is None or self._origins.doubts(column.id, direct=True) & _LOST:
            return "not known whether it is personal: its origins are not known"
        return None


def _columns(case: Case, version: int) -> dict[str, ColumnFacts]:
    return {one.name: one for one in case.facts.columns_of([version])[version]}


def _say_what_is_missing(
    case: Case, kept: Mapping[str, Any] | None, table: Mapping[str, Any], learnt: Mapping[str, Any]
) -> None:
    if kept is None and case.kept.segment is not None:
        case.unknown.append("the values that went in: the program did not keep its inputs")
    if case.table is None:
        case.unknown.append(
            "which table the values that went in came from: it is not recorded with the prediction"
        )
    if case.model is not None and not learnt:
        case.unknown.append(f"the features of {case.model.ref}: none are recorded")
    absent = sorted(set(learnt) - set(table) - set(kept or ()))
    if absent and (table or kept):
        case.unknown.append(
            f"what stood for features of the model that are not among the inputs: {', '.join(absent)}"
        )


def _say_unknown_origins(case: Case, origins: Origins, columns: Mapping[str, ColumnFacts], what: str) -> None:
    doubts = {name: origins.doubts(one.id) for name, one in columns.items()}
    lost = [name for name, found in doubts.items() if "unknown" in found]
    circles = [name for name, found in doubts.items() if "circle" in found]
    loose = [name for name, found in doubts.items() if "inexact" in found and not found & _LOST]
    if lost:
        case.unknown.append(f"{what}, or all of it: {', '.join(lost)}")
    if circles:
        case.unknown.append(f"{what}: the recorded lineage runs in a circle for {', '.join(circles)}")
    if loose:
        case.unknown.append(
            f"{what}, exactly (more columns are named than may have been used): {', '.join(loose)}"
        )
