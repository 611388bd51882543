"""How many independent rows a column is worth on each side."""

from __future__ import annotations

import msgspec

__all__ = ["Sizes"]

_LEAST = 1.0


class Sizes(msgspec.Struct, frozen=True):
    """Independent rows of both sides: fewer than rows where neighbours in time resemble each other."""

    reference: float
    current: float
    freedom: float  # how many independent values the noise was estimated from
    inertia: float = 1.0  # rows that are worth one independent row

    @classmethod
    def of(cls, reference: float, current: float, inertia: float, reference_limit: float = 0.0) -> Sizes:
        """Give the sizes of two sides.

        Args:
            reference: Rows with a value in the reference.
            current: Rows with a value in the current window.
            inertia: Rows that are worth one independent row, at least 1.
            reference_limit: What the reference is worth at most, where a season was taken out with
                coefficients that were estimated from it; 0 is no limit.
        """
        near, far = reference / inertia, current / inertia
        freedom = (near + far) if inertia <= 1 else near
        if reference_limit:
            near = min(near, reference_limit / inertia)
        return cls(max(near, _LEAST), max(far, _LEAST), max(freedom - 1, _LEAST), inertia)

    def part(self, reference: float, current: float) -> Sizes:
        """Give the sizes of shares of both sides' rows."""
        near, far = max(self.reference * reference, _LEAST), max(self.current * current, _LEAST)
        return Sizes(near, far, self.freedom, self.inertia)

    @property
    def noise(self) -> float:
        """The variance of a difference of two standardised means."""
        return 1 / self.reference + 1 / self.current
