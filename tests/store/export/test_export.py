"""Promises about exported logs: complete, incremental, and nothing in them can be altered unnoticed."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_case import database, everything, many

from lineproof.errors import ExportError, ForkError, NoteError, RollbackError, TileError
from lineproof.ledger import (
    Checkpoint,
    Frontier,
    SigningKey,
    VerifierKey,
    decode_bundle,
    encode_bundle,
    leaf_hash,
    sign_checkpoint,
)
from lineproof.store import Ledger, VerifyReport, verify_export


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "published"


def key(ledger: Ledger) -> VerifierKey:
    return VerifierKey.parse((ledger.folder / "keys" / "ledger.vkey").read_text().strip())


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def first(report: VerifyReport) -> tuple[Any, ...]:
    assert not report.ok
    failure = report.failures[0]
    return failure.kind, failure.entry


@pytest.mark.parametrize("count", [0, 253, 254, 255, 600])
def test_an_export_verifies_with_the_public_key_alone(ledger, out, count):
    ledger.append(many(count))
    done = ledger.export(out, payloads=True)
    trusted = key(ledger)
    shutil.rmtree(ledger.folder)
    report = verify_export(out, trusted)
    assert report.ok, report.failures
    assert report.checked == report.total == done.size == count + 2
    assert report.scope.payloads
    assert not report.warnings


def test_an_export_in_steps_is_the_export_in_one(ledger, tmp_path):
    for count in (3, 250, 10, 700, 1):
        ledger.append(many(count))
        ledger.export(tmp_path / "steps", payloads=True)
    ledger.export(tmp_path / "once", payloads=True)
    steps, once = contents(tmp_path / "steps"), contents(tmp_path / "once")
    assert {path: steps[path] for path in once} == once
    # Parts of the last tiles are kept for those who hold the checkpoints they belong to.
    assert all(".p/" in path for path in set(steps) - set(once))


def test_what_was_exported_is_not_written_again(ledger, out):
    ledger.append(many(600))
    assert ledger.export(out).files > 5
    assert ledger.export(out).files == 0
    before = {path: (out / path).stat().st_mtime_ns for path in contents(out)}
    ledger.append(many(1))
    ledger.export(out)
    assert (out / "tile/0/000").stat().st_mtime_ns == before["tile/0/000"]


def test_an_export_that_was_cut_off_is_taken_up_again(ledger, out):
    ledger.append(many(600))
    ledger.export(out)
    whole = contents(out)
    for path in ("checkpoint", "lineproof.json", "tile/entries/001", "tile/0/002.p/90"):
        (out / path).unlink()
    (out / "tile/entries/.001.new").write_bytes(b"half of it")
    ledger.export(out)
    assert {path: data for path, data in contents(out).items() if path in whole} == whole
    assert verify_export(out, key(ledger)).ok


def test_without_payloads_nothing_that_entries_say_leaves_the_ledger(ledger, out):
    ledger.append(everything())
    ledger.destroy_payload(4, "asked for")
    ledger.export(out)
    report = verify_export(out, key(ledger))
    assert report.ok
    assert not report.scope.payloads
    assert "payloads are not among the files" in report.warnings[0]
    assert b"credit" not in b"".join(contents(out).values())


def test_a_destroyed_payload_goes_from_the_export_too(ledger, out):
    ledger.append(many(600))
    ledger.export(out, payloads=True)
    lines = (out / "payloads/001.jsonl").read_text()
    ledger.destroy_payload(300, "asked for")
    ledger.export(out, payloads=True)
    gone = [json.loads(line) for line in lines.splitlines() if line.startswith('{"entry":300,')]
    assert len(gone) == 1
    assert all(gone[0]["payload"].encode() not in data for data in contents(out).values())
    report = verify_export(out, key(ledger))
    assert report.ok
    assert report.scope.payloads
    # Whoever puts it back is noticed.
    (out / "payloads/001.jsonl").write_text(lines)
    assert first(verify_export(out, key(ledger))) == ("payload", 300)


def test_exporting_without_payloads_removes_those_that_were_there(ledger, out):
    ledger.append(many(300))
    ledger.export(out, payloads=True)
    ledger.export(out)
    assert b"eventTime" not in b"".join(contents(out).values())
    assert not (out / "payloads/001.jsonl").exists()


@pytest.mark.parametrize("name", ["", "published/"])
def test_a_zip_file_of_an_export_verifies_alike(ledger, out, tmp_path, name):
    ledger.append(many(300))
    ledger.export(out, payloads=True)
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in contents(out).items():
            archive.writestr(name + path, data)
    report = verify_export(tmp_path / "bundle.zip", key(ledger))
    assert report.ok, report.failures
    assert report.total == 302


def test_a_damaged_zip_file_is_refused(ledger, out, tmp_path):
    ledger.append(many(10))
    ledger.export(out)
    archive = Path(shutil.make_archive(str(tmp_path / "bundle"), "zip", out))
    whole = archive.read_bytes()
    for stop in (0, 10, len(whole) // 2, len(whole) - 1):
        archive.write_bytes(whole[:stop])
        with pytest.raises(TileError):
            verify_export(archive, key(ledger))


def test_a_folder_without_a_log_is_refused(tmp_path):
    with pytest.raises(TileError, match="no exported log"):
        verify_export(tmp_path)


def test_the_key_beside_the_files_is_taken_only_with_a_warning(ledger, out):
    ledger.export(out)
    assert "compare it" in verify_export(out).warnings[0]
    other = SigningKey.generate(key(ledger).name).verifier
    assert first(verify_export(out, other))[0] in {"key", "checkpoint"}


# Attacks on the files


@pytest.fixture
def exported(ledger, out):
    ledger.append(many(600))
    ledger.export(out, payloads=True)
    return out


def rewrite(path: Path, change: Any) -> None:
    path.write_bytes(encode_bundle(change(decode_bundle(path.read_bytes()))))


def test_a_changed_entry_is_named(ledger, exported):
    rewrite(
        exported / "tile/entries/001",
        lambda entries: [*entries[:44], entries[44].replace(b'"v":1', b'"v":2'), *entries[45:]],
    )
    assert first(verify_export(exported, key(ledger))) == ("leaf", 300)


def test_a_deleted_entry_is_named(ledger, exported):
    rewrite(exported / "tile/entries/001", lambda entries: entries[:44] + entries[45:])
    report = verify_export(exported, key(ledger))
    assert first(report) == ("entry", 300)
    assert (report.failures[0].expected, report.failures[0].found) == ("entry 300", None)


def test_an_inserted_entry_is_noticed(ledger, exported):
    rewrite(exported / "tile/entries/001", lambda entries: [*entries[:44], b"{}", *entries[44:]])
    report = verify_export(exported, key(ledger))
    assert first(report) == ("entry", 256)
    assert "does not hold" in report.failures[0].found


def test_swapped_entries_are_named(ledger, exported):
    rewrite(exported / "tile/entries/000", lambda found: [found[0], found[2], found[1], *found[3:]])
    report = verify_export(exported, key(ledger))
    assert first(report) == ("leaf", 1)
    assert (report.failures[0].expected, report.failures[0].found) == ("entry 1", "entry 2")


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/entries/002.p/90"])
def test_a_missing_bundle_is_named(ledger, exported, path):
    (exported / path).unlink()
    report = verify_export(exported, key(ledger))
    assert first(report) == ("entry", 0 if "000" in path else 512)
    assert report.failures[0].key == {"file": path}


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/002.p/90", "tile/1/000.p/2"])
def test_a_changed_tile_is_told_from_a_changed_entry(ledger, exported, path):
    data = (exported / path).read_bytes()
    (exported / path).write_bytes(bytes([data[0] ^ 1]) + data[1:])
    report = verify_export(exported, key(ledger))
    assert {failure.kind for failure in report.failures} == {"tree"}


def test_a_log_cut_short_under_its_old_checkpoint_is_noticed(ledger, exported):
    rewrite(exported / "tile/entries/002.p/90", lambda entries: entries[:-5])
    assert first(verify_export(exported, key(ledger))) == ("entry", 597)


def test_a_changed_payload_is_named(ledger, exported):
    path = exported / "payloads/001.jsonl"
    one, other = path.read_text().splitlines(keepends=True)[44:46]
    path.write_text(path.read_text().replace(one, other.replace('"entry":301', '"entry":300')))
    assert first(verify_export(exported, key(ledger))) == ("payload", 300)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_of_an_export_can_be_another(ledger, out, data):
    if not out.exists():
        ledger.append(everything())
        ledger.append(many(260))
        ledger.export(out, payloads=True)
    skipped = {"lineproof.json", "ledger.vkey", "keys.jsonl"}  # none is believed when the key is given
    path = data.draw(st.sampled_from(sorted(set(contents(out)) - skipped)))
    whole = (out / path).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    try:
        (out / path).write_bytes(
            whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
        )
        assert not verify_export(out, key(ledger)).ok
    finally:
        (out / path).write_bytes(whole)
    assert verify_export(out, key(ledger)).ok


# A published log may only grow


@pytest.mark.sqlite_only
def test_a_ledger_that_was_cut_back_is_not_exported_over_what_was_published(ledger, folder, tmp_path, out):
    ledger.append(many(5))
    shutil.copytree(folder, tmp_path / "backup")
    ledger.append(many(5))
    ledger.export(out)
    published = contents(out)
    with pytest.raises(RollbackError):
        Ledger.open(tmp_path / "backup").export(out)
    restored = Ledger.open(tmp_path / "backup")
    restored.append(many(9))
    with pytest.raises(ForkError):
        restored.export(out)
    assert contents(out) == published


def test_two_ledgers_do_not_share_a_folder(ledger, out, tmp_path):
    ledger.export(out)
    with pytest.raises(NoteError, match="no checkpoint of this ledger"):
        Ledger.create(tmp_path / "other" / ".lineproof").export(out)


def test_a_folder_that_cannot_be_written_is_said(ledger, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError):
        ledger.export(tmp_path / "file")


def test_missing_entries_are_not_exported(ledger, out):
    ledger.append(many(5))
    with database(ledger) as connection:
        connection.execute("DELETE FROM entry WHERE seq = 3")
    with pytest.raises(ExportError, match="missing"):
        ledger.export(out)
    assert not (out / "checkpoint").exists()


def test_a_whole_export_rewritten_by_somebody_without_the_key_is_refused(ledger, exported):
    """Fresh hashes everywhere, signed by a key of the same name."""
    forger, tree = SigningKey.generate(key(ledger).name), Frontier()
    leaf = decode_bundle((exported / "tile/entries/000").read_bytes())[0]
    tree.append(leaf_hash(leaf))
    note = sign_checkpoint(Checkpoint(forger.name, 1, tree.root()), forger)
    (exported / "checkpoint").write_text(note)
    (exported / "ledger.vkey").write_text(str(forger.verifier))
    report = verify_export(exported, key(ledger))
    assert {"key", "checkpoint"} <= {failure.kind for failure in report.failures}
