"""Appending to the ledger in groups, each together with how far its spool has been taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from lineproof.errors import EventError, LeafError, NodeCollisionError, SpoolError
from lineproof.intake.closing import Composed
from lineproof.intake.spool import Position, SpoolLine
from lineproof.model.entries import EntryType
from lineproof.model.spool import SpoolRecord
from lineproof.store import Ledger, NewEntry, SpoolProgress, schema

if TYPE_CHECKING:
    from pathlib import Path

    from lineproof.intake.report import IntakeReport

__all__ = ["Recorder", "Taken"]

_REFUSALS = (EventError, LeafError, NodeCollisionError)  # of one entry, not of the ledger
_GROUP = 1000  # entries per commit
_GROUP_BYTES = 16 << 20  # likewise bytes, so that memory stays flat however large the payloads are


class Taken(msgspec.Struct, frozen=True):
    """How far the ledger has a spool.

    Attributes:
        position: Up to where its lines are recorded.
        ended: What ends its process is recorded too: the file is superfluous.
    """

    position: Position = Position()
    ended: bool = False


class Recorder:
    """The way from spool lines to the ledger.

    Args:
        ledger: Where to record.
        outcome: Where new entries are counted and refused ones named.
        count: Called with the number of spool bytes of each commit.
    """

    def __init__(self, ledger: Ledger, outcome: IntakeReport, count: Callable[[int], None]) -> None:
        self._ledger = ledger
        self._outcome = outcome
        self._count = count

    def has(self, entry: str) -> bool:
        """Tell whether the ledger has an entry of this UUID."""
        wanted = sa.select(schema.entry.c.seq).where(schema.entry.c.id == entry)
        with self._ledger.connection() as connection:
            return connection.execute(wanted).first() is not None

    def taken(self, spool: str) -> Taken:
        """Give how far a spool has been taken."""
        known = self._ledger.spool_progress(spool)
        return Taken() if known is None else Taken(Position(known.taken_bytes, known.chain), known.ended)

    def keep(self, content: bytes) -> None:
        """Keep an object; the entries that name it may come before or after."""
        self._ledger.objects.put(content)

    def take_people(self, side: Path) -> SpoolError | None:
        """Take in the side file of a process, if it left one; see `intake.people`."""
        if not side.is_file():
            return None
        from lineproof.intake.people import take_people  # noqa: PLC0415 - what it needs is not always installed

        return take_people(self._ledger, side)

    def take(self, spool: str, untaken: Iterable[SpoolLine]) -> None:
        """Record lines of a spool that are not recorded yet.

        Raises:
            SpoolError: A line is damaged. Those before it are recorded.
        """
        group: list[SpoolLine] = []
        size = 0
        damage: SpoolError | None = None
        try:
            for line in untaken:
                group.append(line)
                size += len(bytes(line.record.body))
                if len(group) >= _GROUP or size >= _GROUP_BYTES:
                    self._commit(spool, group)
                    group, size = [], 0
        except SpoolError as error:
            damage = error
        self._commit(spool, group)
        if damage is not None:
            raise damage

    def finish(self, spools: Sequence[str], composed: Sequence[Composed]) -> None:
        """Record what ends the processes of these spools, and that nothing of them is left to take."""
        items = [
            NewEntry(type=EntryType.LINEAGE_EVENT, payload=event.payload, id=event.id) for event in composed
        ]
        for spool in spools:
            at = self.taken(spool).position
            self._append(items, SpoolProgress(name=spool, taken_bytes=at.offset, chain=at.chain, ended=True))
            items = []

    def _commit(self, spool: str, group: Sequence[SpoolLine]) -> None:
        if not group:
            return
        before = self.taken(spool).position.offset
        at = group[-1].position
        items = [item for line in group if (item := self._as_entry(spool, line.record)) is not None]
        self._append(items, SpoolProgress(name=spool, taken_bytes=at.offset, chain=at.chain, ended=False))
        self._count(at.offset - before)

    def _as_entry(self, spool: str, record: SpoolRecord) -> NewEntry | None:
        if record.kind != "entry":
            return None
        if record.id is UNSET or record.type is UNSET or record.type not in set(EntryType):
            self._outcome.problems.append(
                EventError(f"{spool}: record {record.seq} is no known type of entry")
            )
            return None
        return NewEntry(type=EntryType(record.type), payload=bytes(record.body), id=record.id)

    def _append(self, items: Sequence[NewEntry], progress: SpoolProgress) -> None:
        """Append all in one transaction; an entry that the store refuses must not hold up the others."""
        try:
            self._outcome.entries += self._ledger.append(items, spool=progress).added
        except _REFUSALS:
            for item in items:
                try:
                    self._outcome.entries += self._ledger.append([item]).added
                except _REFUSALS as refused:
                    self._outcome.problems.append(refused)
            self._ledger.append([], spool=progress)
