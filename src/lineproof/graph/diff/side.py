"""One of the two runs that are compared."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from lineproof.errors import CommandError, UnknownReferenceError
from lineproof.graph.facts import Facts, RunFacts, batches
from lineproof.graph.resolve import resolve
from lineproof.graph.runs import facets_of
from lineproof.graph.states import RunTimes, descendants, run_times
from lineproof.graph.training import training_of
from lineproof.graph.view import View
from lineproof.model.references import Kind, Reference
from lineproof.store.schema import run_dataset

__all__ = ["Comparison", "Side", "side_of"]


class Side(msgspec.Struct, kw_only=True):
    """A run and the runs inside it.

    Attributes:
        name: `a` or `b`.
        node: The run.
        within: All runs in it, itself included, in the order in which they began.
        read: Dataset versions that they read and did not make, in order of record.
        wrote: Dataset versions that they made, likewise.
        used: Dataset versions that runs inside it read, made by it or not.
    """

    name: str
    node: int
    about: RunFacts
    times: RunTimes
    within: list[int]
    read: list[int]
    wrote: list[int]
    used: list[int]


class Comparison(msgspec.Struct, kw_only=True):
    """Both sides, and where parts say what they could not compare."""

    facts: Facts
    a: Side
    b: Side
    unknown: list[str]

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both, in order."""
        return self.a, self.b

    def facet(self, side: Side, name: str) -> dict[str, Any] | None:
        """Give a facet of one of the runs themselves; None when it has none."""
        return facets_of(self.facts, [side.node], name).get(side.node)


def side_of(connection: Connection, reference: Reference, seen: View, name: str) -> Side:
    """Find the run that a reference names, or that trained the model it names.

    Raises:
        CommandError: It names something else.
        UnknownReferenceError: No such run or model, or no training of it, is recorded.
    """
    found = resolve(connection, reference, seen)
    facts = Facts(connection, seen)
    node: int | None
    if found.kind is Kind.RUN:
        node = found.id
    elif found.kind is Kind.MODEL and found.version is not None:
        node = training_of(facts, found.version)
        if node is None:
            raise UnknownReferenceError(
                f"how {found.ref} was trained is not recorded",
                "compare runs by run:ID; `lineproof log` lists them",
            )
    else:
        raise CommandError(f"{found.ref} is no run", "give run:ID, or model:NAME@N for its training run")
    return _side(facts, node, name)


def _side(facts: Facts, node: int, name: str) -> Side:
    inside = descendants(facts, [node])
    times = run_times(facts, inside)
    about = facts.runs(inside)
    order = sorted(inside, key=lambda one: (one != node, times[one].start or "", about[one].uuid))
    touched = _touched(facts, order)
    wrote = [version for version, _, direction in touched if direction == "output"]
    read = [version for version, _, direction in touched if direction == "input"]
    return Side(
        name=name,
        node=node,
        about=about[node],
        times=times[node],
        within=order,
        read=[one for one in dict.fromkeys(read) if one not in set(wrote)],
        wrote=list(dict.fromkeys(wrote)),
        used=list(
            dict.fromkeys(
                version for version, run, direction in touched if direction == "input" and run != node
            )
        ),
    )


def _touched(facts: Facts, runs: Collection[int]) -> list[tuple[int, int, str]]:
    """Give version, run and direction of all that was read and written, in order of record."""
    rows: list[Any] = []
    for piece in batches(runs):
        query = select(run_dataset).where(run_dataset.c.run.in_(piece), facts.view.known(run_dataset))
        rows += facts.connection.execute(query).all()
    known = facts.versions({row.version for row in rows})
    rows.sort(key=lambda row: (row.entry, known[row.version].ref))
    return [(row.version, row.run, row.direction) for row in rows]
