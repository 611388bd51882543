"""Promises about verification of a database whose author wants it to fail to answer, or to answer at length."""

from __future__ import annotations

import shutil
import time
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from store_case import database, everything, many

from lineproof.store import Ledger, NewEntry, VerifyReport

HUGE = "hex(zeroblob(2000000))"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ledger = Ledger.create(tmp_path_factory.mktemp("original") / ".lineproof")
    ledger.append(everything())
    ledger.append(many(259))
    return ledger.folder


@pytest.fixture
def full(original: Path, tmp_path: Path) -> Ledger:
    shutil.copytree(original, tmp_path / ".lineproof")
    return Ledger.open(tmp_path / ".lineproof")


def attacked(ledger: Ledger, *statements: str) -> VerifyReport:
    with database(ledger) as connection:
        for statement in statements:
            connection.execute(statement)
    return ledger.verify()


def first(report: VerifyReport) -> tuple[object, ...]:
    assert not report.ok
    failure = report.failures[0]
    return failure.kind, failure.entry, failure.table, failure.field


@pytest.mark.parametrize("number", [2**40, 2**62])
def test_a_gap_of_any_size_is_told_at_once(full, number):
    started = time.process_time()
    report = attacked(
        full,
        f"UPDATE head SET size = {number}",
        f"UPDATE entry SET seq = {number} WHERE seq = 266",
        f"UPDATE payload SET seq = {number} WHERE seq = 266",
    )
    assert time.process_time() - started < 10
    assert first(report) == ("entry", 266, "entry", None)
    assert (report.checked, report.total) == (266, 267)


def test_a_number_below_zero_is_no_number(full):
    report = attacked(full, "UPDATE entry SET seq = -5 WHERE seq = 4")
    assert first(report) == ("leaf", -5, "entry", "leaf")
    assert (report.failures[1].kind, report.failures[1].expected) == ("entry", "entry 4")


def test_entries_beyond_the_signed_ones_are_named(full, tmp_path):
    """A copy of the ledger with its key goes on; its entries, without its head, are put into this one."""
    shutil.copytree(full.folder, tmp_path / "copy" / ".lineproof")
    copy = Ledger.open(tmp_path / "copy" / ".lineproof")
    copy.append(many(2))
    with database(copy) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database(full) as connection:
        connection.execute("ATTACH ? AS other", (str(copy.folder / "ledger.db"),))
        for table in ("entry", "payload"):
            connection.execute(f"INSERT INTO {table} SELECT * FROM other.{table} WHERE seq >= 267")
    report = full.verify()
    assert first(report) == ("entry", 267, "entry", None)
    assert (report.failures[0].expected, report.failures[0].found) == (None, "entries 267 to 268")


def test_payloads_that_nobody_destroyed_are_not_counted_as_checked(full):
    report = attacked(full, "UPDATE payload SET salt = NULL, body = NULL WHERE seq IN (3, 9)")
    assert first(report) == ("payload", 3, "payload", "body")
    assert (report.checked, report.total) == (265, 267)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (f"UPDATE entry SET id = {HUGE} WHERE seq = 4", ("entry", 4, "entry", "id")),
        ("UPDATE entry SET type = zeroblob(2000000) WHERE seq = 4", ("entry", 4, "entry", "type")),
        (f"UPDATE entry SET leaf = {HUGE} WHERE seq = 4", ("leaf", 4, "entry", "leaf")),
        (f"UPDATE payload SET body = {HUGE} WHERE seq = 4", ("payload", 4, "payload", "body")),
        (f"UPDATE head SET leaves = {HUGE}", ("tree", None, "head", "leaves")),
        ("UPDATE head SET frontier = zeroblob(2000000)", ("tree", None, "head", "frontier")),
        (f"UPDATE meta SET value = {HUGE} WHERE key = 'ledger'", ("entry", None, "meta", "value")),
        (f"UPDATE activity SET summary = {HUGE} WHERE entry = 4", ("row", 4, "activity", "summary")),
        (f"UPDATE decision SET id = {HUGE}", ("row", None, "decision", None)),
    ],
)
def test_a_report_stays_short_whatever_lies_in_the_database(full, statement, named):
    with database(full) as connection:
        connection.execute(statement)
    report = Ledger.open(full.folder).verify()
    found = [(one.kind, one.entry, one.table, one.field) for one in report.failures]
    assert found[0] == named or (named[2] == "decision" and named in found)
    assert len(msgspec.json.encode(report)) < 60_000


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("principal", "ref TEXT", "ref TEXT COLLATE NOCASE"),
        ("principal", "name TEXT", "name TEXT COLLATE NOCASE"),
        ("run", "entry INTEGER", "entry INTEGER CHECK (entry > 0)"),
        ("metric", "value FLOAT", "value FLOAT DEFAULT 1"),
    ],
)
def test_a_table_that_compares_or_accepts_otherwise_is_noticed(full, table, old, new):
    with database(full) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        done = connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = ? AND instr(sql, ?)",
            (old, new, table, old),
        )
        assert done.rowcount == 1
    report = full.verify()
    assert ("schema", table, "table") in [(one.kind, one.table, one.field) for one in report.failures]


def test_verifying_takes_no_more_memory_for_a_longer_ledger(tmp_path):
    def peak(count: int) -> int:
        ledger = Ledger.create(tmp_path / str(count) / ".lineproof")
        for start in range(0, count, 1000):
            ledger.append([NewEntry(one.type, one.payload) for one in many(min(1000, count - start))])
        tracemalloc.start()
        assert ledger.verify().ok
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(100)  # what is loaded once
    assert peak(8000) < 1.5 * peak(4000)
