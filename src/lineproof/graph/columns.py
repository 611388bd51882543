"""One level of the graph between columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import msgspec
from sqlalchemy import select

from lineproof.graph.facts import Facts, batches
from lineproof.graph.hops import Direction, Edges, Hop, Step
from lineproof.model.lineage import Precision
from lineproof.store.schema import facet

__all__ = ["NO_COLUMNS_NAMED", "ColumnHops", "stated_precision"]

NO_COLUMNS_NAMED = "inputs*outputs"  # rule of an edge whose event said nothing of columns
_BY_MODEL = "model"  # rule of an edge from a model to what it made


class ColumnHops:
    """Between columns.

    What counts for a column beside its own edges:

    * edges that concern all columns of its version, such as those of a filter or a join key;
    * where an event named datasets and no columns, does not know a column's sources, or used a model
      whose features nobody knows, the whole datasets: a superset. A whole dataset that comes into
      the answer so is followed as a dataset.

    Attributes:
        unknown: Columns met whose sources the record does not know.
    """

    def __init__(self, facts: Facts, direction: Direction) -> None:
        self.unknown: set[int] = set()
        self._facts = facts
        self._up = direction is Direction.UP
        self._edges = Edges(facts.connection, facts.view, direction)
        self._of_version: dict[int, list[Hop]] = {}
        self._cut_versions: set[int] = set()

    def __call__(self, level: Collection[int], budget: int) -> Step:
        """Give the edges that lead on from columns, and from whole datasets among them."""
        owners = {one: column.version for one, column in self._facts.columns(level).items()}
        whole = set(level) - set(owners)
        own, cut = self._read(owners, whole, budget)
        hops = self._up_from(owners, own) if self._up else self._down_from(owners, own)
        for one in sorted(whole):
            hops += self._between_versions(one)
        cut |= {one for one, owner in owners.items() if owner in self._cut_versions}
        return Step(hops, cut | (self._cut_versions & whole))

    def _read(
        self, owners: dict[int, int], whole: set[int], budget: int
    ) -> tuple[dict[int, list[Hop]], set[int]]:
        """Read the edges of columns, and those of their versions unless they were read before."""
        unread = (set(owners.values()) | whole) - set(self._of_version)
        step = self._edges.read({*owners, *unread}, budget)
        own: dict[int, list[Hop]] = defaultdict(list)
        self._of_version.update((one, []) for one in unread)
        for hop in step.hops:
            near = self._edges.near(hop)
            (own if near in owners else self._of_version)[near].append(hop)
        self._cut_versions |= step.cut & unread
        # Asked for together here: one version at a time they would be a query each.
        self._facts.versions({self._edges.far(hop) for one in unread for hop in self._of_version[one]})
        return own, step.cut & set(owners)

    def _between_versions(self, version: int) -> list[Hop]:
        hops = self._of_version[version]
        far = self._facts.versions({self._edges.far(hop) for hop in hops})
        return [hop for hop in hops if self._edges.far(hop) in far]

    def _up_from(self, owners: dict[int, int], own: dict[int, list[Hop]]) -> list[Hop]:
        versions = {owner: set(self._between_versions(owner)) for owner in set(owners.values())}
        unknown = self._without_known_sources({one: owner for one, owner in owners.items() if one not in own})
        self.unknown |= unknown
        hops: list[Hop] = []
        for one, owner in sorted(owners.items()):
            hops += own.get(one, [])
            for hop in self._of_version[owner]:
                if hop not in versions[owner] or hop.rule == NO_COLUMNS_NAMED:
                    hops.append(hop._replace(target=one))
                elif self._by_a_model_without_features(hop):
                    hops.append(hop._replace(target=one, precision=Precision.SUPERSET))
                elif one in unknown:
                    hops.append(hop._replace(target=one, precision=Precision.UNKNOWN))
        return hops

    def _down_from(self, owners: dict[int, int], own: dict[int, list[Hop]]) -> list[Hop]:
        targets = self._facts.versions({hop.target for found in own.values() for hop in found})
        columns = self._facts.columns_of(targets)
        hops: list[Hop] = []
        for one, owner in sorted(owners.items()):
            for hop in own.get(one, []):
                all_of_it = [column.id for column in columns.get(hop.target, ())] or [hop.target]
                hops += [hop._replace(target=target) for target in all_of_it]
            between = self._between_versions(owner)
            hops += [hop._replace(source=one) for hop in between if hop.rule == NO_COLUMNS_NAMED]
        return hops

    def _by_a_model_without_features(self, hop: Hop) -> bool:
        """A model had its part in it that column lineage could not tell for want of the model's columns."""
        if hop.rule != _BY_MODEL:
            return False
        return not self._facts.columns_of([hop.source])[hop.source]

    def _without_known_sources(self, owners: dict[int, int]) -> set[int]:
        """Give those columns of which the record says, or leaves open, that it does not know the sources."""
        stated = stated_precision(self._facts, set(owners.values()))
        names = self._facts.columns(owners)
        return {
            one
            for one, owner in owners.items()
            if owner in stated and stated[owner].get(names[one].name) in (None, Precision.UNKNOWN)
        }


class _Field(msgspec.Struct):
    precision: str = Precision.EXACT


class _Lineage(msgspec.Struct):
    fields: dict[str, _Field] = {}


def stated_precision(facts: Facts, versions: Iterable[int]) -> dict[int, dict[str, str]]:
    """Give for each version with column lineage which columns that speaks of, and how precisely."""
    stated: dict[int, dict[str, str]] = {}
    for piece in batches(versions):
        query = select(facet.c.owner, facet.c.body).where(
            facet.c.owner.in_(piece), facet.c.name == "columnLineage", facts.view.known(facet)
        )
        for owner, body in facts.connection.execute(query):
            spoken = stated.setdefault(owner, {})
            try:
                fields = msgspec.json.decode(body, type=_Lineage).fields
            except msgspec.DecodeError:
                continue  # another tool's facet of another form: it made no edges, and its columns stay unknown
            spoken.update((name, field.precision) for name, field in fields.items())
    return stated
