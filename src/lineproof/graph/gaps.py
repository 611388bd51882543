"""What a run itself says that its record lacks."""

from __future__ import annotations

from lineproof.graph.facts import Facts
from lineproof.graph.runs import facets_of

__all__ = ["gaps_of"]


def gaps_of(facts: Facts, run: int) -> list[str]:
    """Name in plain words what is missing from the record of a run, by its own account."""
    ref = facts.runs([run])[run].ref
    coverage = facets_of(facts, [run], "lineproof_coverage").get(run)
    if coverage is None:
        return [f"how complete the record of {ref} is: it says nothing of its coverage"]
    gaps = [f"of {ref}: {gap}" for gap in coverage.get("gaps") or ()]
    files = coverage.get("unattributed") or ()
    if files:
        gaps.append(f"what {ref} did with files that no library explains: {', '.join(map(str, files))}")
    if coverage.get("faults"):
        gaps.append(f"what {len(coverage['faults'])} failed hooks of {ref} would have recorded")
    return gaps
