"""One call of a hooked function as rules see it, and how its outcome is put on the result."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from lineproof.capture.provenance.attachment import Shape, attach, shape_of, table_of
from lineproof.capture.provenance.callables import Use, used_by
from lineproof.capture.provenance.resolve import as_table, is_vector, label_list
from lineproof.capture.provenance.site import Site, Slot
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Fields, Tabular, Value, origin_of

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["Operation", "Outcome", "Rule", "Subject", "aligned", "as_table", "label_list", "per_column"]


class Operation:
    """A finished call.

    Args:
        call: The call.
        session: The recording.
        subject: Finds the object whose table is meant; None for functions that have no receiver.
    """

    def __init__(self, call: Call, session: Session, subject: Subject | None) -> None:
        self.call = call
        self.session = session
        self.name = call.name.rpartition(".")[2]
        self.result = call.result
        self.site = Site()
        self._subject = subject
        if subject is not None and call.token is not None:
            self.site.before = (subject(call), call.token)
        self._first = 0 if subject is None else 1

    @property
    def receiver(self) -> Any:
        """The object whose method it is; for `loc` and accessors the object behind them."""
        return self._subject(self.call) if self._subject is not None else None

    def given(self, position: int, keyword: str, default: Any = None) -> Any:
        """Give an argument; positions do not count the receiver."""
        at = position + self._first
        if at < len(self.call.args):
            return self.call.args[at]
        return self.call.kwargs.get(keyword, default)

    def operand(self, position: int, keyword: str) -> Value:
        """Give what is known of an argument."""
        obj = self.given(position, keyword)
        given_by_position = position + self._first < len(self.call.args)
        slot: Slot = position if given_by_position else keyword
        return self.value_of(obj, slot)

    def value_of(self, obj: Any, slot: Slot) -> Value:
        """Give what is known of an object that stands at `slot` of the call."""
        if callable(obj) and shape_of(obj) is Shape.OTHER:
            return self.uses(obj).outside
        return self.site.operand(obj, slot)

    def uses(self, function: Any, table: Table | None = None) -> Use:
        """Say what a function of the program reads."""
        return used_by(function, table, self.site.frame)

    def origin(self, position: int, keyword: str) -> ColumnOrigin:
        """Give one origin for all of an argument."""
        return origin_of(self.operand(position, keyword))

    @cached_property
    def table(self) -> Table:
        """The receiver's table as it was before the call."""
        known: Table | None = self.call.token
        if known is not None:
            return known
        table = as_table(self.site.operand(self.receiver, -1), self.receiver)
        if self.result is not None:  # not changed by this very call
            attach(self.receiver, table)
        return table

    def arguments(self, *, skip: frozenset[str] = frozenset()) -> list[Value]:
        """Give all arguments but the receiver and those that are options."""
        found = [self.value_of(obj, position) for position, obj in enumerate(self.call.args[self._first :])]
        found += [
            self.value_of(obj, keyword)
            for keyword, obj in self.call.kwargs.items()
            if keyword not in skip and keyword not in OPTIONS
        ]
        return found

    def labels(self) -> tuple[Hashable, ...]:
        """Give the column labels of the result, or of the receiver when it changed in place."""
        return label_list(self.target)

    @property
    def target(self) -> Any:
        """What the outcome is about: the result, or the receiver of an in-place operation."""
        return self.receiver if self.result is None else self.result

    def shaped(
        self,
        pick: Callable[[Any], ColumnOrigin] | Mapping[Any, ColumnOrigin],
        *,
        index: tuple[ColumnOrigin, ...] = (CONSTANT,),
        rows: ColumnOrigin = CONSTANT,
        elements: Mapping[Hashable, ColumnOrigin] | None = None,
    ) -> Table:
        """Make a table with the labels that the result really has."""
        labels = self.labels()
        get = pick if callable(pick) else lambda label: pick.get(label, CONSTANT)
        before: Table | None = self.call.token or table_of(self.receiver)
        return Table(
            labels,
            [get(label).under(rows) for label in labels],
            names=CONSTANT if before is None else before.names,
            index=fitted_index(self.target, index),
            rows=rows,
            elements=elements,
            vector=is_vector(self.target),
        )

    def alike(self, origins: Sequence[ColumnOrigin], like: Table, **changes: Any) -> Table:
        """Make a table for a result whose columns correspond to `like`'s by position, else by label."""
        labels = self.labels()
        if len(labels) != len(origins):
            by_label = like.but(origins=origins)
            flat = by_label.flat
            origins = [
                by_label.get(label)
                or (by_label.get(label[0]) if isinstance(label, tuple) and label else None)
                or flat
                for label in labels
            ]
        index = changes.pop("index", like.index)
        return Table(
            labels,
            origins,
            index=fitted_index(self.target, index),
            rows=changes.pop("rows", like.rows),
            names=like.names,
            vector=is_vector(self.target),
            **changes,
        )


# What a rule gives: the result's table; one for each part of a tuple; None where nothing is to be said.
Outcome: TypeAlias = Table | tuple[Table, ...] | None
Rule: TypeAlias = Callable[[Operation], Outcome]
Subject: TypeAlias = Callable[["Call"], Any]

# Arguments that say how to do something and never hold data.
OPTIONS = frozenset(
    (
        "axis", "inplace", "level", "copy", "how", "ignore_index", "method", "limit", "limit_direction", "numeric_only",
        "skipna", "ascending", "na_position", "kind", "sort", "dtype", "errors", "periods", "freq", "n", "frac",
        "random_state", "ddof", "keep", "regex", "case", "flags", "na_rep", "sep", "prefix", "suffix", "suffixes",
        "on", "left_on", "right_on", "left_index", "right_index", "validate", "indicator", "as_index", "group_keys",
        "observed", "dropna", "min_periods", "engine", "engine_kwargs", "args", "result_type", "raw", "na_action",
        "join", "fill_method", "min_count", "pct", "normalize", "bins_labels", "deep", "closed", "center", "orient",
    )
)  # fmt: skip


def fitted_index(obj: Any, index: tuple[ColumnOrigin, ...]) -> tuple[ColumnOrigin, ...]:
    """Give the index origins with as many levels as the object's index really has."""
    if shape_of(obj) not in (Shape.FRAME, Shape.SERIES):
        return ()
    levels = obj.index.nlevels
    return index if len(index) == levels else (combined(index, "index"),) * levels


def per_column(value: Value, label: Any, position: int) -> ColumnOrigin:
    """Give what an operand contributes to the column `label`."""
    if isinstance(value, Tabular):
        table = value.table
        if table.elements is not None:
            return table.elements.get(label) or table.flat
        if not table.vector:
            found = table.get(label)
            if found is None and all(isinstance(each, int) for each in table.labels):
                found = table.origins[position] if position < len(table.origins) else None
            return found or CONSTANT
        return table.flat
    if isinstance(value, Fields) and value.parts and label in value.parts:
        return origin_of(value.parts[label])
    return origin_of(value)


def aligned(first: Table, others: Iterable[Value]) -> ColumnOrigin:
    """Give what decided which row met which: the keys, where indexes differ in where they came from."""
    conditions: list[ColumnOrigin] = []
    for other in others:
        # Arrays have no index: they meet by position.
        if isinstance(other, Tabular) and other.table.index and other.table.index != first.index:
            conditions += [*first.index, *other.table.index]
    return combined(conditions, "alignment").as_condition()
