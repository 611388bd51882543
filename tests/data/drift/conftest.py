"""Windows to compare, and a short way to compare them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pyarrow as pa
import pytest

from lineproof.data.drift import compare_tables, table_of

_spec = importlib.util.spec_from_file_location("pairs", Path(__file__).parent / "pairs.py")
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)


@pytest.fixture(scope="session")
def pairs():
    """The module that makes pairs of windows."""
    return made


@pytest.fixture(scope="session")
def compared():
    """Compare two tables, given as pyarrow tables or as columns; gives the report."""

    def compare(reference, current, **options):
        near, far = (
            one if isinstance(one, pa.Table) else pa.table(dict(one)) for one in (reference, current)
        )
        return compare_tables(table_of(near, "reference"), table_of(far, "current"), **options).report

    return compare
