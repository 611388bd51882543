"""Ledgers to test on; what fills them is in `store_case.py`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from lineproof.store import Ledger

_spec = importlib.util.spec_from_file_location("store_case", Path(__file__).parent / "store_case.py")
sys.modules["store_case"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["store_case"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".lineproof"


@pytest.fixture
def ledger(folder: Path) -> Ledger:
    return Ledger.create(folder)
