"""Promises about verification: whatever is altered is noticed and named, and nothing else is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Text
from store_case import database, dump, everything, many

from lineproof.errors import CorruptLedgerError, KeyFileError
from lineproof.ledger import SigningKey, leaf_hash, origin_of
from lineproof.store import Ledger, Scope, VerifyReport, schema


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once; every attack is on a copy."""
    folder = tmp_path_factory.mktemp("original") / ".lineproof"
    ledger = Ledger.create(folder)
    ledger.append(everything())
    ledger.append(many(9))
    ledger.destroy_payload(10, "asked for")
    ledger.append(many(290))
    return folder


@pytest.fixture
def full(original: Path, tmp_path: Path) -> Ledger:
    shutil.copytree(original, tmp_path / ".lineproof")
    return Ledger.open(tmp_path / ".lineproof")


def attacked(ledger: Ledger, *statements: str, scope: Scope = Scope.ALL) -> VerifyReport:
    with database(ledger) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, "the attack must change something"
    report = ledger.verify(scope=scope)
    msgspec.json.encode(report)
    return report


def first(report: VerifyReport) -> tuple[Any, ...]:
    assert not report.ok
    failure = report.failures[0]
    return failure.kind, failure.entry, failure.table, failure.field


# What is as it should be


@pytest.mark.parametrize("count", [0, 1, 253, 254, 255, 600])
def test_a_ledger_that_nobody_altered_verifies(ledger, count):
    ledger.append(many(count))
    report = ledger.verify()
    assert report.ok, report.failures
    assert report.checked == report.total == count + 2
    assert report.scope.log
    assert report.scope.payloads
    assert report.scope.tables


def test_the_report_has_the_form_of_the_contract(full):
    report = json.loads(msgspec.json.encode(full.verify()))
    assert {"ok", "scope", "checked", "total", "failures", "checkpoint", "warnings"} <= set(report)
    assert set(report["scope"]) == {"log", "payloads", "tables", "since"}
    assert report["checkpoint"].startswith(origin_of(full.id))


def test_a_ledger_that_nobody_outside_has_witnessed_is_said_to_be_so(full):
    report = full.verify()
    assert report.ok
    assert "witnessed" in report.warnings[0]


def test_half_a_check_says_that_it_is_half(full):
    for scope, word in ((Scope.LOG, "tables were not checked"), (Scope.TABLES, "log was not checked")):
        report = full.verify(scope=scope)
        assert report.ok
        assert word in report.warnings[0]
        assert (report.scope.log, report.scope.tables) == (scope is Scope.LOG, scope is Scope.TABLES)


def test_progress_reaches_its_end(full):
    steps = []
    full.verify(progress=lambda done, total: steps.append((done, total)))
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]


def test_verifying_changes_nothing(full):
    before = (full.folder / "ledger.db").read_bytes()
    full.verify()
    assert (full.folder / "ledger.db").read_bytes() == before


# The tables


def replaced(ledger: Ledger, table: str, old: Sequence[Any], new: Sequence[Any]) -> None:
    names = [column.name for column in schema.metadata.tables[table].columns]
    with database(ledger) as connection:
        where = " AND ".join(f"{name} IS ?" for name in names)
        assert connection.execute(f"DELETE FROM {table} WHERE {where}", old).rowcount == 1
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(new))})", new)


@pytest.mark.parametrize("table", schema.PROJECTED, ids=lambda table: table.name)
def test_every_field_of_every_table_is_checked(full, table):
    row = dump(full)[table.name][0]
    for at, column in enumerate(table.columns):
        forged = list(row)
        forged[at] = "X" if isinstance(column.type, Text) else 4242
        replaced(full, table.name, row, forged)
        report = full.verify(scope=Scope.TABLES)
        replaced(full, table.name, forged, row)
        failure = report.failures[0]
        assert (failure.kind, failure.table) == ("row", table.name)
        if not column.primary_key:
            assert len(report.failures) == 1
            assert (failure.field, failure.expected, failure.found) == (column.name, row[at], forged[at])
            assert failure.entry is not None
    assert full.verify(scope=Scope.TABLES).ok


