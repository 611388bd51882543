"""Which data the two runs read and fitted on, and how it differs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from msgspec import UNSET

from lineproof.graph.diff.answer import Change, ColumnsDiff, DataChange
from lineproof.graph.diff.side import Comparison, Side
from lineproof.graph.facts import UNVERSIONED, VersionFacts, dataset_ref
from lineproof.graph.runs import facets_of
from lineproof.graph.sizes import rows_of_versions
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind

__all__ = ["data_diff", "without_line"]

_LINE = re.compile(r":\d+/")  # in `train.py:46/fit.X`: a table is the same though it moved in the file

_Pair = tuple[str, VersionFacts | None, VersionFacts | None]


def data_diff(compared: Comparison) -> list[DataChange]:
    """Compare inputs by name, and the tables in memory that fits and predictions used by their place.

    Named data comes first; a table in memory that differs although all inputs are the same tells that
    the code between them does something else, such as another split.
    """
    inputs = [_by_name(compared, side) for side in compared.sides]
    tables = [_in_memory(compared, side) for side in compared.sides]
    pairs = _renamed(_pairs(*inputs)) + [(role, a, b) for role, a, b in _pairs(*tables)]
    _say_unversioned(compared, inputs)
    facts = _About(compared, pairs)
    return [facts.change(*pair) for pair in pairs]


@lru_cache(maxsize=100_000)
def without_line(name: str) -> str:
    """Give the name of a table in memory without the line of the file that it was used in."""
    return _LINE.sub("/", name)


def _by_name(compared: Comparison, side: Side) -> dict[str, list[VersionFacts]]:
    found: dict[str, list[VersionFacts]] = defaultdict(list)
    known = compared.facts.versions(side.read)
    for one in side.read:
        if known[one].namespace != MEMORY_NAMESPACE:
            found[_name(known[one])].append(known[one])
    return found


def _in_memory(compared: Comparison, side: Side) -> dict[str, list[VersionFacts]]:
    found: dict[str, list[VersionFacts]] = defaultdict(list)
    known = compared.facts.versions(side.used)
    for one in side.used:
        about = known[one]
        if about.namespace == MEMORY_NAMESPACE and about.kind is not Kind.MODEL:
            found[without_line(about.name)].append(about)
    return found


def _pairs(a: Mapping[str, list[VersionFacts]], b: Mapping[str, list[VersionFacts]]) -> list[_Pair]:
    """Pair versions of one name in their order, without those that both sides have."""
    pairs: list[_Pair] = []
    for name in sorted({*a, *b}):
        both = {one.id for one in a.get(name, ())} & {one.id for one in b.get(name, ())}
        left, right = ([one for one in side.get(name, ()) if one.id not in both] for side in (a, b))
        pairs += [(name, one, other) for one, other in zip_longest(left, right)]
    return pairs


def _renamed(pairs: list[_Pair]) -> list[_Pair]:
    """Join what only one side has to what only the other has where the content is the same."""
    gone = {a.content: a for _, a, b in pairs if a is not None and b is None and a.content != UNVERSIONED}
    moved = {b.content for _, a, b in pairs if a is None and b is not None} & gone.keys()
    kept: list[_Pair] = []
    for name, a, b in pairs:
        if a is None and b is not None and b.content in moved:
            kept.append((name, gone[b.content], b))
        elif not (b is None and a is not None and a.content in moved):
            kept.append((name, a, b))
    return kept


def _say_unversioned(compared: Comparison, inputs: list[dict[str, list[VersionFacts]]]) -> None:
    names = {
        name for side in inputs for name, versions in side.items() for one in versions if one.rank is None
    }
    compared.unknown += [
        f"whether {name} is the same: its content was not recorded" for name in sorted(names)
    ]


def _name(about: VersionFacts) -> str:
    return dataset_ref(about.namespace, about.name, about.type)


class _About:
    """Rows and columns of the versions that differ, looked up together."""

    def __init__(self, compared: Comparison, pairs: list[_Pair]) -> None:
        ids = {one.id for _, a, b in pairs for one in (a, b) if one is not None}
        self._unknown = compared.unknown
        self._rows = rows_of_versions(compared.facts, ids)
        self._columns = compared.facts.columns_of(ids)
        self._fingerprints = facets_of(compared.facts, ids, "lineproof_fingerprint")

    def change(self, name: str, a: VersionFacts | None, b: VersionFacts | None) -> DataChange:
        """Describe one pair."""
        some = a or b
        assert some is not None
        memory = some.namespace == MEMORY_NAMESPACE
        change = "added" if a is None else "removed" if b is None else "changed"
        if a is not None and b is not None and a.content == b.content:
            change = "renamed"
        if change == "changed":
            self._say_missing(name, a, b)
        return DataChange(
            dataset=name,
            role=name.rpartition("/")[2] if memory else "input",
            change=change,
            a=None if a is None else a.ref,
            b=None if b is None else b.ref,
            a_content=None if a is None else a.content,
            b_content=None if b is None else b.content,
            rows=Change(name="rows", a=self._rows_of(a), b=self._rows_of(b)),
            columns=None if a is None or b is None else self._compared(a, b),
        )

    def _rows_of(self, one: VersionFacts | None) -> Any:
        return UNSET if one is None else self._rows.get(one.id, UNSET)

    def _say_missing(self, name: str, a: VersionFacts | None, b: VersionFacts | None) -> None:
        sides = [one for one in (a, b) if one is not None]
        if any(one.id not in self._rows for one in sides):
            self._unknown.append(f"how many rows of {name} there were: not recorded of both versions")
        if not all(self._columns[one.id] for one in sides):
            self._unknown.append(f"how the columns of {name} differ: not recorded of both versions")

    def _compared(self, a: VersionFacts, b: VersionFacts) -> ColumnsDiff | None:
        before, after = ({one.name: one.type for one in self._columns[side.id]} for side in (a, b))
        if not before or not after:
            return None
        prints = [self._fingerprints.get(side.id, {}).get("columns") for side in (a, b)]
        return ColumnsDiff(
            added=[name for name in after if name not in before],
            removed=[name for name in before if name not in after],
            type_changed=[
                Change(name=name, a=before[name], b=after[name])
                for name in before
                if name in after and before[name] != after[name]
            ],
            content_changed=_content_changed(*prints),
        )


def _content_changed(a: Any, b: Any) -> list[str] | None:
    if not isinstance(a, dict) or not isinstance(b, dict):
        return None
    return [name for name in a if name in b and a[name] != b[name]]
