"""A ledger with the small pipeline of the graph's tests, to state things about."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from lineproof.questions import Ledger, open_ledger
from lineproof.store import Ledger as Stored

_spec = importlib.util.spec_from_file_location("story", Path(__file__).parents[1] / "graph" / "story.py")
told = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(told)


@pytest.fixture(scope="session")
def story_text():
    """The module that tells the pipeline."""
    return told


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    return open_ledger(told.tell(Stored.create(tmp_path / ".lineproof")).ledger.folder)
