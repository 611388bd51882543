"""Two tables compared: summaries in, a report out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lineproof.data.drift.findings import DriftReport, SchemaDrift, TypeChange
from lineproof.data.drift.kinds import CLOCK, TIME, numbers
from lineproof.data.drift.order import find_order, follows
from lineproof.data.drift.summary import VERSION, Clock, ColumnSummary, TableSummary, summarise_column
from lineproof.data.drift.verdict import judge
from lineproof.errors import NothingToCompareError

if TYPE_CHECKING:
    from lineproof.data.drift.source import Table

__all__ = ["ALPHA", "Comparison", "compare", "compare_tables", "summarise"]

ALPHA = 0.01


def summarise(table: Table, *, like: TableSummary | None = None, order: str | None = None) -> TableSummary:
    """Summarise a table for comparison.

    Args:
        table: The table.
        like: The summary of the reference, when this is the current window: only its columns are read.
        order: The column of time; found when left out.

    Raises:
        DriftInputError: A column cannot be read, or the column of time is not there.
    """
    if like is not None:
        order = like.order if like.order in table.types else None
    else:
        order = find_order(table, order)
    clock = None if order is None else Clock(numbers(table.column(order)))
    columns: dict[str, ColumnSummary] = {}
    for name in table.types:
        if like is not None and name not in like.columns:
            continue
        values = table.column(name)
        found = summarise_column(values, like.columns[name] if like else None, clock)
        if clock is not None and found.kind == TIME and follows(numbers(values), clock.seconds):
            found = msgspec.structs.replace(found, kind=CLOCK)
        columns[name] = found
    return TableSummary(VERSION, table.name, table.rows, columns, order)


class Comparison(msgspec.Struct, frozen=True):
    """A report with the summaries it was made of."""

    report: DriftReport
    reference: TableSummary
    current: TableSummary


def compare_tables(
    reference: Table | TableSummary, current: Table, *, order: str | None = None, alpha: float = ALPHA
) -> Comparison:
    """Compare two tables.

    Args:
        reference: What is normal, or its summary kept from before.
        current: What is to be judged.
        order: The column of time; found when left out.
        alpha: Chance that a table in which nothing changed raises any alarm.

    Raises:
        NothingToCompareError: They have no column in common.
    """
    if isinstance(reference, TableSummary):
        kept = reference
    else:
        reference, current = reference.retyped(current.types), current.retyped(reference.types)
        if not set(reference.types) & set(current.types):
            raise NothingToCompareError(f"{reference.name} and {current.name} have no column in common")
        kept = summarise(reference, order=order)
    found = summarise(current, like=kept)
    added = [name for name in current.types if name not in kept.columns]
    return Comparison(compare(kept, found, added=added, alpha=alpha), kept, found)


def compare(
    reference: TableSummary, current: TableSummary, *, added: list[str] | None = None, alpha: float = ALPHA
) -> DriftReport:
    """Compare a summary with one that was made like it.

    Args:
        reference: Summary of the reference.
        current: Summary of the current window, made with `like=reference`.
        added: Columns that only the current window has.
        alpha: Chance that a table in which nothing changed raises any alarm, over all columns and tests.

    Raises:
        NothingToCompareError: They have no column in common.
    """
    common = [name for name in reference.columns if name in current.columns]
    if not common:
        raise NothingToCompareError(f"{reference.name} and {current.name} have no column in common")
    changed = {
        name: TypeChange(near.type, far.type)
        for name in common
        if (near := reference.columns[name]).type != (far := current.columns[name]).type
    }
    each = alpha / len(common)
    return DriftReport(
        columns={name: judge(reference.columns[name], current.columns[name], each) for name in common},
        schema=SchemaDrift(
            added=added or [],
            removed=[name for name in reference.columns if name not in current.columns],
            changed=changed,
        ),
        rows={"reference": reference.rows, "current": current.rows},
        order=reference.order,
        alpha=alpha,
    )
