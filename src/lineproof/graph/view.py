"""What a question sees: the record as it was known after an entry, the world as it was at a time.

`as_of` goes by entry number, since order comes from the ledger and never from clocks; `at` goes by
the time that the recorded events themselves claim.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, select

from lineproof.errors import CommandError, UnknownReferenceError
from lineproof.store.schema import entry

__all__ = ["View", "parse_time", "recorded", "view"]

_ENTRY = re.compile(r"(?:entry:)?(\d+)")


class View(msgspec.Struct, frozen=True):
    """The part of the record that a question may use.

    Attributes:
        as_of: Last entry that counts; -1 when nothing was recorded yet.
        at: Last event time that counts, RFC 3339 in UTC with microseconds; None for all times.
    """

    as_of: int
    at: str | None = None

    def known(self, table: Any) -> ColumnElement[bool]:
        """Give the condition that a row of `table` was known by then."""
        return and_(table.c.entry <= self.as_of)

    def held(self, table: Any) -> ColumnElement[bool]:
        """Give the condition that a row of `table`, which carries a time, was known and true by then."""
        if self.at is None:
            return self.known(table)
        return and_(table.c.entry <= self.as_of, table.c.time <= self.at)


def view(connection: Connection, *, as_of: int | str | None = None, at: str | None = None) -> View:
    """Read what `--as-of ENTRY|TIME` and `--at TIME` ask for.

    Args:
        connection: Snapshot of the ledger's tables.
        as_of: Entry number, `entry:N`, or a time: then the entry recorded last before it.
        at: Event time.

    Raises:
        UnknownReferenceError: The entry is not in the ledger.
        CommandError: A time cannot be read.
    """
    moment = None if at is None else parse_time(at)
    last = connection.scalar(select(func.max(entry.c.seq)))
    last = -1 if last is None else int(last)
    if as_of is None:
        return View(as_of=last, at=moment)
    number = _ENTRY.fullmatch(str(as_of).strip())
    if number is None:
        return View(as_of=_entry_before(connection, parse_time(str(as_of)), last), at=moment)
    asked = int(number.group(1))
    if asked > last:
        raise UnknownReferenceError(f"entry:{asked} is not recorded; the last one is entry:{last}")
    return View(as_of=asked, at=moment)


def parse_time(text: str) -> str:
    """Give a time as RFC 3339 text in UTC, as events carry it.

    A time without a zone is UTC; a date alone is its first moment.

    Raises:
        CommandError: The text is not a time.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CommandError(
            f"{text!r} is not a time",
            "write it like 2026-03-01T14:30:00Z; for --as-of an entry number does as well",
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def recorded(leaf: bytes) -> str:
    """Give the time at which an entry was recorded, from its leaf."""
    return str(json.loads(leaf)["recorded"])


def _entry_before(connection: Connection, moment: str, last: int) -> int:
    """Find the entry recorded last before `moment`, by bisection: one sequencer writes in time order."""
    low, high = 0, last + 1
    while low < high:
        middle = (low + high) // 2
        leaf = connection.scalar(select(entry.c.leaf).where(entry.c.seq == middle))
        if leaf is None or parse_time(recorded(leaf)) > moment:
            high = middle
        else:
            low = middle + 1
    return low - 1
