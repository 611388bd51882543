"""Call sites that are followed no more, because that cost too much: what they do is unknown, not nothing."""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from lineproof.capture.provenance.attachment import Shape, attach, detach, held_by, shape_of, table_of
from lineproof.capture.provenance.callsite import Place, doubt_results, user_frame
from lineproof.capture.provenance.table import Table, combined
from lineproof.model.lineage import Precision

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call

__all__ = ["Unfollowed", "doubt"]

_RULE = "not followed"


class Unfollowed:
    """What is left of a hook at a demoted call site (`capture.budget.Light`).

    A fresh result carries nothing, which counts as unknown wherever it arrives. An object that the call
    changes keeps the names of its sources, all of them for all of its columns, as known no better than
    *unknown*.

    Args:
        subject: Finds the object that the call may change; None for calls that change none.
        changes: The call changes it although it returns something else.
    """

    def __init__(self, subject: Callable[[Call], Any] | None = None, *, changes: bool = False) -> None:
        self._subject = subject
        self.changes = changes and subject is not None
        self._doubted: Table | None = None  # in a loop it is the same object each time

    def frame(self) -> FrameType | None:
        """Give the frame of the program that called."""
        return user_frame()

    def begun(self, place: Place) -> None:
        """Doubt what earlier calls at this instruction returned: later ones may return more."""
        doubt_results(place)

    def passed(self, call: Call) -> None:
        """Doubt what the call has changed."""
        if self._subject is None:
            return
        obj = self._subject(call)
        if self._doubted is None or held_by(obj) is not self._doubted:
            doubt(obj)
            self._doubted = table_of(obj)


def doubt(obj: Any) -> None:
    """Say of an object that any of its columns may come from any of its sources, and from others."""
    table = table_of(obj)
    if table is None:
        detach(obj)
        return
    origins = table.origins
    if origins and origins[0].rule == _RULE and all(one is origins[0] for one in origins):
        return
    every = combined((*origins, *table.index, table.rows, table.names), _RULE).at_best(Precision.UNKNOWN)
    every = every.by(_RULE)
    labelled = shape_of(obj) in (Shape.FRAME, Shape.SERIES)
    attach(
        obj,
        table.but(
            origins=[every] * len(table.labels),
            index=(every.as_condition(),) * len(table.index) if labelled else table.index,
            rows=every.as_condition(),
            elements=None,
        ),
    )
