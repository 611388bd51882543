"""What a verification found. The form is that of `lineproof verify --json`."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

__all__ = ["MOST_FAILURES", "Failure", "Findings", "Scope", "ScopeCovered", "VerifyReport", "shown"]

MOST_FAILURES = 100  # kept; the rest is counted
_LONGEST = 300  # characters of a value that are shown
_BEFORE = 40  # characters shown before the place where two long values part


class Scope(StrEnum):
    """Which half of a ledger to check."""

    ALL = "all"
    LOG = "log"
    TABLES = "tables"


class ScopeCovered(msgspec.Struct, frozen=True):
    """What was checked: leaves and tree, payloads against commitments, tables against the log."""

    log: bool
    payloads: bool
    tables: bool
    since: str | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it should be.

    Attributes:
        kind: `entry`, `leaf`, `payload`, `tree`, `checkpoint`, `row`, `schema` or `database`; `object` (a file
            kept beside the log); `rollback`, `fork` or `witness` where the log contradicts what a witness keeps (both checkpoints are the evidence).
        entry: Entry number concerned, or None.
        table: Table concerned, or None.
        key: Primary key of the row, by column, or None.
        field: Field concerned, or None for the whole.
        expected: What the log says.
        found: What is there.
    """

    kind: str
    entry: int | None = None
    table: str | None = None
    key: dict[str, Any] | None = None
    field: str | None = None
    expected: Any = None
    found: Any = None


class Findings:
    """Failures as they are found: the first `MOST_FAILURES` are kept, all are counted."""

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        self.count = 0

    def add(self, failure: Failure) -> None:
        """Take one more failure."""
        self.count += 1
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(failure)

    def sort(self) -> None:
        """Put those found so far in order of entry, those of the log as a whole last."""
        self.failures.sort(key=lambda failure: (failure.entry is None, failure.entry or 0))


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome.

    Attributes:
        ok: Everything in scope was checked and nothing failed.
        scope: What was checked.
        checked: Entries whose every part in scope was checked.
        total: Entries there should be.
        rows_checked: Rows of tables compared.
        failures: The first failures, in order.
        failure_count: How many there are.
        checkpoint: The signed checkpoint that was checked against.
        warnings: What the outcome does not show.
    """

    ok: bool
    scope: ScopeCovered
    checked: int
    total: int
    rows_checked: int
    failures: list[Failure]
    failure_count: int
    checkpoint: str | None
    warnings: list[str]


def shown(expected: Any, found: Any = None) -> tuple[Any, Any]:
    """Give two values as a report can carry them: of long ones, the place where they part."""
    one, other = _plain(expected), _plain(found)
    start = 0
    if isinstance(one, str) and isinstance(other, str) and max(len(one), len(other)) > _LONGEST:
        same = zip(one, other, strict=False)
        start = max(0, next((at for at, (a, b) in enumerate(same) if a != b), len(one)) - _BEFORE)
    return _excerpt(one, start), _excerpt(other, start)


def _excerpt(value: Any, start: int) -> Any:
    if not isinstance(value, str) or len(value) <= _LONGEST:
        return value
    shown = value[start : start + _LONGEST]
    return f"{'…' if start else ''}{shown}{'…' if start + _LONGEST < len(value) else ''}"


def _plain(value: Any) -> Any:
    """Give a value that JSON can carry."""
    if isinstance(value, bytes):
        return f"bytes {value.hex()}"
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    try:
        msgspec.json.encode(value)
    except (TypeError, ValueError):
        return repr(value)
    return value
