"""What a verification found. The form is that of `lineproof verify --json`."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

__all__ = ["MOST_FAILURES", "Failure", "Findings", "Scope", "ScopeCovered", "VerifyReport"]

MOST_FAILURES = 100  # kept; the rest is counted


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
        kind: `entry`, `leaf`, `payload`, `tree`, `checkpoint`, `row` or `schema`.
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
