"""Arrow without pandas, in processes of our own.

pyarrow imports pandas when it first makes an array from Python values, to know pandas objects if it is
given some. That costs more than a second, five times what it takes to look at a small table.
"""

from __future__ import annotations

import sys
import types
import warnings

__all__ = ["Process", "set_pandas_aside"]


class Process:
    """Whose process this is; `ours` is set by entry points, in which nobody hands over pandas objects."""

    ours = False


def set_pandas_aside() -> None:
    """Let pyarrow do without pandas for the life of this process, if it is ours and pandas is not there yet."""
    if not Process.ours or "pandas" in sys.modules:
        return
    import pyarrow as pa  # noqa: PLC0415 - not before it is needed

    ancient = types.ModuleType("pandas")
    ancient.__version__ = "0"  # type: ignore[attr-defined]  # pyarrow looks at it, finds it too old, and goes without
    sys.modules["pandas"] = ancient
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pa.array([0])
    finally:
        del sys.modules["pandas"]
