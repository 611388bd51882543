"""Adding up what the processes of one run say about how much of it they recorded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType

from lineproof.model.facets import Coverage

__all__ = ["add_up", "listed_files", "listed_gaps", "with_shares"]

_Number = TypeVar("_Number", int, float)

_GAPS_AT_MOST = 200  # in one facet; the rest is a number
_FILES_AT_MOST = 5000


def add_up(parts: Iterable[Coverage]) -> Coverage:
    """Give the coverage of a run from those of its processes: figures add up, lists are joined."""
    known = list(parts)
    return Coverage(
        features=_counts(part.features for part in known),
        without_rule=_counts(part.without_rule for part in known),
        without_rule_at=_by_place(part.without_rule_at for part in known),
        demoted=_by_place(part.demoted for part in known),
        faults=_by_place(part.faults for part in known),
        gaps=_gaps(part.gaps for part in known),
        deep=next((part.deep for part in known if part.deep), UNSET),
        files_read=_sum(part.files_read for part in known),
        files_written=_sum(part.files_written for part in known),
        hashed_bytes=_sum(part.hashed_bytes for part in known),
        hooks_s=_sum(part.hooks_s for part in known),
        hashing_s=_sum(part.hashing_s for part in known),
    )


def with_shares(coverage: Coverage, unexplained: int) -> Coverage:
    """Say as one number how much of features and files is accounted for, and what share of features how.

    Rounded down: 100 means all that can be counted; gaps and faults are beside it.

    Args:
        coverage: The sums of a run; it is changed.
        unexplained: Number of files that no wrapper explains.
    """
    features = coverage.features or {}
    every = sum(features.values())
    if every:
        coverage.shares = {name: _floor(count / every) for name, count in features.items()}
    files = (coverage.files_read or 0) + (coverage.files_written or 0)
    known = every - features.get("unknown", 0) + files - min(unexplained, files)
    coverage.percent = _floor(100 * known / (every + files)) if every + files else 100.0
    return coverage


def _floor(value: float) -> float:
    return math.floor(value * 1000) / 1000


def listed_gaps(texts: Iterable[str]) -> list[str]:
    """Give the texts without repeats, and how many more there are than a facet should hold."""
    return _listed(texts, _GAPS_AT_MOST)


def listed_files(names: Iterable[str]) -> list[str]:
    """Give names of files likewise."""
    return _listed(names, _FILES_AT_MOST)


def _listed(texts: Iterable[str], at_most: int) -> list[str]:
    kept = list(dict.fromkeys(texts))
    more = len(kept) - at_most
    return kept if more <= 0 else [*kept[:at_most], f"and {more} more"]


def _sum(values: Iterable[_Number | UnsetType]) -> _Number | UnsetType:
    known = [value for value in values if not isinstance(value, UnsetType)]
    return sum(known[1:], known[0]) if known else UNSET


def _counts(parts: Iterable[dict[str, int] | UnsetType]) -> dict[str, int] | UnsetType:
    known = [part for part in parts if not isinstance(part, UnsetType)]
    total: Counter[str] = Counter()
    for part in known:
        total.update(part)
    return dict(total) if known else UNSET


def _gaps(parts: Iterable[list[str] | UnsetType]) -> list[str] | UnsetType:
    known = [part for part in parts if not isinstance(part, UnsetType)]
    return listed_gaps(text for part in known for text in part) if known else UNSET


def _by_place(parts: Iterable[list[dict[str, Any]] | UnsetType]) -> list[dict[str, Any]] | UnsetType:
    known = [part for part in parts if not isinstance(part, UnsetType)]
    merged: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    for one in (one for part in known for one in part):
        key = tuple(sorted((name, str(value)) for name, value in one.items() if name != "times"))
        if key in merged:
            merged[key]["times"] = merged[key].get("times", 1) + one.get("times", 1)
        else:
            merged[key] = dict(one)
    return list(merged.values()) if known else UNSET
