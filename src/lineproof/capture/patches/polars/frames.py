"""Rules for frames of polars, eager and lazy alike: their methods are the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.patches.polars.expressions import Column, Reading, empty, selected
from lineproof.capture.patches.polars.series import operands
from lineproof.capture.provenance.attachment import Shape, attach, shape_of, table_of
from lineproof.capture.provenance.resolve import label_list
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Fields, Tabular, origin_of
from lineproof.model.lineage import Precision

__all__ = ["ON_FRAMES", "Given", "chosen", "from_all", "given_columns", "listed", "made", "same", "schema_of"]


def schema_of(frame: Any) -> Mapping[str, Any]:
    """Give names and types of the columns; nothing is computed for it."""
    schema: Mapping[str, Any] = frame.collect_schema()
    return schema


def made(
    op: Operation, read: Callable[[list[Any], Mapping[str, Any]], Reading], given: Given
) -> list[Column]:
    """Give the columns that expressions make, with what the source says of values in them.

    Args:
        op: The call.
        read: Reads positional and named expressions.
        given: The expressions, each with its place in the call.
    """
    whole = read([each for _, each in given.listed], dict(given.named))
    if not whole.outside:
        return whole.columns
    extra = [outside(op, slot) for slot, _ in given.listed] + [outside(op, name) for name in given.named]
    if all(each is CONSTANT for each in extra):
        return whole.columns
    columns: list[Column] = []
    single: list[tuple[list[Any], dict[str, Any]]] = [([each], {}) for _, each in given.listed]
    single += [([], {name: each}) for name, each in given.named.items()]
    for (listed, named), origin in zip(single, extra, strict=True):
        found = read(listed, named).columns
        columns += found if origin is CONSTANT else [_with(column, origin) for column in found]
    return columns


def _with(column: Column, extra: ColumnOrigin) -> Column:
    return Column(column.name, combined((column.origin, extra), "expression"))


def outside(op: Operation, slot: Any) -> ColumnOrigin:
    """Give what flows into an expression by values of the program: literals that are none in the source.

    Args:
        op: The call.
        slot: Where the expression stands: position or keyword, or a position in the list that stands there.
    """
    if not isinstance(slot, tuple):
        return origin_of(op.site.operand_unknown(None, slot))
    value = op.site.operand_unknown(None, slot[0])
    if isinstance(value, Fields) and slot[1] in value.parts:
        return origin_of(value.parts[slot[1]])
    return origin_of(value)


def outside_all(op: Operation) -> ColumnOrigin:
    """Give what flows into a call by values of the program, wherever they stand."""
    slots: list[Any] = [at for at, each in enumerate(op.call.args[1:]) if not isinstance(each, str)]
    slots += [name for name, each in op.call.kwargs.items() if not isinstance(each, (str, bool, int))]
    if op.name.startswith("__"):
        return combined([origin_of(each) for each in operands(op)], op.name)
    return combined([outside(op, slot) for slot in slots], op.name)


class Given:
    """The expressions of a call, each with its place in it; series apart.

    Attributes:
        listed: Positional expressions.
        named: Expressions by the name of what they make.
        series: Series by the name of the column that they become.
    """

    def __init__(self, positional: Iterable[Any], named: Mapping[str, Any]) -> None:
        self.listed: list[tuple[Any, Any]] = []
        self.series: dict[str, Any] = {}
        for at, each in enumerate(positional):
            if isinstance(each, (list, tuple)):
                self._take([((at, number), one) for number, one in enumerate(each)])
            elif not hasattr(each, "__next__"):
                self._take([(at, each)])
        self.named = {name: each for name, each in named.items() if shape_of(each) is not Shape.COLUMN}
        self.series |= {name: each for name, each in named.items() if shape_of(each) is Shape.COLUMN}

    def _take(self, given: Iterable[tuple[Any, Any]]) -> None:
        for slot, each in given:
            if shape_of(each) is Shape.COLUMN:
                self.series[each.name] = each
            else:
                self.listed.append((slot, each))


def given_columns(op: Operation, expressions: Iterable[Any], named: Mapping[str, Any]) -> list[Column]:
    """Read the expressions of a call. Series among them bring their own origins."""
    given = Given(expressions, named)
    columns = [Column(name, _of_series(op, each)) for name, each in given.series.items()]
    frame = empty(op.receiver)
    return columns + made(op, lambda listed, by: selected(frame, op.table, listed, by), given)


def listed(given: Any) -> list[Any]:
    """Give an argument that may be one or a list of many as a list."""
    return list(given) if isinstance(given, (list, tuple)) else [given]


def _of_series(op: Operation, series: Any) -> ColumnOrigin:
    table = table_of(series)
    return combined((outside_all(op),), "series", Precision.UNKNOWN) if table is None else table.flat


def from_columns(
    op: Operation, columns: Iterable[Column], rows: ColumnOrigin, rest: Table | None = None
) -> Table:
    """Make the table of a result: columns by name; what is not among them is as it was, else from all."""
    found: dict[Any, Column] = {column.name: column for column in columns}
    origins, parts = [], {}
    unread = combined([column.origin for column in found.values()], "expression", Precision.SUPERSET)
    labels = op.labels()
    for label in labels:
        column = found.get(label)
        if column is None and rest is not None and rest.get(label) is not None:
            column = Column(str(label), rest.get(label) or CONSTANT, (rest.parts or {}).get(label))
        origins.append(unread if column is None else column.origin.under(rows))
        if column is not None and column.fields is not None:
            parts[label] = column.fields
    return Table(labels, origins, rows=rows, parts=parts or None, names=op.table.names)


def _select(op: Operation) -> Table:
    return from_columns(op, given_columns(op, list(op.call.args[1:]), op.call.kwargs), op.table.rows)


def _with_columns(op: Operation) -> Table:
    columns = given_columns(op, list(op.call.args[1:]), op.call.kwargs)
    return from_columns(op, columns, op.table.rows, op.table)


def _filter(op: Operation) -> Table:
    """`filter(*predicates, **constraints)`: what is tested is indirect."""
    predicates = [each for given in op.call.args[1:] for each in listed(given)]
    expressions = [each for each in predicates if hasattr(each, "meta") or isinstance(each, str)]
    reading = selected(empty(op.receiver), op.table, expressions, {})
    tested = [column.origin for column in reading.columns] + [
        op.table.get(name) or CONSTANT for name in op.call.kwargs
    ]
    found = combined(tested, "filter").as_condition()
    masks = [_of_series(op, each) for each in predicates if shape_of(each) is Shape.COLUMN]
    values = combined((outside_all(op) if reading.outside else CONSTANT, *masks), "filter")
    return op.table.under(found).under(values.as_condition())


def chosen(op: Operation, given: Any, default: Iterable[Hashable] = ()) -> list[Hashable]:
    """Give the names of columns that names, selectors or expressions choose."""
    if given is None:
        return list(default)
    names = listed(given)
    if all(isinstance(each, str) for each in names) and not any(each.startswith("^") for each in names):
        return names
    return [column.name for column in selected(empty(op.receiver), op.table, names, {}).columns]


def _decided_by(op: Operation, given: Iterable[Any]) -> ColumnOrigin:
    found = selected(empty(op.receiver), op.table, list(given), {}).columns
    return combined([column.origin for column in found], op.name).as_condition()


def _sort(op: Operation) -> Table:
    return op.table.under(_decided_by(op, op.call.args[1:] or [op.call.kwargs.get("by")]))


def _extreme(op: Operation) -> Table:
    """`top_k(k, by=...)`."""
    return op.table.under(_decided_by(op, listed(op.given(1, "by"))))


def _unique(op: Operation) -> Table:
    """`unique(subset)`, `drop_nulls(subset)`: the columns looked at decide which rows stay."""
    names = chosen(op, op.given(0, "subset"), op.table.labels)
    return op.table.under(
        combined([op.table.get(name) or CONSTANT for name in names], op.name).as_condition()
    )


def same(op: Operation) -> Table:
    """All columns stay what they are, by name; what is new depends on which rows there are."""
    labels, table = op.labels(), op.table
    if labels == table.labels:
        return table
    return Table(
        labels,
        [table.get(label) or CONSTANT.under(table.rows) for label in labels],
        rows=table.rows,
        parts=table.parts,
    )


def _renamed(op: Operation) -> Table:
    """The same columns in the same order under other names."""
    labels, table = op.labels(), op.table
    parts = (
        {new: table.parts[old] for new, old in zip(labels, table.labels, strict=True) if old in table.parts}
        if (table.parts)
        else None
    )
    return table.but(labels=labels, parts=parts)


def _computed(op: Operation) -> Table:
    """Each column from itself and from what the arguments hold."""
    extra = outside_all(op)
    table = op.table.mapped(lambda origin: combined((origin, extra), op.name))
    if shape_of(op.target) not in (Shape.TABLE, Shape.PLAN):
        flat = table.flat
        return Table(op.labels(), [flat.under(table.rows)] * len(op.labels()), rows=table.rows, vector=True)
    labels = op.labels()
    return Table(
        labels, [table.get(label) or table.flat for label in labels], rows=table.rows, names=table.names
    )


def from_all(op: Operation) -> Table:
    """Everything may be anywhere."""
    extra = [origin_of(value) for value in op.arguments() if isinstance(value, Tabular)]
    flat = combined((*op.table.origins, outside_all(op), *extra), f"union:{op.name}", Precision.SUPERSET)
    op.session.without_rule(op.call.name)
    return op.shaped(lambda _: flat.under(op.table.rows), rows=op.table.rows)


def _across(op: Operation) -> Table:
    """`sum_horizontal()`: one column of all."""
    flat = op.table.flat.by(op.name)
    return Table(op.labels(), [flat], rows=op.table.rows, vector=True)


def _handed_out(op: Operation) -> Table | None:
    """`rows()`, `to_dicts()`: plain objects, which are followed through the source."""
    return op.table


def _parted(op: Operation) -> Table | None:
    """`partition_by(*by)`: the parts."""
    names = [each for given in op.call.args[1:] for each in listed(given)] or listed(op.call.kwargs.get("by"))
    table = op.table.under(_decided_by(op, names))
    parts = op.result.values() if isinstance(op.result, dict) else op.result
    for part in parts:
        attach(
            part,
            table.but(labels=label_list(part), origins=[table.get(n) or CONSTANT for n in label_list(part)]),
        )
    op.site.note(table)
    return None


ON_FRAMES: dict[str, Rule] = {
    **dict.fromkeys(("select", "select_seq"), _select),
    **dict.fromkeys(("with_columns", "with_columns_seq"), _with_columns),
    **dict.fromkeys(("filter", "remove"), _filter),
    "sort": _sort,
    **dict.fromkeys(("top_k", "bottom_k"), _extreme),
    **dict.fromkeys(("unique", "drop_nulls", "drop_nans"), _unique),
    **dict.fromkeys(
        (
            "head", "tail", "limit", "slice", "first", "last", "sample", "gather_every", "clone", "clear", "rechunk",
            "shrink_to_fit", "lazy", "collect", "cache", "set_sorted", "with_row_index", "with_row_count", "drop",
            "reverse", "cast", "collect_async", "inspect", "_fetch", "fetch", "deserialize", "set_sorted", "remote",
            "collect_batches", "gather",
        ),
        same,
    ),
    "rename": _renamed,
    **dict.fromkeys(
        (
            "fill_null", "fill_nan", "interpolate", "shift", "sum", "mean", "median", "min", "max", "std", "var",
            "quantile", "count", "null_count", "n_unique", "product", "approx_n_unique", "is_duplicated", "is_unique",
            "__add__", "__sub__", "__mul__", "__truediv__", "__floordiv__", "__mod__", "__radd__", "__rsub__",
            "__rmul__", "__rtruediv__", "__eq__", "__ne__", "__lt__", "__gt__", "__le__", "__ge__",
        ),
        _computed,
    ),
    **dict.fromkeys(
        ("sum_horizontal", "mean_horizontal", "max_horizontal", "min_horizontal", "fold", "hash_rows"), _across
    ),
    "partition_by": _parted,
    **dict.fromkeys(("rows", "iter_rows", "row", "to_dicts", "rows_by_key", "iter_slices"), _handed_out),
    **dict.fromkeys(
        ("describe", "transpose", "map_rows", "map_batches", "map_columns", "corr", "upsample", "match_to_schema"),
        from_all,
    ),
}  # fmt: skip
