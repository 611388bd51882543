"""Promises about bad disks: a full or read-only one is named, and what was acknowledged stays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from store_case import event, many

from lineproof.errors import LedgerFullError
from lineproof.store import Ledger

FILLER = """
import resource, sys, json
from pathlib import Path
from lineproof.errors import LedgerFullError
from lineproof.model.entries import EntryType
from lineproof.store import Ledger, NewEntry
if sys.argv[2] != "-":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
ledger = Ledger.open(Path(sys.argv[1]))
count = 0
try:
    while count < 100_000:
        ledger.append([NewEntry(EntryType.DECISION, b"x" * 3000) for _ in range(10)])
        count += 10
except LedgerFullError as error:
    print(count, error.code)
"""


def fill(folder: Path, limit: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", FILLER, str(folder), limit], check=True, capture_output=True, text=True
    )
    count, code = done.stdout.split()
    assert code == "LP-STORE-03"
    return int(count)


@pytest.mark.sqlite_only
def test_when_files_may_grow_no_further_nothing_acknowledged_is_lost(ledger):
    count = fill(ledger.folder, str(1_000_000))
    assert count > 50
    assert ledger.size() == 2 + count
    assert ledger.verify().ok
    assert ledger.append([event()]).first == 2 + count


def mounted(*arguments: str) -> None:
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("mounting a disk of our own needs root; run the tests in a container")
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mounted("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def read_only(ledger, tmp_path):
    """The folder of the ledger as somebody sees it who may only read it."""
    place = tmp_path / "seen" / ".lineproof"
    place.mkdir(parents=True)
    mounted("--bind", str(ledger.folder), str(place))
    mounted("-o", "remount,bind,ro", str(place))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_on_a_full_disk_nothing_acknowledged_is_lost(small_disk, tmp_path):
    folder = small_disk / ".lineproof"
    Ledger.create(folder)
    count = fill(folder, "-")
    assert count > 50
    shutil.copytree(folder, tmp_path / ".lineproof")
    moved = Ledger.open(tmp_path / ".lineproof")
    assert moved.size() == 2 + count
    assert moved.verify().ok
    with pytest.raises(LedgerFullError):
        Ledger.create(small_disk / "another" / ".lineproof")


@pytest.mark.parametrize("open_elsewhere", [False, True], ids=["alone", "while a writer has it open"])
@pytest.mark.sqlite_only
def test_a_read_only_folder_can_be_read_and_verified_whole(ledger, read_only, open_elsewhere):
    ledger.append(many(5))
    if not open_elsewhere:
        ledger.close()
    assert (ledger.folder / "ledger.db-wal").exists() == open_elsewhere
    reader = Ledger.open(read_only)
    assert not reader.writable
    assert reader.size() == 7
    assert reader.verify().ok
    with pytest.raises(LedgerFullError):
        reader.append([event()])
    assert Ledger.create(read_only).id == ledger.id


def test_where_no_folder_can_be_made_one_is_told_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerFullError) as caught:
        Ledger.create(tmp_path / "file" / ".lineproof")
    assert "permissions" in caught.value.remedy
