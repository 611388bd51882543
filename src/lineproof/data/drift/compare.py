"""Two tables compared: summaries in, a report out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from lineproof.data.drift.findings import DriftReport, SchemaDrift, TypeChange
from lineproof.data.drift.kinds import CATEGORY, CLOCK, TIME, numbers
from lineproof.data.drift.labels import Roles, available, concept_drift, find_roles
from lineproof.data.drift.multivariate import tell_apart
from lineproof.data.drift.order import find_order, follows
from lineproof.data.drift.summary import VERSION, Clock, ColumnSummary, TableSummary, summarise_column
from lineproof.data.drift.verdict import judge
from lineproof.errors import DriftInputError, NothingToCompareError

if TYPE_CHECKING:
    from lineproof.data.drift.source import Table

__all__ = ["ALPHA", "Comparison", "compare", "compare_tables", "summarise"]

ALPHA = 0.01


def summarise(
    table: Table,
    *,
    like: TableSummary | None = None,
    order: str | None = None,
    texts: Collection[str] = (),
    rows: Mapping[str, Any] | None = None,
) -> TableSummary:
    """Summarise a table for comparison.

    Args:
        table: The table.
        like: The summary of the reference, when this is the current window: only its columns are read.
        order: The column of time; found when left out.
        texts: Columns that are text in the other table, for files that have no types of their own.
        rows: Of columns that are not to be used whole: for each row whether it is.

    Raises:
        DataError: A column cannot be read.
        DriftInputError: The column of time is not there.
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
        model = like.columns[name] if like is not None else None
        as_text = name in texts or (model is not None and model.kind == CATEGORY)
        values, times = table.column(name, as_text=as_text), clock
        if rows is not None and name in rows:
            values = values.filter(pa.array(rows[name]))
            times = None if clock is None else Clock(clock.seconds[rows[name]])
        found = summarise_column(values, model, times)
        if times is not None and found.kind == TIME and follows(numbers(values), times.seconds):
            found = msgspec.structs.replace(found, kind=CLOCK)
        columns[name] = found
    return TableSummary(VERSION, table.name, table.rows, columns, order)


class Comparison(msgspec.Struct, frozen=True):
    """A report with the summaries it was made of."""

    report: DriftReport
    reference: TableSummary
    current: TableSummary


def compare_tables(
    reference: Table | TableSummary,
    current: Table,
    *,
    order: str | None = None,
    roles: Roles | None = None,
    until: float | None = None,
    detector: str = "adwin",
    multivariate: bool = False,
    alpha: float = ALPHA,
) -> Comparison:
    """Compare two tables.

    Args:
        reference: What is normal, or its summary kept from before.
        current: What is to be judged.
        order: The column of time; found when left out.
        roles: The columns of predictions and labels; found by customary names when left out.
        until: Labels that came later are not used; seconds since 1970.
        detector: What watches predictions and labels: `adwin`, `ddm`, `eddm`, `hddm_a`, `kswin`, `page_hinkley`.
        multivariate: Whether to try to tell the windows apart by all columns at once.
        alpha: Chance that a table in which nothing changed raises any alarm.

    Raises:
        NothingToCompareError: They have no column in common.
        DriftInputError: A column that was named is not there; or what needs the reference's rows was asked
            of a summary.
        MissingExtraError: What was asked for needs a library that is not installed.
    """
    if isinstance(reference, TableSummary):
        if multivariate or until is not None or roles not in {None, Roles()}:
            raise DriftInputError(
                "a summary has no rows, which labels and --multivariate need", "give the file"
            )
        return _judged(reference, summarise(current, like=reference), current, alpha)
    if not set(reference.types) & set(current.types):
        raise NothingToCompareError(f"{reference.name} and {current.name} have no column in common")
    roles = find_roles(reference, current, roles or Roles())
    rows = [
        None if (come := available(table, roles, until)) is None else {str(roles.label): come}
        for table in (reference, current)
    ]
    kept = summarise(reference, order=order, texts=current.texts, rows=rows[0])
    made = _judged(kept, summarise(current, like=kept, rows=rows[1]), current, alpha)
    made.report.concept = concept_drift(
        reference, current, roles, order=kept.order, detector=detector, until=until
    )
    if roles.label is not None and made.report.columns[roles.label].drifted:
        made.report.columns[roles.label].kind = "label"
    if multivariate:
        made.report.multivariate = tell_apart(reference, current, kept, made.current)
    return made


def _judged(kept: TableSummary, found: TableSummary, current: Table, alpha: float) -> Comparison:
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
