"""The features of the model: which columns each came from, what those hold, where they are said to come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from lineproof.model.references import Reference
from lineproof.reports.document import Block, Cell, Section, Tone
from lineproof.reports.dossier.lineage import stated_source
from lineproof.reports.dossier.material import Material
from lineproof.reports.dossier.origins import FeatureOrigin, Reach, features_of
from lineproof.reports.dossier.parts import cell, cells, prose, table

__all__ = ["features"]

_MOST_FEATURES = 500  # rows; the caption says how many there are
_MOST_SOURCES = 12  # named beside one feature


def features(about: Material) -> Section:
    """Tell for each feature its sources with their tags."""
    reach = features_of(about.columns)
    names = list(reach.origins)
    if not names:
        words = "The record does not tell the features of this model."
        return Section("features", "Features and their sources", (prose(words, tone=Tone.OPEN),))
    blocks: list[Block] = []
    if not about.columns.complete:
        words = f"Sources go on beyond what is told here: the lineage was cut at {len(about.columns.cut_at)} places."
        blocks.append(prose(words, tone=Tone.OPEN))
    tags, origins = _Tags(about), _Origins(about)
    rows = [_row(name, reach, tags, origins) for name in names[:_MOST_FEATURES]]
    head = ("feature", "tags", "values come from", "rows decided by", "known", "stated source")
    caption = "Features of the model and the columns they came from, over all steps"
    blocks.append(table("features-sources", caption, head, rows, total=len(names)))
    return Section("features", "Features and their sources", tuple(blocks))


def _row(name: str, reach: Reach, tags: _Tags, origins: _Origins) -> tuple[Cell, ...]:
    found = reach.origins[name]
    direct = [one for one in found if one.direct]
    indirect = [one for one in found if not one.direct]
    tagged, entries = tags.of_feature(name)
    return cells(
        cell(name, *reach.entries.get(name, ())),
        cell(", ".join(sorted(tagged)) or "none known", *entries, tone=Tone.BAD if tagged else None),
        _sources(direct, tags),
        _sources(indirect, tags),
        _known(name, direct, reach),
        origins.of([one.source for one in direct]),
    )


def _sources(found: list[FeatureOrigin], tags: _Tags) -> Cell:
    if not found:
        return cell("none recorded")
    words = [f"{one.source}{tags.words(one.source)}" for one in found[:_MOST_SOURCES]]
    if len(found) > _MOST_SOURCES:
        words.append(f"and {len(found) - _MOST_SOURCES} more")
    return cell(", ".join(words), tone=Tone.CODE)


def _known(name: str, direct: list[FeatureOrigin], reach: Reach) -> Cell:
    if name in reach.unknown or not direct:
        return cell("unknown: there may be further sources", tone=Tone.OPEN)
    if not all(one.exact for one in direct):
        return cell("superset: some named may be none", tone=Tone.OPEN)
    return cell("exact")


class _Tags:
    """Tags by the names that traces use."""

    def __init__(self, about: Material) -> None:
        carried = about.tags.carried
        columns = about.facts.columns(carried)
        owners = about.facts.versions({column.version for column in columns.values()})
        self._by_ref = {
            owners[column.version].column_ref(column.name): carried[one] for one, column in columns.items()
        }
        own = about.facts.columns_of([about.model.id])[about.model.id]
        self._features = {column.name: carried.get(column.id, {}) for column in own}
        self._whole = carried.get(about.model.id, {})
        self._direct = about.tags.direct

    def of_feature(self, name: str) -> tuple[Collection[str], list[int]]:
        """Give the tags that reach a feature, and the entries that state them."""
        found = {**self._whole, **self._features.get(name, {})}
        entries = {
            self._direct[origin][tag]
            for tag, origins in found.items()
            for origin in origins
            if tag in self._direct.get(origin, {})
        }
        return found.keys(), sorted(entries)

    def words(self, ref: str) -> str:
        """Give the tags of a column as a suffix to its name."""
        tags = sorted(self._by_ref.get(ref, ()))
        return f" ({', '.join(tags)})" if tags else ""


class _Origins:
    """What people stated about the datasets that columns belong to."""

    def __init__(self, about: Material) -> None:
        self._about = about
        self._versions: dict[tuple[str | None, str, str | None], int] = {}
        for node in about.datasets.nodes:
            if node.content is not None and node.kind == "dataset":
                self._versions[node.namespace, node.name, node.version] = about.node(node)
        self._stated = about.statements.sources(list(self._versions.values()))

    def of(self, columns: list[str]) -> Cell:
        """Give the stated sources of these columns' datasets in one cell."""
        found: dict[str, set[int]] = defaultdict(set)
        for column in columns:
            parsed = Reference.parse(column)
            version = self._versions.get((parsed.namespace, parsed.name, parsed.version))
            one = stated_source(self._stated.get(version or 0))
            found[f"{parsed.name}: {one.text}"].update(one.entries)
        words = sorted(found)
        if not words:
            return cell("not recorded", tone=Tone.OPEN)
        entries = sorted({entry for entries in found.values() for entry in entries})
        return cell("; ".join(words[:_MOST_SOURCES]), *entries)
