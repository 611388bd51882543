"""The features of the model: which raw columns each came from, what those hold, what is said of their source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from lineproof.graph.origins import Origin
from lineproof.model.lineage import EdgeKind, Precision
from lineproof.model.openlineage import FILE_NAMESPACE
from lineproof.model.references import Reference
from lineproof.reports.document import Block, Cell, Section, Tone
from lineproof.reports.dossier.lineage import stated_source
from lineproof.reports.dossier.material import Feature, Material
from lineproof.reports.dossier.parts import cell, cells, prose, table

__all__ = ["features"]

_MOST_SOURCES = 24  # named beside one feature


def features(about: Material) -> Section:
    """Tell for each feature its sources with their tags."""
    found = about.features
    if not found.told:
        words = "The record does not tell the features of this model."
        return Section("features", "Features and their sources", (prose(words, tone=Tone.OPEN),))
    blocks: list[Block] = []
    if found.cut:
        words = f"Sources go on beyond what is told here: the lineage was cut at {len(found.cut)} places."
        blocks.append(prose(words, tone=Tone.OPEN))
    sources = _Sources(about)
    rows = [_row(about, feature, sources) for feature in found.told]
    head = ("feature", "tags", "values come from", "rows decided by", "known", "stated source")
    caption = "Features of the model and the columns they came from, over all steps"
    blocks.append(table("features-sources", caption, head, rows, total=found.total))
    return Section("features", "Features and their sources", tuple(blocks))


def _row(about: Material, feature: Feature, sources: _Sources) -> tuple[Cell, ...]:
    direct = [one for one in feature.origins if one.kind == EdgeKind.DIRECT]
    values = {one.ref for one in direct}
    indirect = [one for one in feature.origins if one.kind != EdgeKind.DIRECT and one.ref not in values]
    tagged, entries = _tags(about, feature)
    return cells(
        cell(feature.name, *feature.entries),
        cell(", ".join(sorted(tagged)) or "none known", *entries, tone=Tone.BAD if tagged else None),
        _named(direct),
        _named(indirect),
        _known(feature.origins, direct),
        sources.of(direct),
    )


def _tags(about: Material, feature: Feature) -> tuple[Collection[str], list[int]]:
    """Give the tags that reach a feature, and the entries that state them."""
    carried, direct = about.tags.carried, about.tags.direct
    found = {**carried.get(about.model.id, {}), **carried.get(feature.id, {})}
    entries = {
        direct[origin][tag]
        for tag, origins in found.items()
        for origin in origins
        if tag in direct.get(origin, {})
    }
    return found.keys(), sorted(entries)


def _named(found: list[Origin]) -> Cell:
    """Name columns by their datasets, each dataset once."""
    if not found:
        return cell("none recorded")
    datasets: dict[str, list[str]] = defaultdict(list)
    for one in found[:_MOST_SOURCES]:
        tags = f" ({', '.join(one.tags)})" if one.tags else ""
        datasets[_short(one.dataset)] += [f"{one.name}{tags}"] if one.name else []
    words = [
        f"{dataset}: {', '.join(columns)}" if columns else dataset for dataset, columns in datasets.items()
    ]
    if len(found) > _MOST_SOURCES:
        words.append(f"and {len(found) - _MOST_SOURCES} more columns")
    return cell("; ".join(words), tone=Tone.CODE)


def _short(dataset: str) -> str:
    """Give the name of a dataset version as a person says it."""
    parsed = Reference.parse(dataset)
    space = "" if parsed.namespace in {None, FILE_NAMESPACE} else f"{parsed.namespace}::"
    return f"{space}{parsed.name}@{parsed.version}"


def _known(origins: Collection[Origin], direct: Collection[Origin]) -> Cell:
    if any(one.sources for one in origins):
        return cell("unknown: there may be further sources", tone=Tone.OPEN)
    if not all(one.precision == Precision.EXACT for one in direct):
        return cell("superset: some named may be none", tone=Tone.OPEN)
    return cell("exact" if direct else "exact: of no recorded column")


class _Sources:
    """What people stated about the datasets that columns belong to."""

    def __init__(self, about: Material) -> None:
        self._about = about
        self._nodes = {node.ref: node for node in about.datasets.nodes if node.content is not None}
        self._known: dict[str, Cell] = {}

    def of(self, columns: Collection[Origin]) -> Cell:
        """Give the stated sources of these columns' datasets in one cell."""
        datasets = sorted({one.dataset for one in columns})
        if not datasets:
            return cell("not recorded", tone=Tone.OPEN)
        named = datasets[:_MOST_SOURCES]
        self._look_up([one for one in named if one not in self._known])
        words = [f"{Reference.parse(one).name}: {self._known[one].text}" for one in named]
        if len(datasets) > len(named):
            words.append(f"and {len(datasets) - len(named)} more datasets")
        return cell("; ".join(words), *(entry for one in named for entry in self._known[one].entries))

    def _look_up(self, datasets: list[str]) -> None:
        nodes = {one: self._about.node(self._nodes[one]) for one in datasets if one in self._nodes}
        stated = self._about.statements.sources(list(nodes.values())) if nodes else {}
        self._known.update((one, stated_source(stated.get(nodes.get(one, 0)))) for one in datasets)
