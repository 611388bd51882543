"""Ledgers to test on; what fills them is in `store_case.py`."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lineproof.store import Ledger

for _name in ("store_case", "writers"):
    _spec = importlib.util.spec_from_file_location(_name, Path(__file__).parent / f"{_name}.py")
    sys.modules[_name] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[_name])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".lineproof"


@pytest.fixture
def ledger(folder: Path, store: Callable[[Path], Ledger]) -> Ledger:
    return store(folder)
