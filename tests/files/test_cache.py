"""What has not changed is not read again; what could have changed without a trace is."""

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from lineproof.data import digest, folder_digest
from lineproof.data.digest import file_digest
from lineproof.data.folder_digest import whole_folder
from lineproof.files.cache import DigestCache
from lineproof.files.status import TICK_NS, key_of, settled

SIZE = 2 << 20  # enough that a single file is looked up


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / ".lineproof").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LINEPROOF_HOME", raising=False)
    return tmp_path


@pytest.fixture
def reads(monkeypatch):
    """Files whose bytes were read."""
    seen, hashed = [], digest.digest_of_open

    def noted(descriptor, *rest, **more):
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        return hashed(descriptor, *rest, **more)

    monkeypatch.setattr(digest, "digest_of_open", noted)
    monkeypatch.setattr(folder_digest, "digest_of_open", noted)
    return seen


def settle(*paths):
    """Wait until the clock has left the tick in which the files were written."""
    while not all(settled(key_of(path.stat())) for path in paths):
        time.sleep(0.005)


def plain(path):
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_an_unchanged_file_is_read_once(project, reads):
    path = project / "a.bin"
    path.write_bytes(b"a" * SIZE)
    settle(path)
    assert file_digest(path) == file_digest(path) == plain(path)
    assert reads == ["a.bin"]


def test_a_change_that_keeps_size_and_time_of_change_is_seen(project):
    path = project / "a.bin"
    path.write_bytes(b"a" * SIZE)
    settle(path)
    before = path.stat()
    file_digest(path)
    path.write_bytes(b"b" * SIZE)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # what cannot be set back is the ctime
    assert file_digest(path) == plain(path)


def test_a_file_changed_just_before_it_was_read_is_read_again(project, reads):
    path = project / "a.bin"
    path.write_bytes(b"a" * SIZE)
    now = time.time_ns()
    key = (*key_of(path.stat())[:3], now - TICK_NS // 2, now - TICK_NS // 2)
    assert not settled(key, now)
    assert settled(key, now + TICK_NS)
    assert not settled((1, 1, 1, 5_000_000_000, 5_000_000_000), 6_000_000_000)  # a clock of whole seconds
    assert settled((1, 1, 1, 5_000_000_000, 5_000_000_000), 8_000_000_000)
    for _ in range(3):  # written and read in the same tick, over and over: never a digest of before
        path.write_bytes(os.urandom(SIZE))
        assert file_digest(path) == plain(path)


def test_a_folder_is_read_again_only_where_it_changed(project, reads):
    folder = project / "data"
    (folder / "below").mkdir(parents=True)
    files = [folder / f"{n}.txt" for n in range(20)] + [folder / "below" / "x"]
    for n, file in enumerate(files):
        file.write_bytes(b"%d" % n)
    settle(*files)
    first = whole_folder(folder)
    assert (first.files, first.read) == (21, 21)
    lines = sorted((file.relative_to(folder).as_posix(), plain(file)) for file in files)
    text = "".join(f"{one}  {name}\n" for name, one in lines)
    assert first.digest == f"sha256-folder:{hashlib.sha256(text.encode()).hexdigest()}"
    again = whole_folder(folder)
    assert (again.digest, again.read) == (first.digest, 0)
    files[3].write_bytes(b"other")
    reads.clear()
    third = whole_folder(folder)
    assert (third.read, reads) == (1, ["3.txt"])
    assert third.digest != first.digest


def test_another_file_in_the_place_of_one_is_read(project):
    path, other = project / "a.bin", project / "b.bin"
    path.write_bytes(b"a" * SIZE)
    other.write_bytes(b"b" * SIZE)
    settle(path, other)
    file_digest(path)
    other.replace(path)
    assert file_digest(path) == plain(path)


def test_a_damaged_or_missing_cache_only_costs_time(project):
    path = project / "a.bin"
    path.write_bytes(b"a" * SIZE)
    settle(path)
    file_digest(path)
    (project / ".lineproof" / "cache" / "digests.db").write_bytes(b"no database")
    assert file_digest(path) == plain(path)
    assert DigestCache(project / "none").find(key_of(path.stat()), project.stat()) is None


def test_both_digests_of_a_file_are_kept(project, monkeypatch, reads):
    monkeypatch.setattr(digest, "TREE_FROM", SIZE)
    path = project / "a.bin"
    path.write_bytes(b"a" * SIZE)
    settle(path)
    one, other = file_digest(path, tree_from=SIZE), file_digest(path, tree_from=None)
    assert (one[:12], other) == ("sha256-tree:", plain(path))
    reads.clear()
    assert (file_digest(path, tree_from=SIZE), file_digest(path, tree_from=None)) == (one, other)
    assert reads == []


def test_digests_are_those_of_the_published_vectors(tmp_path):
    vectors = json.loads((Path(digest.__file__).parent / "vectors" / "digest.json").read_text())
    for case in vectors["tree"]:
        path = tmp_path / "tree.bin"
        path.write_bytes(bytes((i * i + i // 251) % 256 for i in range(case["size"])))
        assert file_digest(path, tree_from=1, leaf=case["leaf"]) == case["digest"]
    for case in vectors["folder"]:
        for name, text in case["files"].items():
            (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "folder" / name).write_text(text)
        assert whole_folder(tmp_path / "folder").digest == case["digest"]
