"""`series.str`, `series.dt`, `series.cat`: methods and properties of one column's values."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule, aligned
from lineproof.capture.provenance.table import Table, combined
from lineproof.capture.provenance.values import origin_of

__all__ = ["ACCESSOR", "DELEGATE", "behind"]


def behind(call: Any) -> Any:
    """Give the series that an accessor belongs to."""
    accessor = call.args[0]
    for name in ("_orig", "orig", "_parent", "_data"):
        found = accessor.__dict__.get(name)
        if found is not None and hasattr(found, "index"):
            return found
    return accessor.__dict__.get("_parent", accessor)


def _accessor(op: Operation) -> Table:
    """Each value from itself and from what the arguments bring."""
    subscript = op.name == "__getitem__"  # `series.str[0]`
    extra = [op.site.operand(op.call.args[1], "key")] if subscript else op.arguments()
    table = op.table
    origin = combined((*table.origins, *(origin_of(value) for value in extra)), op.name)
    origin = origin.under(aligned(table, extra))
    return op.alike([origin] * len(op.labels()), table)


def _delegate(op: Operation) -> Table:
    """`series.dt.year`: which property does not matter."""
    return op.alike([origin.by("datetime part") for origin in op.table.origins], op.table)


ACCESSOR: Rule = _accessor
DELEGATE: Rule = _delegate
