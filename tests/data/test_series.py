"""What polars holds is hashed by polars alone, to the same digest as through numpy."""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys

import pytest

from lineproof.data import series
from lineproof.data.canonical import column_digest

pl = pytest.importorskip("polars")

HALF = 2**18 // 2
SERIES = {
    "integers": pl.Series([1, -2, 3]),
    "short integers": pl.Series([1, 2], dtype=pl.Int8),
    "large": pl.Series([1, 2**63 + 5], dtype=pl.UInt64),
    "not so large": pl.Series([1, 2], dtype=pl.UInt64),
    "missing integers": pl.Series([1, None, 2**53 + 1]),
    "floats": pl.Series([1.5, -0.0, 0.0, math.nan, -math.nan, None, math.inf]),
    "short floats": pl.Series([1.1, None, -0.0], dtype=pl.Float32),
    "truth": pl.Series([True, False, True] * HALF).slice(1),
    "text": pl.Series(["a", "ä", None, ""]),
    "ascii": pl.Series([f"row {n}" if n % 7 else None for n in range(5 * HALF)]),
    "categories": pl.Series(["x", "y", None, "x"], dtype=pl.Categorical),
    "choices": pl.Series(["x", "y", "x"], dtype=pl.Enum(["y", "x"])),
    "no numbers": pl.Series([], dtype=pl.Int64),
    "no text": pl.Series([], dtype=pl.String),
    "all missing text": pl.Series([None, None], dtype=pl.String),
    "all missing numbers": pl.Series([None, None], dtype=pl.Int64),
    "chunks": pl.concat([pl.Series([1, 2]), pl.Series([None, 3])], rechunk=False),
    "a part": pl.Series(range(5 * HALF)).slice(3, 4 * HALF),
    "gaps": pl.Series([1.0, None] * (3 * HALF)),
    "a part without gaps": pl.Series([None, 1.0, 2.0]).slice(1),
}


@pytest.mark.parametrize("name", SERIES)
def test_a_series_has_the_digest_that_it_has_through_numpy(name):
    values = SERIES[name]
    assert series.feed_series(hashlib.sha256(), values) is not None
    assert column_digest(values) == column_digest(values.to_numpy())


@pytest.mark.parametrize("values", [[True, None], [[1], [2]], [{"a": 1}]])
def test_what_is_not_known_goes_through_numpy(values):
    values = pl.Series(values)
    assert series.feed_series(hashlib.sha256(), values) is None
    assert column_digest(values) == column_digest(values.to_numpy())


def test_another_layout_of_the_stream_goes_through_numpy(monkeypatch):
    expected = column_digest(SERIES["integers"])
    monkeypatch.setattr(series, "_ALIGNED", 4096)
    with pytest.raises(ValueError, match="buffers"):
        series.feed_series(hashlib.sha256(), SERIES["integers"])
    assert column_digest(SERIES["integers"]) == expected


def test_numpy_is_not_loaded_for_a_program_that_does_without():
    program = (
        "import sys, polars as pl; from lineproof.data.fingerprint import frame_fingerprint\n"
        "frame = pl.DataFrame({'a': [1, None], 'b': ['x', 'y'], 'c': [0.5, -0.0], 'd': [True, False]})\n"
        "assert frame_fingerprint(frame).fingerprint.startswith('frame0:')\n"
        "assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
