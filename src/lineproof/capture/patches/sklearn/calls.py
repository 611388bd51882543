"""What a call of an estimator is about: which argument is X, which is y, and whether it is a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from lineproof.capture.boundary import MemoryFrame
from lineproof.capture.columns import columns_of, origins_for
from lineproof.capture.fitted import FittedModel
from lineproof.capture.patches.sklearn.transforms import Columns
from lineproof.capture.provenance.attachment import table_of
from lineproof.capture.provenance.resolve import resolved
from lineproof.capture.provenance.site import Slot
from lineproof.capture.provenance.table import ColumnOrigin, Table, combined

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.runs import ChildRun
    from lineproof.capture.session import Session

__all__ = [
    "FITS",
    "METHODS",
    "PREDICTS",
    "TRANSFORMS",
    "Budget",
    "Started",
    "argument",
    "columns_in",
    "inputs_of",
    "label_of",
    "sizes",
    "slot_of",
    "slot_of_x",
]

FITS = ("fit", "fit_transform", "fit_predict", "partial_fit")
TRANSFORMS = ("transform", "inverse_transform")
PREDICTS = ("predict", "predict_proba", "predict_log_proba", "decision_function", "score_samples")
METHODS = (*FITS, *TRANSFORMS, *PREDICTS, "score")

_X_NAMES = ("X", "raw_documents", "x", "X_test")
_Y_NAMES = ("y", "Y")
_ROW_NAMES = ("sample_weight", "groups")


class Started(msgspec.Struct, kw_only=True):
    """An outermost call between its beginning and its end.

    Attributes:
        method: Name of the method.
        site: Place of the call.
        x: Its data, None when it has none.
        columns: Origin of each column of X, taken before the call could change it.
        table: Table of X, when it has one.
        label: Origin of y.
        frame_x: X as a dataset; None when the call is not a run of its own.
        frame_y: y as a dataset.
        validation: What a fit is validated on besides, as datasets.
        model: What was known of the estimator before the call.
        child: The run; None for a call beyond the budget of its place.
    """

    method: str
    site: str
    x: Any = None
    columns: Columns = ()
    table: Table | None = None
    label: ColumnOrigin | None = None
    frame_x: MemoryFrame | None = None
    frame_y: MemoryFrame | None = None
    validation: list[MemoryFrame] = []
    model: FittedModel | None = None
    child: ChildRun | None = None

    @property
    def frames(self) -> list[MemoryFrame]:
        """The data it was given, as datasets."""
        fitted_on = [frame for frame in (self.frame_x, self.frame_y) if frame is not None]
        return fitted_on + self.validation


class Budget:
    """Stops a call in a loop from becoming a run each time.

    Args:
        session: Who is told, once per place.
        most: Runs that one method at one place may become.
    """

    def __init__(self, session: Session, most: int = 20) -> None:
        self._session = session
        self._most = most
        self._calls: Counter[tuple[str, str]] = Counter()

    def spend(self, site: str, method: str) -> bool:
        """Count a call; False when it is beyond the budget."""
        self._calls[site, method] += 1
        count = self._calls[site, method]
        if count == self._most + 1:
            self._session.gap(
                f"{site}: {method} was called more than {self._most} times;"
                " later calls are followed but are not runs of their own"
            )
        return count <= self._most


def argument(call: Call, position: int, names: Iterable[str]) -> Any:
    """Give an argument of a method by position (0 is the first after the object) or name."""
    if len(call.args) > position + 1:
        return call.args[position + 1]
    for name in names:
        if name in call.kwargs:
            return call.kwargs[name]
    return None


def slot_of(call: Call, position: int, names: Iterable[str]) -> Slot:
    """Give where an argument of a method stands in its call."""
    if len(call.args) > position + 1:
        return position
    return next((name for name in names if name in call.kwargs), None)


def slot_of_x(call: Call) -> Slot:
    """Give where X stands in the call."""
    return slot_of(call, 0, (*_X_NAMES, *_Y_NAMES))


def inputs_of(call: Call) -> tuple[Any, Any]:
    """Give X and y of a call."""
    x = argument(call, 0, (*_X_NAMES, *_Y_NAMES))
    y = argument(call, 1, _Y_NAMES)
    return x, None if y is x else y


def columns_in(x: Any, slot: Slot = None) -> tuple[Columns, Table | None]:
    """Give the origin of each column of X, and its table.

    Args:
        x: The data.
        slot: Where it stands in the call, to read the source where the object tells nothing.
    """
    table = table_of(x)
    if table is None and x is not None and slot is not None:
        table = resolved(x, slot)
    labels, _ = columns_of(x)
    return origins_for(table, len(labels)), table


def label_of(call: Call, y: Any) -> ColumnOrigin | None:
    """Give the origin of y with what weights or groups the rows; None when there is no y."""
    if y is None:
        return None
    columns, _ = columns_in(y, slot_of(call, 1, _Y_NAMES))
    label = combined(columns, "sklearn.fit")
    for name in _ROW_NAMES:
        weights = call.kwargs.get(name)
        if weights is not None:
            label = label.under(combined(columns_in(weights)[0], "sklearn.fit"))
    return label


def sizes(x: Any, y: Any) -> dict[str, Any]:
    """Give the rows and columns of X and y."""
    found: dict[str, Any] = {}
    for name, data in (("X", x), ("y", y)):
        shape = getattr(data, "shape", None)
        if isinstance(shape, tuple) and shape:
            found[name] = {"rows": int(shape[0]), "columns": int(shape[1]) if len(shape) > 1 else 1}
        elif isinstance(data, (list, tuple)):
            found[name] = {"rows": len(data)}
    return found
