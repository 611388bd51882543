"""Whatever is done to a ledger in whatever order, what was acknowledged is there, in order, and it verifies."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from store_case import dump, event

from lineproof.model.entries import EntryType
from lineproof.store import Ledger, NewEntry
from lineproof.store.backup import restore_backup, write_backup


class Sequences(RuleBasedStateMachine):
    """One ledger, what it must hold, and the backups made on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.held = tempfile.TemporaryDirectory()
        self.place = Path(self.held.name)
        self.expected: list[tuple[str, bytes | None]] = []
        self.backups: list[tuple[Path, list[tuple[str, bytes | None]]]] = []
        self.destroyed: set[str] = set()
        self.steps = 0

    @initialize()
    def found(self) -> None:
        self.ledger = Ledger.create(self.place / ".lineproof")
        self.take_over()

    @rule(payloads=st.lists(st.binary(max_size=40), min_size=1, max_size=3), repeat=st.booleans())
    def append(self, payloads: list[bytes], repeat: bool) -> None:
        items = [event(), *(NewEntry(EntryType.LINEAGE_EVENT, one) for one in payloads)]
        items = [NewEntry(one.type, one.payload, event().id) for one in items]
        done = self.ledger.append(items)
        self.expected += [(one.id, one.payload) for one in items]
        assert done.entries == tuple(range(len(self.expected) - len(items), len(self.expected)))
        if repeat:  # whoever did not hear the answer says it again
            assert self.ledger.append(items).entries == done.entries

    @precondition(lambda self: len(self.expected) > 2)
    @rule(data=st.data())
    def destroy(self, data: st.DataObject) -> None:
        can = [
            number
            for number, entry in enumerate(self.ledger.entries())
            if entry.type == EntryType.LINEAGE_EVENT and entry.payload is not None
        ]
        if can:
            number = data.draw(st.sampled_from(can))
            self.ledger.destroy_payload(number, "found personal")
            self.destroyed.add(self.expected[number][0])
            self.expected[number] = (self.expected[number][0], None)
            self.take_over(known=len(self.expected))

    @rule()
    def rebuild(self) -> None:
        before = dump(self.ledger)
        self.ledger.rebuild()
        assert dump(self.ledger) == before

    @rule()
    def export(self) -> None:
        assert self.ledger.export(self.place / f"export-{self.steps}").size == len(self.expected)

    @rule()
    def back_up(self) -> None:
        path = self.place / f"backup-{len(self.backups)}"
        write_backup(self.ledger, path)
        self.backups.append((path, list(self.expected)))

    @precondition(lambda self: self.backups)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        path, then = data.draw(st.sampled_from(self.backups))
        done = restore_backup(path, self.ledger.folder, replace=True)
        assert done.verified.ok, done.verified.failures
        self.ledger.close()
        self.ledger = Ledger.open(self.ledger.folder)
        # What was destroyed meanwhile is destroyed again, and the log says so at its end.
        self.expected = [(one, None if one in self.destroyed else payload) for one, payload in then]
        self.take_over(known=len(self.expected))

    def take_over(self, known: int = 0) -> None:
        """Expect what the ledger has added by itself."""
        self.expected += [(entry.id, entry.payload) for entry in self.ledger.entries(known)]

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            assert [(entry.id, entry.payload) for entry in self.ledger.entries()] == self.expected
            report = self.ledger.verify()
            assert report.ok, report.failures
            self.ledger.close()
        self.held.cleanup()


TestSequences = Sequences.TestCase
TestSequences.settings = settings(
    max_examples=6,
    stateful_step_count=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
