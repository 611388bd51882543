"""Entries that were signed, but under other numbers: what an insertion or a removal in the middle leaves behind."""

from __future__ import annotations

import msgspec

from lineproof.store.verify.tree import StoredHashes

__all__ = ["Moved", "Run"]

_FURTHEST = 16  # places that an entry is looked for from where it lies
_SHORTEST = 3  # entries: fewer are named one by one, as two that were swapped are
_MOST = 100  # runs that are kept apart


class Run(msgspec.Struct):
    """Entries one after the other that all lie the same number of places from where they were signed.

    Attributes:
        first: Number of the first, and
        last: of the last.
        by: Places: above 0 where entries were inserted before them, below where some were removed.
    """

    first: int
    last: int
    by: int

    @property
    def long(self) -> bool:
        """Whether it is long enough to speak of an insertion or a removal."""
        return self.last - self.first + 1 >= _SHORTEST

    @property
    def lies(self) -> str:
        """Which entries they are now, in words."""
        return f"entries {self.first} to {self.last}"

    @property
    def signed(self) -> str:
        """Which entries they were signed as, in words."""
        return f"what was signed as entries {self.first - self.by} to {self.last - self.by}"


class Moved:
    """Gathers runs of moved entries while a log is walked."""

    def __init__(self, stored: StoredHashes) -> None:
        self._stored = stored
        self._runs: list[Run] = []

    @property
    def runs(self) -> list[Run]:
        """Those long enough to speak of an insertion or a removal."""
        return [one for one in self._runs if one.long]

    def take(self, seq: int, hashed: bytes) -> bool:
        """Take the next entry whose hash is not the one stored under its number; tell whether a run explains it."""
        last = self._runs[-1] if self._runs else None
        if last is not None and last.last == seq - 1 and self._stored.get(seq - last.by) == hashed:
            last.last = seq
            return last.long
        if len(self._runs) < _MOST:
            shifts = (by for distance in range(1, _FURTHEST + 1) for by in (distance, -distance))
            found = next((by for by in shifts if seq >= by and self._stored.get(seq - by) == hashed), None)
            if found is not None:
                self._runs.append(Run(seq, seq, found))
        return False

    def holds(self, seq: int) -> bool:
        """Tell whether an entry is in one of the runs."""
        return any(one.first <= seq <= one.last for one in self.runs)
