"""What the repository must never hold."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked_files() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_registry_address_in_lock_files():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--index" not in lock
    assert lock.count("--hash=sha256:") > 100


def test_no_path_of_a_developers_machine_in_tracked_files():
    home = re.compile(rb"/home/[a-z]+/|/root/|/Users/[A-Za-z]+/")
    offenders = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path != Path(__file__) and home.search(path.read_bytes())
    ]
    assert not offenders


def test_no_file_is_too_long_to_read():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (ROOT / "src").rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > 500} == {}
