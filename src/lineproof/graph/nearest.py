"""What to answer to a name that nothing, or too much, answers to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from sqlalchemy import Connection, select

from lineproof.errors import AmbiguousReferenceError, UnknownReferenceError
from lineproof.graph.facts import dataset_ref
from lineproof.graph.view import View
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind, Reference
from lineproof.store.schema import dataset, job, prediction, run

__all__ = ["LISTED", "ambiguous", "near", "nearest", "unknown"]

LISTED = 8  # choices named in an error
_NEAREST = 3
_SEARCHED = 4000  # newest names compared; difflib is too slow for more
_ALIKE = 0.55  # ratio of difflib from which two names are taken for a slip of the pen


def unknown(what: str, nearest_refs: Sequence[str] = ()) -> UnknownReferenceError:
    """Make the error for a name that nothing answers to."""
    if not nearest_refs:
        return UnknownReferenceError(what)
    return UnknownReferenceError(f"{what}; nearest: {', '.join(nearest_refs)}", f"try {nearest_refs[0]}")


def ambiguous(reference: Reference, choices: Sequence[str]) -> AmbiguousReferenceError:
    """Make the error for a name that several things answer to."""
    more = f" and {len(choices) - LISTED} more" if len(choices) > LISTED else ""
    return AmbiguousReferenceError(f"{reference} could be {', '.join(choices[:LISTED])}{more}")


def nearest(asked: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Give the references whose names look most like what was asked for.

    Args:
        asked: The name, as written.
        names: Reference to the names it goes by.

    Returns:
        At most three references, best first.
    """
    matcher = SequenceMatcher(b=asked.lower(), autojunk=False)
    scored = []
    for ref, aliases in names.items():
        best = 0.0
        for alias in aliases:
            matcher.set_seq1(alias.lower())
            if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
                best = max(best, matcher.ratio())
        if best >= _ALIKE:
            scored.append((-best, ref))
    return [ref for _, ref in sorted(scored)[:_NEAREST]]


def near(connection: Connection, reference: Reference, seen: View) -> list[str]:
    """Give the recorded references nearest to one that is not recorded."""
    match reference.kind:
        case Kind.RUN:
            return _last_runs(connection, seen)
        case Kind.JOB:
            names = _jobs(connection, seen)
        case Kind.PREDICTION:
            names = _predictions(connection, seen)
        case _:
            names = _datasets(connection, reference, seen)
    return nearest(reference.name, names)


def _datasets(connection: Connection, reference: Reference, seen: View) -> dict[str, list[str]]:
    query = (
        select(dataset.c.namespace, dataset.c.name, dataset.c.type)
        .where(seen.known(dataset), dataset.c.namespace != MEMORY_NAMESPACE)
        .order_by(dataset.c.entry.desc())
        .limit(_SEARCHED)
    )
    names = {}
    for row in connection.execute(query):
        ref = dataset_ref(row.namespace, row.name, row.type)
        if reference.kind is Kind.COLUMN:
            ref = f"column:{ref.partition(':')[2]}#{reference.column}"
        base = row.name.rpartition("/")[2]
        names[ref] = [row.name, base, base.partition(".")[0]]
    return names


def _last_runs(connection: Connection, seen: View) -> list[str]:
    """An id cannot be misspelt into another one, so the newest runs are the likeliest guess."""
    query = select(run.c.uuid).where(seen.known(run)).order_by(run.c.entry.desc()).limit(_NEAREST)
    return [f"run:{uuid}" for uuid in connection.scalars(query)]


def _jobs(connection: Connection, seen: View) -> dict[str, list[str]]:
    query = select(job.c.namespace, job.c.name).where(seen.known(job)).order_by(job.c.entry.desc())
    return {
        str(Reference(kind=Kind.JOB, namespace=row.namespace, name=row.name)): [row.name]
        for row in connection.execute(query.limit(_SEARCHED))
    }


def _predictions(connection: Connection, seen: View) -> dict[str, list[str]]:
    query = select(prediction.c.id).where(seen.known(prediction)).order_by(prediction.c.entry.desc())
    ids = connection.scalars(query.limit(_SEARCHED))
    return {str(Reference(kind=Kind.PREDICTION, name=one)): [one] for one in ids}
