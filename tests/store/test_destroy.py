"""Promises about destruction: the bytes are gone from every file, the log holds, a tombstone stays."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from store_case import database, dataset, dump, event, everything, many, source

from lineproof.errors import LedgerInUseError, UsageError
from lineproof.model.entries import EntryType
from lineproof.store import Ledger, NewEntry
from lineproof.store.database import sqlite

SECRET = "mustermann-1970-01-01"


def personal(number: int = 0):
    lineage = {"x": {"inputFields": [source(f"{SECRET}.csv", SECRET)]}}
    return event(
        run=f"01990000-0000-7000-8000-0000000{number:05x}",
        job=f"{SECRET}.py",
        inputs=[dataset(f"{SECRET}.csv", "sha256:1", columns=[SECRET, "x"])],
        outputs=[dataset("out.csv", f"sha256:{number}", sources=lineage)],
        lineproof_process={"argv": ["--name", SECRET]},
    )


def files_with(ledger: Ledger, secret: bytes) -> list[str]:
    return [path.name for path in ledger.folder.rglob("*") if path.is_file() and secret in path.read_bytes()]


@pytest.mark.sqlite_only
def test_destroyed_bytes_are_in_no_file_of_the_ledger(ledger):
    ledger.append(many(200))
    number = ledger.append([personal(1), *many(200)]).first
    ledger.append(many(50))
    ledger.rebuild()
    with database(ledger) as connection:
        salt = connection.execute("SELECT salt FROM payload WHERE seq = ?", (number,)).fetchone()[0]
    assert files_with(ledger, SECRET.encode())
    ledger.destroy_payload(number, "request 17")
    assert files_with(ledger, SECRET.encode()) == []
    assert files_with(ledger, salt) == []


def test_the_log_still_verifies_and_says_who_destroyed_what_and_why(ledger):
    number = ledger.append([personal()]).first
    ledger.append(everything())
    by = ledger.destroy_payload(number, "request 17")
    report = ledger.verify()
    assert report.ok, report.failures
    assert report.checked == report.total
    assert ledger.entry(number).payload is None
    assert ledger.entry(by).type is EntryType.SHRED
    assert json.loads(ledger.entry(by).payload)["entry"] == number
    assert dump(ledger)["tombstone"] == [(number, by, "request 17")]


def test_what_it_projected_is_gone_and_what_others_projected_stays(ledger):
    ledger.append(everything())
    before = dump(ledger)
    number = ledger.append([personal()]).first
    ledger.destroy_payload(number, "request 17")
    after = dump(ledger)
    for table in after.keys() - {"tombstone", "activity"}:
        assert after[table] == before[table]


def test_what_another_entry_says_too_is_told_by_that_one(ledger):
    """The first entry of a name is destroyed; the row is then that of the second."""
    numbers = ledger.append([event("START"), event("COMPLETE")]).entries
    ledger.destroy_payload(numbers[0], "request 17")
    assert [row[-1] for row in dump(ledger)["run"]] == [numbers[1]]
    assert ledger.verify().ok


def test_rebuilding_keeps_tombstones(ledger):
    number = ledger.append([personal()]).first
    ledger.destroy_payload(number, "request 17")
    before = dump(ledger)
    ledger.rebuild()
    assert dump(ledger) == before


def test_appending_goes_on_after_a_destruction(ledger):
    number = ledger.append([personal()]).first
    ledger.destroy_payload(number, "request 17")
    ledger.append(many(300))
    assert ledger.verify().ok


def test_who_a_reference_stands_for_can_be_forgotten(ledger):
    ledger.destroy_payload(1, "left the company")
    assert dump(ledger)["principal"] == []
    done = ledger.append([event()])
    assert ledger.entry(done.first).principal != ledger.entry(0).principal
    assert ledger.verify().ok


@pytest.mark.parametrize("number", [0, 3])
def test_what_the_log_rests_on_is_not_destroyed(ledger, number):
    ledger.destroy_payload(ledger.append([personal()]).first, "request 17")
    with pytest.raises(UsageError, match="cannot be verified without it"):
        ledger.destroy_payload(number, "tidy")
    assert ledger.size() == 4


def test_a_payload_is_destroyed_once(ledger):
    number = ledger.append([personal()]).first
    ledger.destroy_payload(number, "request 17")
    with pytest.raises(UsageError, match="destroyed already"):
        ledger.destroy_payload(number, "again")
    with pytest.raises(UsageError, match="no entry 99"):
        ledger.destroy_payload(99, "x")
    assert ledger.size() == 4


def test_several_who_destroy_one_payload_at_once_make_one_entry_of_it(ledger):
    number = ledger.append([personal()]).first

    def destroy(_: int) -> bool:
        try:
            Ledger.open(ledger.folder).destroy_payload(number, "request 17")
        except UsageError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(destroy, range(4))) == [False, False, False, True]
    assert ledger.size() == 4
    assert ledger.verify().ok


@pytest.mark.sqlite_only
def test_a_reader_that_keeps_the_bytes_in_a_file_is_named(ledger, monkeypatch):
    number = ledger.append([personal()]).first
    ledger.close()
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT_S", 0.1)
    ledger, other = Ledger.open(ledger.folder), Ledger.open(ledger.folder)
    with other.connection() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM entry").scalar()
        with pytest.raises(LedgerInUseError, match="still holds the destroyed bytes"):
            ledger.destroy_payload(number, "request 17")
    other.close()
    ledger.close()
    assert files_with(ledger, SECRET.encode()) == []
    assert Ledger.open(ledger.folder).verify().ok


def test_a_large_payload_leaves_no_piece(ledger):
    body = b'"' + b"".join(f"{SECRET}-{number:06d};".encode() for number in range(5000)) + b'"'
    number = ledger.append([NewEntry(EntryType.DOCUMENT, body)]).first
    ledger.destroy_payload(number, "request 17")
    assert files_with(ledger, b"mustermann") == []
