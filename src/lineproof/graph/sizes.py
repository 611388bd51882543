"""How many rows dataset versions have, where the record says it."""

from __future__ import annotations

from collections.abc import Collection

from lineproof.graph.facts import Facts
from lineproof.graph.runs import facets_of

__all__ = ["rows_of_versions"]

# Facet and field that tell it, the surest last: what we counted ourselves goes before what a tool reported.
_TELLING = (
    ("inputStatistics", "rowCount"),
    ("outputStatistics", "rowCount"),
    ("lineproof_profile", "rows"),
    ("lineproof_fingerprint", "rows"),
)


def rows_of_versions(facts: Facts, versions: Collection[int]) -> dict[int, int]:
    """Give the number of rows of those versions of which it is recorded."""
    rows: dict[int, int] = {}
    for facet, field in _TELLING:
        for one, body in facets_of(facts, versions, facet).items():
            if isinstance(body.get(field), int):
                rows[one] = body[field]
    return rows
