"""Payloads as they may be shown to anybody: values of people, and values that may be, are withheld.

The rule is that of `lineproof explain`: unknown does not count as harmless.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import select

from lineproof.graph.facts import ColumnFacts, Facts
from lineproof.graph.origins import origins_of
from lineproof.graph.said import PERSONAL, tagged
from lineproof.graph.segments import table_of
from lineproof.graph.tags import Tags
from lineproof.model.entries import EntryType, PredictionSegment
from lineproof.model.identity import node_id
from lineproof.store.schema import col, version
from lineproof.store.schema import dataset as dataset_table

__all__ = ["UNSURE", "WITHHELD", "guarded", "withhold"]

WITHHELD = "withheld: personal"
UNSURE = "withheld: not known whether it is personal"
_MOST_COLUMNS = 20_000  # looked at upstream of the features of a segment
_LOST = frozenset({"unknown", "circle", "cut"})
# Facets that describe the values of columns, and where each holds what it says of a column.
_DESCRIBING = {"dataQualityMetrics": "columnMetrics", "lineproof_profile": "columns"}
_VALUES = frozenset(
    {"min", "max", "minimum", "maximum", "quantiles", "top", "top_values", "sample", "sum", "patterns"}
)


def guarded(facts: Facts, type_: str, payload: Any) -> tuple[Any, list[str]]:
    """Give a payload without the values that are withheld, and the names of what they are values of.

    Args:
        facts: Look-ups.
        type_: Type of its entry.
        payload: The payload as JSON.
    """
    if type_ == EntryType.PREDICTION_SEGMENT:
        return _segment(facts, payload)
    if type_ == EntryType.LINEAGE_EVENT and isinstance(payload, dict):
        return _event(facts, payload)
    return payload, []


def _segment(facts: Facts, payload: Any) -> tuple[Any, list[str]]:
    try:
        segment = msgspec.convert(payload, PredictionSegment)
    except msgspec.ValidationError:  # no segment that we can read: then nobody knows what is in it
        return UNSURE, ["payload"]
    if segment.inputs is None:
        return payload, []
    table = {} if not segment.features_from else _columns(facts, table_of(segment.features_from))
    content = segment.model_version
    model = node_id("version", segment.model_namespace, segment.model_name, content or "")
    learnt = {} if content is None else _columns(facts, model)
    known = origins_of(
        facts,
        [one.id for one in (*table.values(), *learnt.values())],
        _MOST_COLUMNS,
        partial(tagged, facts.connection, facts.view),
    )
    reasons: dict[str, str] = {}
    for name in segment.inputs:
        columns = [columns[name].id for columns in (table, learnt) if name in columns]
        if PERSONAL & {tag for one in columns for tag in known.tags(one)}:
            reasons[name] = WITHHELD
        elif name not in table or known.doubts(table[name].id, direct=True) & _LOST:
            reasons[name] = UNSURE
    shown = {name: reasons.get(name, values) for name, values in segment.inputs.items()}
    return {**payload, "inputs": shown}, sorted(reasons)


def _columns(facts: Facts, node: int) -> dict[str, ColumnFacts]:
    return {one.name: one for one in facts.columns_of([node])[node]}


def _event(facts: Facts, payload: dict[str, Any]) -> tuple[Any, list[str]]:
    """Withhold what facets say of the values in columns that carry personal data."""
    if not any(True for _ in _described(payload)):
        return payload, []
    copy = msgspec.json.decode(msgspec.json.encode(payload))
    withheld: set[str] = set()
    for dataset, columns in _described(copy):
        personal = _personal(facts, dataset)
        for name, said in columns.items():
            if name in personal and _blank(said):
                withheld.add(name)
    return copy, sorted(withheld)


def withhold(facets: Mapping[str, Any], personal: Collection[str]) -> None:
    """Withhold, in place, what facets of one dataset say of the values in some of its columns."""
    for name, place in _DESCRIBING.items():
        columns = (facets.get(name) or {}).get(place)
        if isinstance(columns, dict):
            for column in personal:
                _blank(columns.get(column))


def _blank(said: Any) -> bool:
    """Put a mark in place of values; tell whether there were any."""
    found = _VALUES & said.keys() if isinstance(said, dict) else set()
    for key in found:
        said[key] = WITHHELD
    return bool(found)


def _described(payload: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Give each dataset of an event with what a facet of it says of its columns."""
    for side in ("inputs", "outputs", "dataset"):
        spoken = payload.get(side) or ()
        for dataset in [spoken] if isinstance(spoken, dict) else spoken:
            for group in ("facets", "inputFacets", "outputFacets"):
                facets = dataset.get(group) or {}
                for name, place in _DESCRIBING.items():
                    columns = (facets.get(name) or {}).get(place)
                    if isinstance(columns, dict):
                        yield dataset, columns


def _personal(facts: Facts, dataset: Mapping[str, Any]) -> set[str]:
    """Give the columns of a dataset that are personal in any of its versions."""
    query = (
        select(col.c.id, col.c.version, col.c.name)
        .join(version, version.c.id == col.c.version)
        .join(dataset_table, dataset_table.c.id == version.c.dataset)
        .where(
            dataset_table.c.name == str(dataset.get("name")),
            dataset_table.c.namespace == str(dataset.get("namespace")),
        )
    )
    rows = facts.connection.execute(query).all()
    tags = Tags.near(facts, {one for row in rows for one in (row.id, row.version)})
    return {row.name for row in rows if tags.personal(row.id) or tags.personal(row.version)}
