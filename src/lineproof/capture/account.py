"""What a process knows about how well it was recorded: the facet `lineproof_coverage`."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineproof.model.facets import Coverage
    from lineproof.model.lineage import Precision

__all__ = ["Account"]

_MOST = 200  # different entries in one list; the rest is a number


class Account:
    """Counts what was recorded and what was not.

    Attributes:
        gaps: What is missing from the record, in words.
    """

    def __init__(self) -> None:
        self.gaps: dict[str, None] = {}
        self._faults: Counter[tuple[str, str, str]] = Counter()
        self._without_rule: Counter[tuple[str, str]] = Counter()
        self._features: Counter[str] = Counter()

    def fault(self, hook: str, error: BaseException) -> None:
        """Count a failure of ours, by type and place; the text of the exception may hold anything."""
        self._faults[hook, type(error).__name__, _place(error.__traceback__)] += 1

    def gap(self, text: str) -> None:
        """Say what is missing from the record."""
        self.gaps[text] = None

    def without_rule(self, operation: str, site: str) -> None:
        """Count an operation whose lineage is the union of all its inputs for want of a rule."""
        self._without_rule[operation, site] += 1

    def feature(self, precision: Precision) -> None:
        """Count a column that a model was fitted on."""
        self._features[precision.value] += 1

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.gaps or self._faults or self._without_rule or self._features)

    def coverage(self) -> Coverage:
        """Give the facet, without the figures on files and time."""
        from msgspec import UNSET

        from lineproof.model.facets import Coverage
        from lineproof.model.lineage import Precision

        faults = [
            {"hook": hook, "error": error, "site": site, "times": times}
            for (hook, error, site), times in self._faults.most_common(_MOST)
        ]
        operations: Counter[str] = Counter()
        for (operation, _), times in self._without_rule.items():
            operations[operation] += times
        places = [
            {"operation": operation, "site": site, "times": times}
            for (operation, site), times in self._without_rule.most_common(_MOST)
        ]
        gaps = list(self.gaps)[:_MOST]
        if len(self.gaps) > _MOST:
            gaps.append(f"and {len(self.gaps) - _MOST} more gaps")
        return Coverage(
            features={each.value: self._features[each.value] for each in Precision}
            if self._features
            else UNSET,
            without_rule=dict(operations.most_common(_MOST)) or UNSET,
            without_rule_at=places or UNSET,
            faults=faults or UNSET,
            gaps=gaps or UNSET,
        )


def _place(traceback: TracebackType | None) -> str:
    """Give where in our own code an exception arose: the innermost frame of lineproof."""
    place = ""
    while traceback is not None:
        parts = traceback.tb_frame.f_code.co_filename.split("/")
        if "lineproof" in parts or not place:
            place = f"{'/'.join(parts[-2:])}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
