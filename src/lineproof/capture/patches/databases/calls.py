"""What hooks of drivers and of SQLAlchemy have in common: whose call it is, and what it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineproof.capture.digests import own_business
from lineproof.capture.place import is_library
from lineproof.capture.provenance.attachment import attach, table_of
from lineproof.capture.provenance.callsite import user_frame
from lineproof.capture.provenance.resolve import note_result
from lineproof.capture.provenance.site import Site
from lineproof.capture.provenance.table import CONSTANT, Table, combined
from lineproof.capture.provenance.unfollowed import Unfollowed
from lineproof.capture.provenance.values import Fields, Many, Value, origin_of
from lineproof.model.lineage import Precision

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call

__all__ = ["Passed", "arrived", "bound", "given_to", "is_the_programs", "parameters_of"]

# Libraries that keep books of their own in a database: no data of the program.
_BOOKS = frozenset(
    ("IPython", "alembic", "airflow", "coverage", "dagster", "diskcache", "dvc", "jupyter", "jupyter_server", "lineproof",
     "mlflow", "nbclient", "notebook", "optuna", "prefect", "wandb", "zenml")
)  # fmt: skip
_LOOKED_AT = 8  # frames of libraries above the driver


def is_the_programs() -> bool:
    """Whether the statement in progress is the program's, and not one of a library's own book-keeping."""
    if own_business.now:
        return False
    frame = user_frame()
    for _ in range(_LOOKED_AT):
        if frame is None or not is_library(frame.f_code.co_filename):
            return True
        if str(frame.f_globals.get("__name__")).partition(".")[0] in _BOOKS:
            return False
        frame = frame.f_back
    return True


def arrived(cursor: Any, table: Table | None) -> None:
    """Say where the rows come from that a cursor hands out from now on.

    One that was used before may be read for what it gave then, where only the source is left to ask.
    """
    if table is None:
        return
    rows = table if table.records else table.but(records="rows")
    before = table_of(cursor)
    note_result(rows)
    if before is not None and before.origins != rows.origins:
        every = combined((before.flat, rows.flat), "sql")
        labels = dict.fromkeys((*before.labels, *rows.labels))
        rows = rows.but(labels=labels, origins=[every] * len(labels))
    attach(cursor, rows)


def parameters_of(values: Any) -> list[str] | None:
    """Give the names of what a statement is given: `_0`, `_1` without names; None for nothing."""
    first = values
    if isinstance(values, list) and values and isinstance(values[0], (tuple, list, dict)):
        first = values[0]
    if isinstance(first, dict):
        return [str(key) for key in first]
    if isinstance(first, (tuple, list)):
        return [f"_{at}" for at in range(len(first))]
    return None


def given_to(obj: Any, slot: int | str, *, many: bool) -> Table | None:
    """Give where the parameters of the call in progress come from, by name or place; None for literals.

    Args:
        obj: The parameters.
        slot: Where they stand in the call.
        many: They are a list of such, one for each row.
    """
    if obj is None:
        return None
    return bound(Site().operand_unknown(obj, slot), parameters_of(obj), many=many)


def bound(value: Value, names: list[str] | None, *, many: bool = False) -> Table | None:
    """Give a value that the source describes as parameters of these names; None for one without origin."""
    if origin_of(value) is CONSTANT:
        return None
    while many and isinstance(value, Many):
        value = value.element
    flat = origin_of(value)
    if isinstance(value, Fields):
        keys = [
            int(name[1:]) if name[:1] == "_" and name[1:].isdigit() else name for name in names or value.parts
        ]
        if all(key in value.parts for key in keys):
            labels = [f"_{key}" if isinstance(key, int) else str(key) for key in keys]
            return Table(labels, [origin_of(value.parts[key]) for key in keys])
    table = getattr(value, "table", None)
    if isinstance(table, Table) and many and (names is None or len(names) == len(table.labels)):
        return table.but(labels=names or [f"_{at}" for at in range(len(table.labels))], index=(), records="")
    labels = names or ["_0"]
    return Table(labels, [flat.at_best(Precision.SUPERSET) if len(labels) > 1 else flat] * len(labels))


class Passed(Unfollowed):
    """What is left of a hook on statements where they are followed no more: what they change is doubtful."""

    def __init__(self, doubt: Any) -> None:
        super().__init__()
        self._doubt = doubt
        self.changes = True  # any statement may have changed a table, or what its cursor hands out

    def passed(self, call: Call) -> None:
        """Doubt both."""
        self._doubt(call)