@pytest.mark.parametrize("table", schema.PROJECTED, ids=lambda table: table.name)
def test_a_row_that_was_removed_or_added_is_named(full, table):
    name = table.name
    with database(full) as connection:
        keys = [column.name for column in table.primary_key.columns]
        key = connection.execute(f"SELECT {', '.join(keys)} FROM {name}").fetchone()
        where = " AND ".join(f"{column} = ?" for column in keys)
        row = connection.execute(f"SELECT * FROM {name} WHERE {where}", key).fetchone()
        connection.execute(f"DELETE FROM {name} WHERE {where}", key)
    report = full.verify(scope=Scope.TABLES)
    assert first(report)[::2] == ("row", name)
    assert report.failures[0].found is None
    assert report.failures[0].expected[keys[0]] == key[0]
    forged = list(row)
    at = [column.name for column in table.columns].index(keys[-1])
    forged[at] = "zzz" if isinstance(forged[at], str) else 424242
    with database(full) as connection:
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {name} VALUES ({marks})", row)
        connection.execute(f"INSERT INTO {name} VALUES ({marks})", forged)
    report = full.verify(scope=Scope.TABLES)
    assert len(report.failures) == 1
    assert report.failures[0].expected is None
    assert report.failures[0].found[keys[-1]] == forged[at]


def test_a_table_that_was_emptied_fails_once_for_each_row_and_is_cut(full):
    report = attacked(full, "DELETE FROM activity")
    assert report.failure_count > len(report.failures) == 100
    assert not report.ok


@pytest.mark.parametrize(
    "attack",
    [
        "CREATE TRIGGER lie AFTER INSERT ON run_event BEGIN DELETE FROM run_event; END",
        "CREATE VIEW runs AS SELECT 1",
        "CREATE TABLE dataset2 (id INTEGER)",
        "CREATE UNIQUE INDEX once ON activity (type)",
        "DROP INDEX edge_upstream",
        "ALTER TABLE run ADD COLUMN note TEXT",
    ],
)
def test_a_changed_structure_is_noticed(full, attack):
    with database(full) as connection:
        connection.execute("DELETE FROM activity WHERE entry > 1") if "UNIQUE" in attack else None
        connection.execute(attack)
    report = full.verify()
    assert not report.ok
    assert report.failures[0].kind == "schema"


def test_an_index_that_lies_about_its_table_is_noticed(full):
    with database(full) as connection:
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'version_of_dataset'"
        ).fetchone()[0]
        other = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_col_name'"
        ).fetchone()[0]
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_master SET rootpage = ? WHERE name = 'version_of_dataset'", (other,)
        )
        assert root != other
    report = full.verify()
    assert not report.ok


def test_statistics_of_the_query_planner_are_not_an_alteration(full):
    with database(full) as connection:
        connection.execute("ANALYZE")
    assert full.verify().ok


def test_text_that_is_none_is_found_by_comparing_not_by_failing(full):
    report = attacked(full, "UPDATE activity SET summary = CAST(x'ff41' AS TEXT) WHERE entry = 5")
    assert first(report) == ("row", 5, "activity", "summary")
    assert report.failures[0].found == "\\xffA"


def test_of_a_long_value_the_place_that_differs_is_shown(full):
    with database(full) as connection:
        connection.execute("UPDATE facet SET body = replace(body, ']', ']' || printf('%.500c', ' '))")
        connection.execute("UPDATE facet SET body = body || 'lie' WHERE name = 'lineproof_metrics'")
    report = full.verify(scope=Scope.TABLES)
    lie = next(failure for failure in report.failures if failure.key["name"] == "lineproof_metrics")
    assert len(lie.found) < 400


