"""Promises about a ledger on disk: made once, appended to exactly once, read in order."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys

import pytest
from store_case import database, event, everything, many

from lineproof.errors import (
    CorruptLedgerError,
    EventError,
    KeyFileError,
    LeafError,
    NewerLedgerError,
    NoLedgerError,
    StoreError,
    UsageError,
)
from lineproof.ledger import decode_leaf, open_checkpoint
from lineproof.model.entries import EntryType
from lineproof.model.identity import uuid7
from lineproof.store import Ledger, NewEntry, SpoolProgress, find_folder, schema
from lineproof.store.keys import verifier_key

pytestmark = pytest.mark.both_stores


def test_a_new_ledger_holds_its_key_and_who_made_it(ledger):
    key, grant = ledger.entries()
    assert (key.type, grant.type) == (EntryType.KEY, EntryType.GRANT)
    assert json.loads(key.payload)["verifier_key"] == str(verifier_key(ledger.folder / "keys"))
    assert json.loads(grant.payload)["principal"] == grant.principal == key.principal
    assert json.loads(grant.payload)["auth_method"] == "self_asserted"
    assert grant.principal.startswith("principal:")


def test_making_a_ledger_twice_is_harmless(ledger):
    ledger.append([event()])
    again = Ledger.create(ledger.folder)
    assert again.id == ledger.id
    assert again.size() == 3
    assert again.verify().ok


def test_only_its_owner_may_read_keys_and_folder(ledger):
    def mode(path):
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(ledger.folder) == 0o700
    assert mode(ledger.folder / "keys" / "ledger.key") == 0o600
    assert (ledger.folder / ".gitignore").read_text() == "*\n"


def test_the_nearest_ledger_upwards_is_opened(ledger, tmp_path, monkeypatch):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert Ledger.open().id == ledger.id
    assert Ledger.open().root == tmp_path


def test_the_environment_names_another_ledger(ledger, tmp_path, monkeypatch):
    other = Ledger.create(tmp_path / "elsewhere" / ".lineproof")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINEPROOF_HOME", str(other.folder))
    assert Ledger.open().id == other.id
    assert find_folder() == other.folder


def test_where_there_is_no_ledger_one_is_told_to_make_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoLedgerError) as caught:
        Ledger.open()
    assert "lineproof init" in caught.value.remedy
    with pytest.raises(NoLedgerError):
        Ledger.open(tmp_path / "nothing" / ".lineproof")


def test_entries_are_numbered_in_order_of_appending(ledger):
    done = ledger.append([event(), event(), event()])
    assert done.entries == (2, 3, 4)
    assert (done.added, done.size, done.first) == (3, 5, 2)
    assert [entry.seq for entry in ledger.entries()] == [0, 1, 2, 3, 4]
    assert [entry.seq for entry in ledger.entries(1, 3)] == [1, 2]


def test_a_payload_is_kept_byte_for_byte(ledger):
    payload = b'{ "eventTime" : "2026",\n "caf\\u00e9": 1.0 }'
    number = ledger.append([NewEntry(EntryType.LINEAGE_EVENT, payload)]).first
    assert ledger.entry(number).payload == payload


def test_an_id_is_recorded_once(ledger):
    one = event()
    first = ledger.append([one, one])
    assert (first.entries, first.added) == ((2, 2), 1)
    again = ledger.append([event(), one])
    assert (again.entries, again.added) == ((3, 2), 1)
    assert ledger.size() == 4
    assert ledger.verify().ok


def test_thousands_of_entries_go_in_by_groups_and_stay_one_chain(ledger):
    done = ledger.append(many(2500))
    assert (done.added, done.size) == (2500, 2502)
    assert [entry.seq for entry in ledger.entries()] == list(range(2502))
    assert ledger.verify().ok


def test_each_append_leaves_a_checkpoint_signed_for_its_size(ledger):
    for size in (3, 4):
        ledger.append([event()])
        with database(ledger) as connection:
            text = connection.execute("SELECT checkpoint FROM head").fetchone()[0]
        assert open_checkpoint(text, [verifier_key(ledger.folder / "keys")]).size == size


def test_appending_nothing_changes_nothing(ledger):
    assert ledger.append([]).size == 2
    assert ledger.verify().ok


def test_progress_of_a_spool_is_kept_with_its_entries(ledger):
    assert ledger.spool_progress("a.spool") is None
    ledger.append([event()], spool=SpoolProgress("a.spool", 100, "ab"))
    ledger.append([], spool=SpoolProgress("a.spool", 120, "cd", ended=True))
    assert ledger.spool_progress("a.spool") == SpoolProgress("a.spool", 120, "cd", ended=True)


def test_an_entry_that_cannot_be_recorded_takes_its_group_with_it(ledger):
    good = event()
    with pytest.raises(LeafError):
        ledger.append([good, NewEntry(EntryType.DECISION, b"{}", "not a uuid")])
    assert ledger.size() == 2
    assert ledger.append([good]).added == 1


@pytest.mark.parametrize("type_", [EntryType.SHRED, EntryType.KEY])
def test_nobody_says_from_outside_that_a_payload_is_destroyed_or_a_key_is_added(ledger, type_):
    with pytest.raises(EventError):
        ledger.append([NewEntry(type_, b'{"entry":1,"reason":"x","time":"2026"}')])
    assert ledger.size() == 2


def test_an_unknown_entry_number_says_which_there_are(ledger):
    with pytest.raises(UsageError, match="no entry 99") as caught:
        ledger.entry(99)
    assert "0 to 1" in caught.value.remedy


def test_entries_of_one_user_carry_one_reference(ledger):
    ledger.append([event()])
    Ledger.open(ledger.folder).append([event()])
    assert len({entry.principal for entry in ledger.entries()}) == 1


def test_another_user_is_made_known_with_the_first_entry(ledger, monkeypatch):
    monkeypatch.setenv("LOGNAME", "another")
    done = ledger.append([event(), event()])
    assert done.entries == (3, 4)
    grant = ledger.entry(2)
    assert grant.type is EntryType.GRANT
    assert json.loads(grant.payload)["name"] == "another"
    assert ledger.entry(3).principal == grant.principal != ledger.entry(0).principal
    assert ledger.append([event()]).entries == (5,)


def test_leaves_carry_no_name(ledger, monkeypatch):
    monkeypatch.setenv("LOGNAME", "erika.mustermann")
    ledger.append(everything())
    with database(ledger) as connection:
        leaves = b"".join(leaf for (leaf,) in connection.execute("SELECT leaf FROM entry"))
    assert b"erika" not in leaves
    assert b"raw.csv" not in leaves


def test_a_leaf_says_what_the_contract_says(ledger):
    identifier = uuid7()
    ledger.append([NewEntry(EntryType.DECISION, b"{}", identifier)])
    with database(ledger) as connection:
        data = connection.execute("SELECT leaf FROM entry WHERE seq = 2").fetchone()[0]
    leaf = decode_leaf(data)
    assert (leaf.id, leaf.ledger, leaf.type, leaf.size, leaf.v) == (
        identifier,
        ledger.id,
        EntryType.DECISION,
        2,
        1,
    )


def test_without_the_signing_key_a_ledger_can_be_read_not_extended(ledger):
    (ledger.folder / "keys" / "ledger.key").unlink()
    again = Ledger.open(ledger.folder)
    with pytest.raises(KeyFileError):
        again.append([event()])
    assert again.size() == 2
    assert again.verify().ok


@pytest.mark.sqlite_only
def test_no_head_is_signed_that_somebody_else_put_there(ledger):
    ledger.append(many(3))
    with database(ledger) as connection:
        connection.execute("UPDATE head SET frontier = zeroblob(length(frontier))")
    with pytest.raises(CorruptLedgerError, match="nothing was appended"):
        ledger.append([event()])


@pytest.mark.sqlite_only
def test_a_ledger_of_a_newer_version_is_left_alone(ledger):
    with database(ledger) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0031'")
        connection.execute("UPDATE meta SET value = '0.9.0' WHERE key = 'version'")
    before = (ledger.folder / "ledger.db").read_bytes()
    with pytest.raises(NewerLedgerError) as caught:
        Ledger.open(ledger.folder)
    assert "written by lineproof 0.9.0" in caught.value.message
    assert "revision 0031" in caught.value.message
    assert "pip install -U lineproof" in caught.value.remedy
    assert (ledger.folder / "ledger.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a database" * 1000])
def test_a_file_that_is_no_ledger_is_said_to_be_none(folder, content):
    folder.mkdir()
    (folder / "ledger.db").write_bytes(content)
    with pytest.raises(CorruptLedgerError):
        Ledger.open(folder)


def test_two_names_under_one_identity_are_refused_not_mixed(ledger):
    from lineproof.errors import NodeCollisionError

    ledger.append(everything())
    with database(ledger) as connection:
        connection.execute("UPDATE run SET uuid = 'somebody else'")
    with pytest.raises(NodeCollisionError):
        ledger.append([event()])
    assert ledger.size() == 8


def test_a_creation_that_was_cut_off_is_done_again(folder):
    folder.mkdir()
    (folder / "keys").mkdir()
    (folder / "keys" / "ledger.key").write_text("half")
    (folder / "ledger.db.new").write_bytes(b"half")
    ledger = Ledger.create(folder)
    assert ledger.verify().ok
    assert len(list((folder / "keys").glob("*.orphan"))) == 1, "a key is put aside, never removed"


def test_a_reader_sees_one_snapshot(ledger):
    with ledger.connection() as connection:
        before = connection.execute(schema.head.select()).one().size
        ledger.append([event()])
        assert connection.execute(schema.head.select()).one().size == before
    assert ledger.size() == before + 1


def test_a_reader_cannot_write(ledger):
    with pytest.raises(StoreError), ledger.connection() as connection:
        connection.exec_driver_sql("DELETE FROM activity")
    ledger.append([event()])
    assert ledger.verify().ok


def test_opening_a_ledger_that_is_up_to_date_does_not_load_the_migration_tool(ledger):
    program = (
        "import sys; from pathlib import Path; from lineproof.store import Ledger; "
        "Ledger.open(Path(sys.argv[1])).size(); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(ledger.folder)], check=True, env=os.environ)
