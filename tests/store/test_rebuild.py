"""Promises about the tables: they follow from the log alone, and can be made again from it."""

from __future__ import annotations

import pytest
from store_case import database, dump, everything, many

from lineproof.store import Ledger, schema

pytestmark = pytest.mark.both_stores


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    ledger.append(everything())
    ledger.append(many(600))
    ledger.destroy_payload(9, "asked for")
    return ledger


def test_rebuilt_tables_are_the_same_tables(full):
    before = dump(full)
    assert all(before[table.name] for table in schema.PROJECTED)
    assert full.rebuild() == full.size()
    assert dump(full) == before
    assert full.verify().ok


def test_rebuilding_undoes_whatever_was_done_to_the_tables(full):
    before = dump(full)
    with database(full) as connection:
        for table in schema.PROJECTED:
            connection.execute(f"DELETE FROM {table.name} WHERE entry % 2 = 1")
        connection.execute("UPDATE decision SET reason = 'because'")
    assert not full.verify().ok
    full.rebuild()
    assert dump(full) == before
    assert full.verify().ok


def test_the_size_of_groups_leaves_no_trace_in_the_tables(tmp_path):
    entries = [*everything(), *many(30), *everything()]
    one, other = Ledger.create(tmp_path / "a" / ".lineproof"), Ledger.create(tmp_path / "b" / ".lineproof")
    one.append(entries)
    for entry in entries:
        other.append([entry])
    tables = schema.metadata.tables
    for name, rows in dump(one).items():
        if name in {"principal", "activity"}:  # of the ledgers' own first entries, which differ
            at = list(tables[name].columns.keys()).index("entry")
            assert [row for row in rows if row[at] > 1] == [row for row in dump(other)[name] if row[at] > 1]
        elif name == "sealed":  # each ledger draws its own references of people
            assert [row[0] for row in rows] == [row[0] for row in dump(other)[name]]
        else:
            assert rows == dump(other)[name]


def test_a_rebuild_that_fails_changes_nothing(full):
    before = dump(full)

    def fail(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        full.rebuild(progress=fail)
    assert dump(full) == before


def test_progress_reaches_its_end(full):
    steps = []
    full.rebuild(progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (full.size(), full.size())
