"""Cutting data into parts by row: every part has the columns of the whole."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lineproof.capture.fitted import Beside
from lineproof.capture.patches.sklearn.calls import columns_in, sizes
from lineproof.capture.patches.sklearn.settings import json_value
from lineproof.capture.provenance.attachment import attach, table_of
from lineproof.capture.provenance.table import combined
from lineproof.model.facets import Hyperparameters

if TYPE_CHECKING:
    from types import ModuleType

    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["Splits", "split_of"]

_taken: Beside[dict[str, Any]] = Beside()


def split_of(data: Any) -> dict[str, Any] | None:
    """Say which split a table is a part of."""
    return _taken.get(data)


class Splits:
    """Hooks of `train_test_split`, `resample` and `shuffle`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def install_selection(self, module: ModuleType) -> None:
        """Wrap `train_test_split`."""
        name = "train_test_split"
        self._session.instrument.wrap(module, name, name=f"sklearn.model_selection.{name}", after=self._split)

    def install_sampling(self, module: ModuleType) -> None:
        """Wrap `resample` and `shuffle`."""
        for name in ("resample", "shuffle"):
            self._session.instrument.wrap(module, name, name=f"sklearn.utils.{name}", after=self._sampled)

    def _split(self, call: Call) -> None:
        parts = list(call.result)
        settings = {key: value for key, value in call.kwargs.items() if key != "stratify"}
        stratify = call.kwargs.get("stratify")
        given = {name: json_value(value) for name, value in settings.items()}
        given["stratify"] = stratify is not None
        site = self._session.site()
        rows = {
            name: sizes(part, None).get("X", {}) for name, part in zip(("train", "test"), parts, strict=False)
        }
        description = {"function": call.name, "site": site, "settings": given, **rows}
        for at, part in enumerate(parts):
            _inherit(call.args[at // 2], part, stratify)
            _taken.set(part, {**description, "part": ("train", "test")[at % 2]})
        self._session.emit(
            "RUNNING",
            run_facets={
                "lineproof_hyperparameters": Hyperparameters(
                    estimator=call.name, given=given, resolved=given, splits={"site": site, **rows}
                )
            },
        )

    def _sampled(self, call: Call) -> None:
        parts: Sequence[Any] = [call.result] if len(call.args) == 1 else call.result
        for whole, part in zip(call.args, parts, strict=False):
            _inherit(whole, part, call.kwargs.get("stratify"))


def _inherit(whole: Any, part: Any, stratify: Any) -> None:
    """Give a part the columns of the whole; what it was stratified by decided its rows."""
    people = sys.modules.get("lineproof.capture.people")  # imported by the first declaration
    if people is not None:
        people.inherit(whole, part)
    table = table_of(whole)
    if table is None:
        return
    if stratify is not None:
        table = table.under(combined(columns_in(stratify)[0], "sklearn.stratify"))
    attach(part, table)
