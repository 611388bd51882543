"""A ledger that holds a small pipeline, made through the store's own door."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from lineproof.graph import Ledger, open_ledger
from lineproof.store import Ledger as Stored

_spec = importlib.util.spec_from_file_location("story", Path(__file__).parent / "story.py")
told = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(told)


@pytest.fixture(scope="session")
def story_text():
    """The module that tells the pipeline."""
    return told


@pytest.fixture
def stored(tmp_path, store) -> Stored:
    return store(tmp_path / ".lineproof")


@pytest.fixture(scope="session")
def story(tmp_path_factory, store):
    return told.tell(store(tmp_path_factory.mktemp("project") / ".lineproof"))


@pytest.fixture(scope="session")
def ledger(story) -> Ledger:
    return open_ledger(story.ledger.folder)
