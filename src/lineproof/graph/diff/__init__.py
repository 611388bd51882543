"""What changed between two runs."""

from __future__ import annotations

from sqlalchemy import Connection

from lineproof.graph.destroyed import say_destroyed
from lineproof.graph.diff.answer import Diff
from lineproof.graph.diff.code import Objects, code_diff
from lineproof.graph.diff.data import data_diff
from lineproof.graph.diff.features import features_diff
from lineproof.graph.diff.figures import metrics_diff
from lineproof.graph.diff.settings import environment_diff, parameters_diff
from lineproof.graph.diff.side import Comparison, side_of
from lineproof.graph.facts import Facts
from lineproof.graph.gaps import gaps_of
from lineproof.graph.view import View
from lineproof.model.lineage import RunState
from lineproof.model.references import Reference

__all__ = ["LIMIT", "Diff", "diff"]

LIMIT = 10_000  # columns that one comparison looks at


def diff(
    connection: Connection,
    a: Reference,
    b: Reference,
    seen: View,
    objects: Objects,
    *,
    limit: int = LIMIT,
) -> Diff:
    """Compare two runs with the runs inside them.

    Args:
        connection: Snapshot of the ledger's tables.
        a: A run, or a model for the run that trained it.
        b: Another one.
        seen: What the answer may rest on.
        objects: Gives texts that were kept, by digest.
        limit: Most columns looked at.

    Raises:
        CommandError: One of them is no run.
        UnknownReferenceError: One of them, or the training of a model, is not recorded.
        AmbiguousReferenceError: Several runs start so.
    """
    sides = side_of(connection, a, seen, "a"), side_of(connection, b, seen, "b")
    compared = Comparison(facts=Facts(connection, seen), a=sides[0], b=sides[1], unknown=[])
    for node in dict.fromkeys(one.node for one in sides):
        compared.unknown += gaps_of(compared.facts, node)
    found = Diff(
        a=compared.a.about.ref,
        b=compared.b.about.ref,
        data=data_diff(compared),
        code=code_diff(compared, objects),
        features=features_diff(compared, limit),
        parameters=parameters_diff(compared),
        environment=environment_diff(compared),
        metrics=metrics_diff(compared),
        notes=_notes(compared),
        unknown=[],
        as_of=seen.as_of,
    )
    found.unknown = [*dict.fromkeys(compared.unknown), *say_destroyed(compared.facts)]
    return found


def _notes(compared: Comparison) -> list[str]:
    a, b = compared.a, compared.b
    if a.node == b.node:
        return [f"both are {a.about.ref}: a run does not differ from itself"]
    notes = []
    if a.about.job_ref != b.about.job_ref:
        notes.append(
            f"the runs are of different jobs, {a.about.job_ref} and {b.about.job_ref}: "
            "what has no counterpart is told as added or removed"
        )
    notes += [
        f"{side.about.ref} is {side.times.state}, not COMPLETE: what it lacks it may not have come to"
        for side in (a, b)
        if side.times.state is not RunState.COMPLETE
    ]
    return notes