# The log


def test_an_altered_payload_names_its_entry(full):
    report = attacked(
        full, "UPDATE payload SET body = CAST(replace(body, '0.9', '0.1') AS BLOB) WHERE seq = 4"
    )
    assert first(report) == ("payload", 4, "payload", "body")
    assert "commitment" in report.failures[0].expected
    assert report.checked == report.total - 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("salt = randomblob(32)", "body"),
        ("salt = NULL", "salt"),
        ("salt = x'00'", "body"),
        ("body = NULL", "body"),
        ("body = CAST(body AS TEXT)", "body"),
        ("body = 7", "body"),
        ("body = x''", "body"),
    ],
)
def test_an_altered_salt_or_body_names_its_entry(full, change, field):
    assert first(attacked(full, f"UPDATE payload SET {change} WHERE seq = 5")) == (
        "payload",
        5,
        "payload",
        field,
    )


def test_a_payload_that_no_entry_destroyed_is_missed(full):
    report = attacked(full, "UPDATE payload SET body = NULL, salt = NULL WHERE seq = 7")
    assert first(report) == ("payload", 7, "payload", "body")
    assert first(attacked(full, "DELETE FROM payload WHERE seq = 6")) == ("payload", 6, "payload", None)


def test_a_payload_put_back_after_its_destruction_is_noticed(full):
    statement = "UPDATE payload SET body = x'7b7d', salt = randomblob(32) WHERE seq = 10"
    assert first(attacked(full, statement))[:3] == ("payload", 10, "payload")


def edited_leaf(ledger: Ledger, seq: int, field: str, value: str) -> bytes:
    with database(ledger) as connection:
        leaf = connection.execute("SELECT leaf FROM entry WHERE seq = ?", (seq,)).fetchone()[0]
        header = json.loads(leaf) | {field: value}
        edited = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
        connection.execute("UPDATE entry SET leaf = ? WHERE seq = ?", (edited, seq))
    return edited


@pytest.mark.parametrize("seq", [0, 3, 255, 256, 307], ids=lambda seq: f"entry{seq}")
@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("principal", "principal:00000000-0000-4000-8000-000000000000", "leaf"),
        ("recorded", "2020-01-01T00:00:00.000000Z", "leaf"),
        ("id", "01990000-0000-7000-8000-00000000ffff", "id"),
        ("type", "waiver", "type"),
        ("commitment", "0" * 64, "commitment"),
        ("size", 1, "size"),
    ],
)
def test_a_changed_field_of_a_leaf_names_entry_and_field(full, seq, field, value, named):
    edited_leaf(full, seq, field, value)
    report = full.verify(scope=Scope.LOG)
    assert first(report) == ("leaf", seq, "entry", named)
    assert report.failures[0].expected != report.failures[0].found
    assert {failure.entry for failure in report.failures} == {seq, None}, "and the root, and no other entry"
    assert report.checked == report.total - 1


def test_a_leaf_changed_together_with_its_stored_hash_still_spoils_the_root(full):
    edited = edited_leaf(full, 305, "recorded", "2020-01-01T00:00:00.000000Z")
    with database(full) as connection:
        kept = connection.execute("SELECT leaves FROM head").fetchone()[0]
        at = (305 - 256) * 32
        connection.execute("UPDATE head SET leaves = ?", (kept[:at] + leaf_hash(edited) + kept[at + 32 :],))
    report = full.verify(scope=Scope.LOG)
    assert ("checkpoint", None, None, "root") in [
        (failure.kind, failure.entry, failure.table, failure.field) for failure in report.failures
    ]


def test_an_altered_tile_is_blamed_on_the_tile(full):
    report = attacked(
        full, "UPDATE tile SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS BLOB) WHERE level = 0"
    )
    assert first(report) == ("tree", 0, "tile", "hashes")
    assert len(report.failures) == 1
    assert first(attacked(full, "DELETE FROM tile")) == ("tree", None, "tile", None)


