"""What a model dossier is made from: everything it needs is read here, once."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from lineproof.controls import Check, evaluate
from lineproof.errors import CommandError
from lineproof.graph import Trace, View, trace
from lineproof.graph.answer import Node
from lineproof.graph.facts import Facts, VersionFacts
from lineproof.graph.hops import Direction, Edges
from lineproof.graph.origins import Origin, origins_of
from lineproof.graph.resolve import Found, resolve
from lineproof.graph.show import DatasetDetail, RunDetail
from lineproof.graph.show.dataset import show_dataset
from lineproof.graph.show.run import show_run
from lineproof.graph.statements import Statements
from lineproof.graph.tags import Tags
from lineproof.model.references import Kind, Reference
from lineproof.store.project.rows import version_node
from lineproof.store.schema import facet, principal, run_parent, tombstone

__all__ = ["MOST_FEATURES", "MOST_NODES", "Feature", "Features", "Material", "Who"]

MOST_NODES = 50_000  # of lineage that a dossier follows
MOST_FEATURES = 500
_LEAST_FEATURES = 20
_MOST_STEPS = 2_000_000  # edges looked at for all features together


class Who(msgspec.Struct, frozen=True):
    """A principal, as far as the record tells."""

    name: str
    asserted: bool
    entries: tuple[int, ...]

    def __str__(self) -> str:
        """Name the principal, and say when nobody has proved who it is."""
        return f"{self.name} (self-asserted)" if self.asserted else self.name


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One feature of the model.

    Attributes:
        id: Its node.
        origins: The raw columns it came from, direct ones first.
        entries: Entries whose events made its nearest edges.
    """

    name: str
    id: int
    origins: tuple[Origin, ...]
    entries: tuple[int, ...]


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """The features of the model.

    Attributes:
        told: Those whose origins were looked up, in the model's order.
        total: How many there are.
        cut: References beyond which the record was not followed.
    """

    told: tuple[Feature, ...]
    total: int
    cut: tuple[str, ...]


class Material:
    """Everything about one model version, in one snapshot.

    Attributes:
        model: The version.
        seen: What the dossier rests on.
        day: Day for which it is made, UTC.

    Raises:
        CommandError: The reference names no model.
        UsageError: It names nothing recorded, or several things.
    """

    def __init__(self, connection: Connection, reference: str, seen: View, day: str) -> None:
        parsed = Reference.parse(reference)
        if parsed.kind is not Kind.MODEL:
            raise CommandError(f"no report about {reference}", "name a model version, such as model:credit@2")
        self.connection = connection
        self.seen = seen
        self.day = day
        self.facts = Facts(connection, seen)
        self._found = resolve(connection, parsed, seen)
        assert self._found.version is not None
        self.model: VersionFacts = self._found.version
        self.statements = Statements(connection, seen)

    @cached_property
    def detail(self) -> DatasetDetail:
        """What the record says of the model itself."""
        return show_dataset(self.facts, self._found)

    @cached_property
    def tags(self) -> Tags:
        """Which columns hold personal data, as stated and as carried along lineage."""
        return Tags.of(self.connection, self.seen)

    @cached_property
    def training(self) -> RunDetail | None:
        """The outermost run in which the model was made; None when none is recorded."""
        maker = self.facts.producers([self.model.id]).get(self.model.id)
        if maker is None:
            return None
        outer = self._outermost(maker)
        about = self.facts.runs([outer])[outer]
        return show_run(self.facts, Found(kind=Kind.RUN, ref=about.ref, id=outer, name=about.uuid))

    @cached_property
    def datasets(self) -> Trace:
        """Lineage upstream, from dataset version to dataset version."""
        reference = Reference.parse(self.model.ref)
        return trace(self.connection, reference, self.seen, limit=MOST_NODES)

    @cached_property
    def features(self) -> Features:
        """The features of the model and the raw columns they came from."""
        columns = self.facts.columns_of([self.model.id])[self.model.id]
        ids = [one.id for one in columns]
        found = origins_of(self.facts, ids, MOST_NODES, lambda _: self.tags.carried)
        # The answers for many features of a large graph are not worth the wait; the table says how many it tells.
        most = min(MOST_FEATURES, max(_LEAST_FEATURES, _MOST_STEPS // (found.edges + 1)))
        entries: dict[int, set[int]] = defaultdict(set)
        nearest = Edges(self.connection, self.seen, Direction.UP)
        for hop in nearest.read([*ids, self.model.id], MOST_NODES).hops:
            entries[hop.target].add(hop.entry)
        whole = entries[self.model.id]
        told = tuple(
            Feature(
                name=one.name,
                id=one.id,
                origins=tuple(found.of(one.id)[0]),
                entries=tuple(sorted(entries[one.id] or whole)),
            )
            for one in columns[:most]
        )
        return Features(told=told, total=len(columns), cut=tuple(found.cut))

    @cached_property
    def check(self) -> Check:
        """The controls, judged for the systems that the model belongs to, at the end of the day."""
        moment = f"{self.day}T23:59:59.999999Z"
        return evaluate(self.connection, self.seen, moment, models=[self.model.name])

    @cached_property
    def people(self) -> dict[str, Who]:
        """Principals by reference."""
        rows = self.connection.execute(select(principal).where(self.seen.known(principal)))
        return {row.ref: Who(row.name, row.auth_method == "self_asserted", (row.entry,)) for row in rows}

    def node(self, of: Node) -> int:
        """Give the node id of a dataset version that a trace names."""
        return version_node(of.namespace or "", of.name, of.content or "")

    def who(self, reference: str | None) -> Who:
        """Name a principal."""
        return self.people.get(reference or "", Who(reference or "unknown", True, ()))

    def facet_entries(self, owner: int, name: str) -> tuple[int, ...]:
        """Give the entries that state a facet of a node."""
        query = select(facet.c.entry).where(
            facet.c.owner == owner, facet.c.name == name, self.seen.known(facet)
        )
        return tuple(self.connection.scalars(query.order_by(facet.c.entry)))

    def destroyed(self) -> list[Any]:
        """Give what was destroyed in this ledger: entry, destroyed_by, reason of each."""
        query = select(tombstone).where(self.seen.known(tombstone)).order_by(tombstone.c.entry)
        return list(self.connection.execute(query))

    def _outermost(self, run: int) -> int:
        above = [run]
        while True:
            query = select(run_parent.c.parent).where(
                run_parent.c.run == above[-1], self.seen.known(run_parent)
            )
            parent = self.connection.scalar(query)
            # A parent may be named that no event was ever seen of; foreign events may go in circles.
            if parent is None or parent in above or parent not in self.facts.runs([parent]):
                return above[-1]
            above.append(parent)
