"""The tags of the columns of one version, each with who says so or where it was carried from."""

from __future__ import annotations

import msgspec

from lineproof.graph.facts import Facts
from lineproof.graph.said import Said, said
from lineproof.graph.tags import Tags

__all__ = ["CARRIED", "ColumnTag", "column_tags"]

CARRIED = "carried"
_SOURCES = 10  # columns named that a tag was carried from


class ColumnTag(msgspec.Struct, kw_only=True):
    """One tag of a column.

    Attributes:
        state: `found` by the classifier, `declared` by a program, `confirmed` by a person, or `carried`
            here along lineage from the columns in `sources`.
        entry: Entry that says so; None where it was carried.
    """

    tag: str
    state: str
    entry: int | None = None
    sources: list[str] = []


def column_tags(facts: Facts, version: int) -> dict[str, list[ColumnTag]]:
    """Give the tags of each column of a version that has any, by name."""
    columns = facts.columns_of([version])[version]
    asked = [one.id for one in columns]
    tags = Tags.near(facts, [version, *asked])
    words = said(facts.connection, facts.view, asked)
    whole = tags.carried.get(version, {})
    origins = {
        origin
        for one in columns
        for carried in (tags.carried.get(one.id, {}), whole)
        for found in carried.values()
        for origin in sorted(found)[: _SOURCES + 1]
    }
    refs = _refs(facts, origins)
    found: dict[str, list[ColumnTag]] = {}
    for one in columns:
        told = {
            tag: _tag(tag, words.get(one.id, {}).get(tag), sorted(sources), refs)
            for tag, sources in {**whole, **tags.carried.get(one.id, {})}.items()
        }
        if told:
            found[one.name] = [told[tag] for tag in sorted(told)]
    return found


def _tag(tag: str, word: Said | None, sources: list[int], refs: dict[int, str]) -> ColumnTag:
    if word is not None:
        return ColumnTag(tag=tag, state=word.state, entry=word.entry)
    return ColumnTag(tag=tag, state=CARRIED, sources=[refs[one] for one in sources[:_SOURCES] if one in refs])


def _refs(facts: Facts, nodes: set[int]) -> dict[int, str]:
    columns = facts.columns(nodes)
    owners = facts.versions({one.version for one in columns.values()})
    return {node: owners[one.version].column_ref(one.name) for node, one in columns.items()}