@pytest.mark.parametrize("column", ["id", "type"])
def test_a_column_that_contradicts_its_leaf_is_named(full, column):
    report = attacked(full, f"UPDATE entry SET {column} = 'waiver' WHERE seq = 3", scope=Scope.LOG)
    assert first(report) == ("entry", 3, "entry", column)


def test_entries_missing_at_the_end_are_counted(full):
    report = attacked(
        full, "DELETE FROM entry WHERE seq >= 300", "DELETE FROM payload WHERE seq >= 300", scope=Scope.LOG
    )
    assert first(report) == ("entry", 300, "entry", None)
    assert report.checked == 300
    assert report.total == 308


def test_a_missing_entry_is_named_and_its_neighbours_still_count(full):
    report = attacked(
        full,
        "DELETE FROM entry WHERE seq IN (7, 8)",
        "DELETE FROM payload WHERE seq IN (7, 8)",
        scope=Scope.LOG,
    )
    assert first(report) == ("entry", 7, "entry", None)
    assert report.failures[0].expected == "entries 7 to 8"
    assert len(report.failures) == 1
    assert report.checked == report.total - 2


def test_truncating_entries_and_head_does_not_pass(full):
    report = attacked(
        full,
        "DELETE FROM entry WHERE seq >= 300",
        "DELETE FROM payload WHERE seq >= 300",
        "UPDATE head SET size = 300, leaves = CAST(substr(leaves, 1, 44 * 32) AS BLOB)",
    )
    assert not report.ok
    assert report.checked < report.total == 308


def test_swapped_entries_are_both_named(full):
    report = attacked(
        full,
        "UPDATE entry SET seq = -1 WHERE seq = 20",
        "UPDATE entry SET seq = 20 WHERE seq = 21",
        "UPDATE entry SET seq = 21 WHERE seq = -1",
        scope=Scope.LOG,
    )
    assert [failure.entry for failure in report.failures if failure.kind == "leaf"] == [20, 21]


def shifted(by: int, start: int) -> list[str]:
    return [
        statement
        for table in ("entry", "payload")
        for statement in (
            f"UPDATE {table} SET seq = -seq WHERE seq >= {start}",
            f"UPDATE {table} SET seq = -seq + {by} WHERE seq < 0",
        )
    ]


@pytest.mark.parametrize("scope", [Scope.LOG, Scope.ALL])
@pytest.mark.parametrize("place", [20, 255, 290])
def test_an_entry_inserted_back_dated_is_named_and_so_are_those_it_moved(full, place, scope):
    with database(full) as connection:
        for statement in shifted(1, place):
            connection.execute(statement)
        for table in ("entry", "payload"):
            row = list(connection.execute(f"SELECT * FROM {table} WHERE seq = 4").fetchone())
            row[0] = place
            if table == "entry":
                row[1] = "01980000-0000-7000-8000-000000000000"
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    report = full.verify(scope=scope)
    of_the_log = [one for one in report.failures if one.kind != "row"]
    inserted, moved = (one for one in of_the_log if one.entry in (place, place + 1))
    assert (inserted.kind, inserted.entry, inserted.field) == ("leaf", place, "id")
    assert (moved.kind, moved.expected) == ("entry", f"entries {place + 1} to 307")
    assert moved.found == f"what was signed as entries {place} to 306"
    assert len(of_the_log) <= 5, "and not a failure for each that was moved"


def test_an_entry_taken_out_of_the_middle_by_who_closed_the_gap_is_named(full):
    report = attacked(
        full,
        "DELETE FROM entry WHERE seq = 40",
        "DELETE FROM payload WHERE seq = 40",
        *shifted(-1, 41),
        scope=Scope.LOG,
    )
    assert first(report) == ("entry", 40, "entry", None)
    assert report.failures[0].found == "what was signed as entries 41 to 307"
    assert report.failure_count == len(report.failures) <= 4


