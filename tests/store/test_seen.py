"""Promises to whoever looks twice: what was seen of a ledger in a place is held against it there."""

from __future__ import annotations

import os
import shutil
import time

import pytest
from store_case import database, grow_tree, many

from lineproof.errors import CorruptLedgerError
from lineproof.ledger import Checkpoint, SigningKey, origin_of, sign_checkpoint
from lineproof.store import Ledger
from lineproof.store.keys import create_keys
from lineproof.store.seen import seen_file

pytestmark = pytest.mark.sqlite_only  # copies of the file


@pytest.fixture
def backup(ledger, tmp_path):
    """A copy of a ledger as it was before this user looked at it last."""
    ledger.append(many(3))
    shutil.copytree(ledger.folder, tmp_path / "backup" / ".lineproof")
    ledger.append(many(300))
    assert ledger.look() is None
    return tmp_path / "backup" / ".lineproof"


def restored(ledger: Ledger, backup) -> Ledger:
    shutil.rmtree(ledger.folder)
    shutil.copytree(backup, ledger.folder)
    return Ledger.open(ledger.folder)


def set_head(ledger: Ledger, checkpoint: str) -> str:
    with database(ledger) as connection:
        (before,) = connection.execute("SELECT checkpoint FROM head").fetchone()
        connection.execute("UPDATE head SET checkpoint = ?", (checkpoint,))
    return before


def remembered(ledger: Ledger) -> str:
    return seen_file(ledger.id, ledger.place).read_text()


def test_a_ledger_that_grows_is_opened_again_and_again(ledger):
    for _ in range(3):
        assert ledger.look() is None
        ledger.append(many(200))
        assert ledger.look() is None
    assert ledger.verify().ok


def test_a_backup_in_place_of_the_ledger_fails_verification_with_both_checkpoints(ledger, backup):
    report = restored(ledger, backup).verify()
    assert not report.ok
    assert [one.kind for one in report.failures] == ["rollback"]
    assert "\n305\n" in report.failures[0].expected
    assert "\n5\n" in report.failures[0].found
    assert report.failures[0].key == {"seen": str(ledger.folder)}


def test_what_was_appended_is_remembered_without_looking_again(ledger, tmp_path):
    shutil.copytree(ledger.folder, tmp_path / "backup")
    ledger.append(many(1))
    assert restored(ledger, tmp_path / "backup").look().kind == "rollback"


def test_two_forks_shown_to_one_reader_are_noticed_and_not_forgotten_by_going_on(ledger, backup):
    twin = restored(ledger, backup)
    twin.append(many(400))
    for _ in range(2):
        assert twin.look().kind == "fork"
        twin.append(many(1))
    (failure,) = twin.verify().failures
    assert failure.kind == "fork"
    assert "\n305\n" in failure.expected


def test_recording_and_reading_go_on(ledger, backup):
    twin = restored(ledger, backup)
    assert "you saw here last: the log had 305 entries and has 5 now" in twin.look().line()
    assert "\n" not in twin.look().line()
    assert twin.append(many(2)).added == 2
    assert twin.size() == 7


def test_a_copy_may_grow_on_its_own_and_verify_of_both_only_warns(ledger, backup):
    copy = Ledger.open(backup)
    copy.append(many(2))
    assert copy.look() is None
    for one, size in ((ledger, 305), (copy, 7)):
        report = one.verify()
        assert report.ok
        (warning,) = [warning for warning in report.warnings if "another copy" in warning]
        assert warning.count(f"\n— {origin_of(ledger.id)} ") == 2
        assert f"\n{size}\n" in warning


def test_a_copy_that_is_only_older_is_no_cause_for_a_warning(ledger, backup):
    copy = Ledger.open(backup)
    assert copy.look() is None
    for one in (ledger, copy):
        assert not [warning for warning in one.verify().warnings if "another copy" in warning]


