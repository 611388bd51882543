"""Appends of several threads in one commit, and appends whose outcome nobody told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import msgspec

from lineproof.errors import StoreUnreachableError
from lineproof.model.identity import uuid7
from lineproof.store.sequencer import GROUP, Appended, NewEntry, SpoolProgress

__all__ = ["Batch", "Together", "until_told"]

_PATIENCE_S = 30.0  # how long a server that went away is waited for
_PAUSES_S = (0.05, 0.5)


class Batch:
    """What one caller appends. Every part has an id, so that it can be handed in twice.

    Args:
        parts: In order.
        spool: How far a spool file is taken in with them.
        acting_as: Name of who acts, as asserted.

    Attributes:
        made: Ids that nobody stated: an entry that has one is of this batch.
        appended: What became of it, once that is known.
        error: Why nothing did.
    """

    def __init__(
        self, parts: Sequence[NewEntry], spool: SpoolProgress | None = None, acting_as: str | None = None
    ) -> None:
        self.made: set[str] = set()
        self.parts = [self._identified(part) for part in parts]
        self.spool = spool
        self.acting_as = acting_as
        self.appended: Appended | None = None
        self.error: Exception | None = None

    @property
    def settled(self) -> bool:
        """Whether it is known what became of it."""
        return self.appended is not None or self.error is not None

    def groups(self) -> list[list[NewEntry]]:
        """Give what goes into one transaction each."""
        return [self.parts[at : at + GROUP] for at in range(0, len(self.parts), GROUP)] or [[]]

    def added(self, done: Appended, group: Sequence[NewEntry]) -> int:
        """Give how many of a group this batch added, in this attempt or in one whose outcome was not told."""
        before = done.size - done.added
        earlier = sum(
            number < before and part.id in self.made for part, number in zip(group, done.entries, strict=True)
        )
        return done.added + earlier

    def _identified(self, part: NewEntry) -> NewEntry:
        if part.id is not None:
            return part
        identifier = uuid7()
        self.made.add(identifier)
        return msgspec.structs.replace(part, id=identifier)


class Together:
    """Lets the first of several threads commit for all that wait meanwhile.

    Args:
        commit: Appends batches in one transaction, or a single large one in several, and sets `appended`.
    """

    def __init__(self, commit: Callable[[Sequence[Batch]], None]) -> None:
        self._commit = commit
        self._waiting: list[Batch] = []
        self._listing = threading.Lock()
        self._leading = threading.Lock()

    def append(self, batch: Batch) -> Appended:
        """Append a batch; durable when this returns."""
        with self._listing:
            self._waiting.append(batch)
        try:
            while not batch.settled:
                with self._leading:
                    if not batch.settled:
                        self._lead()
        finally:
            with self._listing:
                self._waiting = [one for one in self._waiting if one is not batch]
        if batch.error is not None:
            raise batch.error
        assert batch.appended is not None
        return batch.appended

    def _lead(self) -> None:
        taken = self._next()
        if len(taken) > 1:
            try:
                self._commit(taken)
            except Exception:  # noqa: BLE001 - whose fault it is shows when each is tried alone
                for one in taken:
                    one.appended = None
            else:
                return
        for one in taken:
            try:
                self._commit([one])
            except Exception as error:  # noqa: BLE001 - it is raised in the thread whose batch it is
                one.error = error

    def _next(self) -> list[Batch]:
        """Give what has waited longest, as much as fits into one transaction."""
        taken: list[Batch] = []
        room = GROUP
        with self._listing:
            for one in self._waiting:
                room -= len(one.parts)
                if one.settled or (taken and room < 0):
                    break
                taken.append(one)
        return taken


def until_told(commit: Callable[[], None]) -> None:
    """Commit, and again when the server went away: what is there already is not recorded twice.

    Args:
        commit: What to do; safe to repeat.

    Raises:
        StoreUnreachableError: It did not come back.
    """
    deadline: float | None = None  # from the first failure on: this process may have been stopped before
    pause, longest = _PAUSES_S
    while True:
        try:
            commit()
        except StoreUnreachableError:
            deadline = deadline or time.monotonic() + _PATIENCE_S
            if time.monotonic() > deadline:
                raise
            time.sleep(pause)
            pause = min(pause * 2, longest)
        else:
            return