def test_an_entry_that_was_never_signed_for_is_noticed(full):
    with database(full) as connection:
        for table in ("entry", "payload"):
            row = list(connection.execute(f"SELECT * FROM {table} WHERE seq = 4").fetchone())
            row[0] = 308
            if table == "entry":
                row[1] = "another"
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    report = full.verify(scope=Scope.LOG)
    assert not report.ok
    assert {failure.kind for failure in report.failures} == {"entry", "checkpoint"}


def test_a_payload_without_an_entry_is_noticed(full):
    with database(full) as connection:
        connection.execute("INSERT INTO payload VALUES (999, x'00', x'00')")
    assert first(full.verify()) == ("payload", 999, "payload", None)


@pytest.mark.parametrize(
    "change",
    [
        "size = 5",
        "size = 'many'",
        "frontier = x''",
        "frontier = NULL",
        "frontier = zeroblob(length(frontier))",
        "leaves = x''",
        "leaves = zeroblob(length(leaves))",
        "checkpoint = ''",
        "checkpoint = 1",
        "checkpoint = replace(checkpoint, '308', '307')",
        "checkpoint = substr(checkpoint, 1, length(checkpoint) - 9) || 'AAAAAAA=' || char(10)",
    ],
)
def test_an_altered_head_is_noticed(full, change):
    with database(full) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'head'")
    assert not attacked(full, f"UPDATE head SET {change}").ok


def test_an_older_checkpoint_is_not_this_ones(full):
    old = full.verify().checkpoint
    full.append(many(1))
    with database(full) as connection:
        connection.execute("UPDATE head SET checkpoint = ?", (old,))
    report = full.verify(scope=Scope.LOG)
    assert ("checkpoint", None, None, "size") in [
        (failure.kind, failure.entry, failure.table, failure.field) for failure in report.failures
    ]


def test_a_ledger_rewritten_under_another_key_does_not_pass(full, tmp_path):
    """An attacker without the key makes a whole new log and puts it in place."""
    other = Ledger.create(tmp_path / "other" / ".lineproof")
    other.append(everything())
    with database(other) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    full.close()  # what is open would see its files taken away
    shutil.copy(other.folder / "ledger.db", full.folder / "ledger.db")
    for leftover in full.folder.glob("ledger.db-*"):
        leftover.unlink()
    report = Ledger.open(full.folder).verify()
    assert not report.ok
    assert "checkpoint" in {failure.kind for failure in report.failures}


def test_a_key_file_that_is_not_the_ledgers_does_not_pass(full):
    other = SigningKey.generate(origin_of(full.id))
    (full.folder / "keys" / "ledger.vkey").write_text(f"{other.verifier}\n")
    failures = full.verify().failures
    assert ("entry", 0, "verifier_key") in [(one.kind, one.entry, one.field) for one in failures]
    (full.folder / "keys" / "ledger.vkey").unlink()
    with pytest.raises(KeyFileError):
        full.verify()


def test_a_ledger_that_says_it_is_another_is_told_by_its_key(full):
    with database(full) as connection:
        connection.execute(
            "UPDATE meta SET value = '3f2b8a52-0c1d-4e5f-8a9b-0123456789ab' WHERE key = 'ledger'"
        )
    report = Ledger.open(full.folder).verify()
    assert first(report) == ("entry", None, "meta", "value")
    assert report.failures[0].expected == full.id
    assert len(report.failures) == 1, "its entries are still its own"


def test_a_damaged_file_is_never_said_to_hold(full):
    path = full.folder / "ledger.db"
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096 * 20] = bytes(4096 * 20)
    path.write_bytes(data)
    try:
        report = Ledger.open(full.folder).verify()
    except CorruptLedgerError:
        return  # the damage hit what is needed to open it at all
    assert not report.ok
    assert report.failure_count
