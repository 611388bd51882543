"""Byte digests of what is no plain file: holes, pipes, what changes meanwhile, what is left out."""

import hashlib
import json
import os
import time

import pytest
from typer.testing import CliRunner

from lineproof.cli.app import app
from lineproof.data import digest, folder_digest
from lineproof.data.digest import file_digest
from lineproof.data.folder_digest import whole_folder
from lineproof.errors import DataAccessError, DataLimitError, UnstableDataError

LEAF = 1 << 20
run = CliRunner().invoke


def tree_of(content):
    top = hashlib.sha256(b"\1" + len(content).to_bytes(8, "little"))
    for start in range(0, len(content), LEAF):
        top.update(hashlib.sha256(b"\0" + content[start : start + LEAF]).digest())
    return f"sha256-tree:{top.hexdigest()}"


@pytest.mark.parametrize("pieces", [[(0, 5), (9_000_000, 3)], [(5_000_000, 7)], [(4 << 20, 1)], []])
def test_a_file_with_holes_has_the_digest_of_what_it_reads_as(tmp_path, pieces):
    path = tmp_path / "holes.bin"
    with path.open("wb") as file:
        for at, size in pieces:
            file.seek(at)
            file.write(b"x" * size)
        file.truncate(12_345_678)
    content = path.read_bytes()
    assert file_digest(path) == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert file_digest(path, tree_from=1, leaf=LEAF) == tree_of(content)


def test_a_hundred_gigabytes_of_nothing_are_hashed_at_once(tmp_path):
    path = tmp_path / "sparse.bin"
    with path.open("wb") as file:
        file.write(b"x")
        file.truncate(100 << 30)
    started = time.process_time()
    assert file_digest(path).startswith("sha256-tree:")
    assert time.process_time() - started < 3  # two leaves; as plain bytes it would be a minute


def test_a_file_beyond_the_limit_is_refused_with_what_to_do(tmp_path, monkeypatch):
    path = tmp_path / "large.bin"
    path.write_bytes(b"x" * 1001)
    monkeypatch.setenv("LINEPROOF_HASH_LIMIT", "1000")
    with pytest.raises(DataLimitError, match="LINEPROOF_HASH_LIMIT is 1000"):
        file_digest(path)


def test_nobody_waits_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for command in ("digest", "scan", "fingerprint"):
        done = run(app, [command, str(tmp_path / "pipe.csv"), "--json"])
        assert done.exit_code == 1, command
        assert json.loads(done.stderr)["error"]["code"] == "LP-DATA-09", command
        assert "it is a named pipe, not a file" in done.stderr
    assert "a device" in run(app, ["digest", "/dev/zero"]).stderr


@pytest.mark.parametrize("folder", [False, True])
def test_a_file_that_changes_while_it_is_hashed_is_unstable(tmp_path, monkeypatch, folder):
    path = tmp_path / "a.bin"
    path.write_bytes(b"a")
    hashed = digest.digest_of_open

    def slowly(*rest, **more):
        with path.open("ab") as file:
            file.write(b"b")
        return hashed(*rest, **more)

    monkeypatch.setattr(digest, "digest_of_open", slowly)
    monkeypatch.setattr(folder_digest, "digest_of_open", slowly)
    with pytest.raises(UnstableDataError):
        whole_folder(tmp_path) if folder else file_digest(path)


def test_a_folder_in_which_a_name_came_meanwhile_is_unstable(tmp_path, monkeypatch):
    (tmp_path / "a.bin").write_bytes(b"a")
    os.utime(tmp_path, ns=(0, 0))
    hashed = digest.digest_of_open

    def slowly(*rest, **more):
        (tmp_path / "b.bin").write_bytes(b"b")
        return hashed(*rest, **more)

    monkeypatch.setattr(folder_digest, "digest_of_open", slowly)
    with pytest.raises(UnstableDataError, match="a name came or went"):
        whole_folder(tmp_path)


def test_what_in_a_folder_is_no_file_is_named_and_recorded_as_left_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LINEPROOF_HOME", raising=False)
    data = tmp_path / "data"
    (data / "below").mkdir(parents=True)
    (data / "a.txt").write_text("a")
    (data / "again.txt").symlink_to("a.txt")
    (data / "gone").symlink_to("nowhere")
    (data / "loop").symlink_to("loop")
    (data / "elsewhere").symlink_to(tmp_path)
    os.mkfifo(data / "below" / "pipe")
    left_out = {
        "below/pipe": "a named pipe",
        "elsewhere": "a link to a folder",
        "gone": "a link to nothing",
        "loop": "a link that cannot be followed: Too many levels of symbolic links",
    }
    assert run(app, ["init"]).exit_code == 0
    done = run(app, ["digest", "data", "--record", "--json"])
    found = json.loads(done.stdout)
    assert (found["complete"], found["left_out"], found["files"]) == (False, left_out, 2)
    assert "gone has no part in the digest: it is a link to nothing" in run(app, ["digest", "data"]).stderr
    shown = run(app, ["show", f"entry:{found['entry']}", "--json"]).stdout
    assert "below/pipe (a named pipe)" in shown
    (data / "gone").unlink()
    assert whole_folder(data / "below").left_out == {"pipe": "a named pipe"}


def test_large_files_of_a_folder_have_their_place_in_its_digest(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_digest, "_LARGE", 3)
    for name, content in (("b", b"large"), ("a", b"s"), ("c", b"larger")):
        (tmp_path / name).write_bytes(content)
    lines = "".join(
        f"sha256:{hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}  {name}\n" for name in "abc"
    )
    found = whole_folder(tmp_path)
    assert found.digest == f"sha256-folder:{hashlib.sha256(lines.encode()).hexdigest()}"
    assert (found.files, found.size_bytes, found.read) == (3, 12, 3)


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(DataAccessError):
        whole_folder(tmp_path / "none")