def test_the_same_place_is_known_by_any_path_to_it(ledger, backup, tmp_path, monkeypatch):
    twin = restored(ledger, backup)
    (tmp_path / "link").symlink_to(twin.folder)
    assert Ledger.open(tmp_path / "link").look().kind == "rollback"
    monkeypatch.chdir(tmp_path)
    assert Ledger.open(twin.folder.relative_to(tmp_path)).look().kind == "rollback"


def test_a_restore_on_purpose_is_accepted_with_its_reason_on_record(ledger, backup):
    twin = restored(ledger, backup)
    number = twin.accept_restored("the disk broke")
    assert b"the disk broke" in twin.entry(number).payload
    assert b"\\n305\\n" in twin.entry(number).payload
    assert twin.verify().ok
    assert twin.look() is None
    assert twin.accept_restored("again") is None


def test_a_ledger_under_another_key_is_another_ledger(ledger, backup):
    """Even where the log names the new key, as long as the old one has not signed for it."""
    shutil.rmtree(ledger.folder / "keys")
    key = create_keys(ledger.folder / "keys", ledger.id)
    with database(ledger) as connection:
        size, state = connection.execute("SELECT size, checkpoint FROM head").fetchone()
        (body,) = connection.execute("SELECT body FROM payload WHERE seq = 0").fetchone()
        old = body.partition(b'"verifier_key":"')[2].partition(b'"')[0]
        forged = body.replace(old, str(key.verifier).encode())
        connection.execute("UPDATE payload SET body = ? WHERE seq = 2", (forged,))
        connection.execute("UPDATE entry SET type = 'key' WHERE seq = 2")
    assert size == 305
    root = Checkpoint.parse(state.partition("\n\n")[0] + "\n").root
    set_head(ledger, sign_checkpoint(Checkpoint(origin_of(ledger.id), size, root), key))
    assert "never handed over" in ledger.look().line()


def test_a_head_that_nobody_signed_is_not_remembered(ledger):
    """Else whoever can write to the file for a moment makes everybody forget what came before."""
    ledger.append(many(5))
    before = remembered(ledger)
    stranger = SigningKey.generate(origin_of(ledger.id))
    with database(ledger) as connection:
        (signed,) = connection.execute("SELECT checkpoint FROM head").fetchone()
    checkpoint = Checkpoint.parse(signed.partition("\n\n")[0] + "\n")
    for forged in (signed[:-9] + "AAAAAAA=\n", sign_checkpoint(checkpoint, stranger), "no note"):
        set_head(ledger, forged)
        assert ledger.look() is None
        assert remembered(ledger) == before
        with pytest.raises(CorruptLedgerError):
            ledger.append(many(1))
    set_head(ledger, signed)
    assert ledger.verify().ok


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"place":"p","key":"x","checkpoint":"y"}', b"\xff" * 20_000]
)
def test_a_damaged_memory_is_made_anew(ledger, content):
    ledger.append(many(1))
    seen_file(ledger.id, ledger.place).write_bytes(content)
    assert ledger.look() is None
    assert "lineproof.local" in remembered(ledger)


def test_without_a_place_to_remember_nothing_breaks(ledger, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    ledger.append(many(1))
    assert ledger.verify().ok
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    ledger.append(many(1))
    assert ledger.verify().ok


def test_a_ledger_without_its_public_key_is_still_read_and_appended_to(ledger):
    (ledger.folder / "keys" / "ledger.vkey").unlink()
    assert ledger.look() is None
    assert ledger.append(many(1)).added == 1


def test_looking_costs_less_than_five_milliseconds_however_far_the_log_has_grown(ledger):
    """The sizes are those whose proofs need most hashes from beside the right edge."""
    costs = []
    for size in (300, 65_535, 130_000):
        assert Ledger.open(ledger.folder).look() is None
        grow_tree(ledger, size)
        opened = Ledger.open(ledger.folder)
        opened.size()
        for _ in range(3):
            start = time.process_time()
            assert opened.look() is None
            costs.append(time.process_time() - start)
    assert sorted(costs)[1] < 0.005, costs
