"""The cases of pandas and scikit-learn on pandas 2.2, the oldest that is observed: nothing is missed there either."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pandas as pd
import pytest

TESTS = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("scoring", TESTS / "conformance" / "scoring.py")
scoring = sys.modules["scoring"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(scoring)

OWN = [
    TESTS / "capture" / "patches" / "cases.yaml",
    *(TESTS / "conformance" / "cases").glob("[ps][ak]*.yaml"),
]


@pytest.fixture(scope="module")
def found():
    cases = [case for path in OWN for case in scoring.load(path)]
    folder = Path(os.environ.get("LINEPROOF_VECTORS", TESTS.parents[1] / "shared" / "vectors")) / "columns"
    for path in (folder / "pandas.yaml", folder / "sklearn.yaml"):
        cases += scoring.load(path) if path.is_file() else []
    return scoring.scored(cases)


def test_it_is_pandas_2_2():
    assert pd.__version__.startswith("2.2.")


def test_no_source_column_is_missed(found):
    print(scoring.table(found, "earlier"))
    print("\n".join(scoring.complaints(found, ("superset",))))
    assert not scoring.complaints(found, ("missed", "claimed", "unknown"))
