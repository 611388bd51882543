"""Functions that transform without an estimator: `scale(X)`, `normalize(X)` and their kin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineproof.capture.patches.sklearn.calls import columns_in
from lineproof.capture.patches.sklearn.tracking import result_table
from lineproof.capture.provenance.attachment import attach
from lineproof.capture.provenance.table import Table, combined

if TYPE_CHECKING:
    from types import ModuleType

    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["PreprocessingPatch"]

_COLUMNWISE = (
    "scale", "minmax_scale", "maxabs_scale", "robust_scale", "quantile_transform", "power_transform", "binarize",
)  # fmt: skip
_MIXING = (
    "normalize",
    "label_binarize",
    "add_dummy_feature",
)  # rows are divided by their norm; widths change


class PreprocessingPatch:
    """Observes the functions of `sklearn.preprocessing`."""

    library = "sklearn.preprocessing"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the functions that take a table and give one."""
        for name in (*_COLUMNWISE, *_MIXING):
            session.instrument.wrap(module, name, name=f"sklearn.preprocessing.{name}", after=_transformed)


def _transformed(call: Call) -> None:
    name = call.name.rpartition(".")[2]
    key = "y" if name == "label_binarize" else "X"
    given, slot = (call.args[0], 0) if call.args else (call.kwargs.get(key), key)
    columns, table = columns_in(given, slot)
    mixture = combined(columns, call.name)
    across = name in _MIXING or (name != "binarize" and call.kwargs.get("axis", 0) == 1)
    result = call.result[0] if isinstance(call.result, tuple) else call.result
    found = result_table(result, None if across else columns, mixture, table or Table((), ()))
    if found is not None:
        attach(result, found)
