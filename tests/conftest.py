"""Fixtures that tests of all rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Folder of the public conformance data; tests that need it skip where it is not there."""
    folder = Path(os.environ.get("LINEPROOF_VECTORS", ROOT.parent / "shared" / "vectors"))
    if not folder.is_dir():
        pytest.skip(f"no conformance data at {folder}; set LINEPROOF_VECTORS to its folder")
    return folder
