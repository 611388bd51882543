"""Every code block of README and docs runs as it stands.

Blocks marked `sh` and `python` run, in order, in one fresh folder per page that holds the example's
scripts and data. Blocks marked `console` or `text` show output, or commands that CI runs itself.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example")
    for script in (ROOT / "examples" / "tumour").glob("*.py"):
        if script.name != "demo.py":
            shutil.copy(script, folder)
    subprocess.run([sys.executable, "make_data.py"], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.exists() and BLOCK.search(page.read_text())],
    ids=lambda page: str(page.relative_to(ROOT)),
)
@pytest.mark.timeout(900)
def test_the_code_blocks_of_a_page_run(page, example, tmp_path):
    folder = shutil.copytree(example, tmp_path / "project")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINEPROOF_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    for language, code in BLOCK.findall(page.read_text()):
        command = ["sh", "-euc", code] if language == "sh" else [sys.executable, "-W", "error", "-c", code]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=800
        )
        assert done.returncode == 0, f"{page.name}: {code}\n{done.stdout}\n{done.stderr}"
