"""How the columns that two runs wrote, features of models above all, differ in what they come from."""

from __future__ import annotations

from collections.abc import Mapping

from lineproof.graph.diff.answer import FeatureChange
from lineproof.graph.diff.data import without_line
from lineproof.graph.diff.side import Comparison, Side
from lineproof.graph.facts import ColumnFacts, VersionFacts, dataset_ref
from lineproof.graph.origins import Origins, origins_of
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind

__all__ = ["features_diff"]

_Pair = tuple[str, VersionFacts, VersionFacts]


def features_diff(compared: Comparison, limit: int) -> list[FeatureChange]:
    """Compare, by name, the columns of models and datasets that both runs wrote.

    Origins are compared without the versions of their datasets: that a version differs is told of the data.

    Args:
        compared: Both runs.
        limit: Most columns looked at.
    """
    pairs = [pair for pair in _pairs(compared) if pair[1].id != pair[2].id]
    columns = compared.facts.columns_of({one.id for _, a, b in pairs for one in (a, b)})
    origins = origins_of(compared.facts, [column.id for owned in columns.values() for column in owned], limit)
    if origins.cut:
        compared.unknown.append(
            f"all that columns come from: lineage is cut at {len(origins.cut)} places by the cap of {limit}"
        )
    found: list[FeatureChange] = []
    for of, a, b in pairs:
        before, after = ({one.name: one for one in columns[side.id]} for side in (a, b))
        if not before or not after:
            compared.unknown.append(f"the columns of {of}: not recorded of both runs")
            continue
        found += _between(compared, of, before, after, origins)
    return found


def _pairs(compared: Comparison) -> list[_Pair]:
    """Pair what both runs wrote: by name, and one model with one model whatever they are called."""
    a, b = (_written(compared, side) for side in compared.sides)
    pairs = [(name, a[name], b[name]) for name in a if name in b]
    alone = [
        [one for name, one in side.items() if name not in other and one.kind is Kind.MODEL]
        for side, other in ((a, b), (b, a))
    ]
    if len(alone[0]) == len(alone[1]) == 1:
        pairs.append((_name(alone[1][0]), alone[0][0], alone[1][0]))
        return pairs
    for side, models in zip(compared.sides, alone, strict=True):
        compared.unknown += [
            f"the features of {one.ref}: {side.about.ref} alone wrote such a model" for one in models
        ]
    return pairs


def _written(compared: Comparison, side: Side) -> dict[str, VersionFacts]:
    """Give what a run wrote by name, the last version of each; of memory only models, if nothing else."""
    known = compared.facts.versions(side.wrote)
    every = [known[one] for one in side.wrote]
    named = [one for one in every if one.namespace != MEMORY_NAMESPACE]
    if not any(one.kind is Kind.MODEL for one in named):
        named += [one for one in every if one.kind is Kind.MODEL and one.namespace == MEMORY_NAMESPACE]
    return {_name(one): one for one in named}


def _name(about: VersionFacts) -> str:
    return without_line(dataset_ref(about.namespace, about.name, about.type))


def _between(
    compared: Comparison,
    of: str,
    a: Mapping[str, ColumnFacts],
    b: Mapping[str, ColumnFacts],
    origins: Origins,
) -> list[FeatureChange]:
    found, lost = [], []
    for name in dict.fromkeys((*a, *b)):
        sides = [side[name].id for side in (a, b) if name in side]
        if any(origins.doubts(one) & {"unknown", "circle"} for one in sides):
            lost.append(name)
        before, after = (_plain(origins, side.get(name)) for side in (a, b))
        change = "added" if name not in a else "removed" if name not in b else "origins"
        if change != "origins" or before != after:
            found.append(
                FeatureChange(
                    of=of,
                    name=name,
                    change=change,
                    origins_added=sorted(after - before),
                    origins_removed=sorted(before - after),
                )
            )
    if lost:
        compared.unknown.append(f"all that these columns of {of} come from: {', '.join(lost)}")
    return found


def _plain(origins: Origins, column: ColumnFacts | None) -> set[str]:
    return set() if column is None else {without_line(one) for one in origins.plain(column.id)}
