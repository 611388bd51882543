"""Where runs stand, from the events that were recorded of them."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import select

from lineproof.graph.facts import Facts, batches, plain_facet
from lineproof.model.lineage import RunState
from lineproof.store.schema import facet, run_event, run_parent

__all__ = ["RunTimes", "descendants", "root_of", "run_times"]

_TERMINAL = frozenset({"COMPLETE", "FAIL", "ABORT"})


class RunTimes(msgspec.Struct):
    """State of a run and its times as its events claim them."""

    state: RunState = RunState.RUNNING
    start: str | None = None
    end: str | None = None


def run_times(facts: Facts, runs: Collection[int]) -> dict[int, RunTimes]:
    """Give state and times of each run.

    A run whose parent ended without it having said how it ended is INCOMPLETE too: its process is gone.
    """
    known = _from_events(facts, runs)
    states, above = dict(known), dict[int, int]()
    level = {one for one, times in known.items() if times.state is RunState.RUNNING}
    while level:
        parents = _parents(facts, level)
        above.update(parents)
        fresh = set(parents.values()) - states.keys()
        states.update(_from_events(facts, fresh))
        level = {one for one in fresh if states[one].state is RunState.RUNNING}
    for one, times in known.items():
        if times.state is RunState.RUNNING and _ended_above(one, above, states):
            times.state = RunState.INCOMPLETE
    return known


def root_of(facts: Facts, run: int) -> int:
    """Give the outermost run in which a run happened, itself when it happened in none."""
    passed = {run}
    while (parent := _parents(facts, [run]).get(run)) is not None and parent not in passed:
        passed.add(parent)
        run = parent
    return run


def descendants(facts: Facts, runs: Collection[int]) -> dict[int, int]:
    """Give the runs that happened in each of these, at any depth, themselves included.

    Returns:
        Each such run, with the one of `runs` in which it happened.
    """
    within = {one: one for one in runs}
    level = set(within)
    while level:
        found: dict[int, int] = {}
        for piece in batches(level):
            query = select(run_parent.c.run, run_parent.c.parent).where(
                run_parent.c.parent.in_(piece), facts.view.known(run_parent)
            )
            for child, parent in facts.connection.execute(query):
                if child not in within:
                    found[child] = within[parent]
        within.update(found)
        level = set(found)
    return within


def _ended_above(run: int, above: dict[int, int], states: dict[int, RunTimes]) -> bool:
    """Tell whether a run in which this one happened has ended; foreign events may form a circle."""
    passed = {run}
    while (parent := above.get(run)) is not None and parent not in passed:
        if states[parent].state is not RunState.RUNNING:
            return True
        passed.add(parent)
        run = parent
    return False


def _from_events(facts: Facts, runs: Collection[int]) -> dict[int, RunTimes]:
    known = {one: RunTimes() for one in runs}
    for piece in batches(runs):
        query = (
            select(run_event.c.run, run_event.c.type, run_event.c.time)
            .where(run_event.c.run.in_(piece), facts.view.held(run_event))
            .order_by(run_event.c.run, run_event.c.entry)
        )
        for one, type_, time in facts.connection.execute(query):
            times = known[one]
            times.start = time if times.start is None else min(times.start, time)
            if type_ in _TERMINAL:
                times.state, times.end = RunState(type_), time
    aborted = {one for one, times in known.items() if times.state is RunState.ABORT}
    for one in _ended_silently(facts, aborted):
        known[one].state = RunState.INCOMPLETE
    return known


def _ended_silently(facts: Facts, runs: Collection[int]) -> set[int]:
    complete: dict[int, bool] = {}
    for piece in batches(runs):
        query = (
            select(facet.c.owner, facet.c.body)
            .where(facet.c.owner.in_(piece), facet.c.name == "lineproof_process", facts.view.known(facet))
            .order_by(facet.c.entry)
        )
        for one, body in facts.connection.execute(query):
            said = plain_facet(body).get("complete")
            if isinstance(said, bool):
                complete[one] = said
    return {one for one, said in complete.items() if not said}


def _parents(facts: Facts, runs: Collection[int]) -> dict[int, int]:
    parents: dict[int, int] = {}
    for piece in batches(runs):
        query = select(run_parent.c.run, run_parent.c.parent).where(
            run_parent.c.run.in_(piece), facts.view.known(run_parent)
        )
        parents.update((one, parent) for one, parent in facts.connection.execute(query) if one != parent)
    return parents
