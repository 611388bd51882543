"""lineproof: a flight recorder for machine learning.

    import lineproof

    lineproof.autolog()

records what the program reads, computes and writes; `lineproof run -- python train.py` does so without
a change to the program. Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineproof.capture.api import autolog, decision, metric, parameter, run, step
    from lineproof.capture.models import log_predictions, register_model
    from lineproof.capture.provenance.api import declare, origins
    from lineproof.model.lineage import ColumnRef, Origins
    from lineproof.questions import open_ledger as open  # noqa: A004 — the public name

__all__ = [
    "ColumnRef",
    "Origins",
    "__version__",
    "autolog",
    "decision",
    "declare",
    "log_predictions",
    "metric",
    "open",
    "origins",
    "parameter",
    "register_model",
    "run",
    "step",
]

__version__ = "0.1.0"

_HOMES = {
    "ColumnRef": ("lineproof.model.lineage", "ColumnRef"),
    "Origins": ("lineproof.model.lineage", "Origins"),
    "autolog": ("lineproof.capture.api", "autolog"),
    "decision": ("lineproof.capture.api", "decision"),
    "declare": ("lineproof.capture.provenance.api", "declare"),
    "load_ipython_extension": ("lineproof.capture.notebook", "load_ipython_extension"),  # of `%load_ext`
    "log_predictions": ("lineproof.capture.models", "log_predictions"),
    "metric": ("lineproof.capture.api", "metric"),
    "open": ("lineproof.questions", "open_ledger"),
    "origins": ("lineproof.capture.provenance.api", "origins"),
    "parameter": ("lineproof.capture.api", "parameter"),
    "register_model": ("lineproof.capture.models", "register_model"),
    "run": ("lineproof.capture.api", "run"),
    "step": ("lineproof.capture.api", "step"),
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 — nothing is imported before it is used

    value = getattr(import_module(home[0]), home[1])
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
