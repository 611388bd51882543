"""The documentation cannot drift from the code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_generated_pages_and_schemas_are_what_the_code_says():
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "setting",
    ["LINEPROOF_HOME", "LINEPROOF_DISABLE", "LINEPROOF_VECTORS", "LINEPROOF_REQUIRE"],
)
def test_every_setting_is_documented(setting):
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    assert f"`{setting}`" in page


def test_no_setting_is_read_that_is_not_documented():
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    read = {
        word.strip("\"'()[],:")
        for path in (ROOT / "src").rglob("*.py")
        for word in path.read_text().split()
        if word.strip("\"'()[],:").startswith("LINEPROOF_")
    }
    undocumented = {name for name in read if name.isupper() and f"`{name}`" not in page}
    assert not undocumented


def test_every_dependency_has_its_line_in_the_table():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    page = (ROOT / "docs" / "dependencies.md").read_text()
    lists = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    names = {item.split(">")[0].split("=")[0].split("[")[0].strip() for group in lists for item in group} - {
        "lineproof"
    }
    missing = {name for name in names if f"`{name}`" not in page}
    assert not missing
