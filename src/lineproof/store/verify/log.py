"""The log half: every leaf, commitment and tile, the tree, and the signature on its head."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from lineproof.errors import CommitmentError, LeafError, NoteError, ProofError
from lineproof.ledger import (
    HASH_SIZE,
    TILE_WIDTH,
    Checkpoint,
    Frontier,
    Leaf,
    VerifierKey,
    commit,
    decode_leaf,
    leaf_hash,
    open_checkpoint,
    origin_of,
    verify_commitment,
)
from lineproof.model.entries import EntryType, Shred
from lineproof.store.database import Session
from lineproof.store.rebuild import Progress
from lineproof.store.verify.moved import Moved
from lineproof.store.verify.quick import BlockCheck
from lineproof.store.verify.report import MOST_FAILURES, Failure, Findings, shown
from lineproof.store.verify.since import Start
from lineproof.store.verify.tree import StoredHashes, TreeCheck

__all__ = ["LogCheck"]

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_NO_HASH = bytes(32)  # in place of a leaf that is nowhere to be found


class _Row(msgspec.Struct):
    """One entry as it lies in the tables; an altered database may hold anything anywhere."""

    seq: int
    id: Any
    type: Any
    leaf: Any
    has_payload: int
    salt: Any
    body: Any


class LogCheck:
    """Checks the log of one ledger, a page of entries in memory at a time.

    Args:
        connection: A snapshot of the ledger.
        ledger: Its id, as the database says; the keys that are trusted are named after the true one.
        keys: Those that sign or have signed its checkpoints, the present one last.
        findings: Where failures go.
        start: Where to start; everything is read when left out.

    Attributes:
        checked: Entries of which leaf and payload hold.
        total: Entries there must be, by the signed checkpoint (the head, if none is signed), or the rows if
            they are more.
        checkpoint: The signed checkpoint as stored.
    """

    def __init__(
        self,
        connection: Session,
        ledger: str,
        keys: Sequence[VerifierKey],
        findings: Findings,
        start: Start | None = None,
    ) -> None:
        self._connection = connection
        self._stated = ledger
        self._key = keys[-1]
        self._ledger = self._key.name.removeprefix(origin_of(""))
        self._findings = findings
        self._start = start
        self._first = 0 if start is None else start.entry
        self._destroyed: set[int] = set()
        self._apart: list[
            tuple[int, int]
        ] = []  # where payloads without an entry may lie: first and last number
        self._shredded: dict[int, int] = {}  # entry -> the one that says it was destroyed
        self._doubtful: list[tuple[_Row, bytes, bytes]] = []  # row, stored hash, hash of the leaf
        self._doubts = 0
        self._moved: Moved | None = None
        self._plausible = 0  # entries at most, by what nobody without the key can have written
        self.checked = 0
        self.total = 0
        self.checkpoint: str | None = None

    def run(self, progress: Progress | None = None) -> None:
        """Check everything; failures are in the findings."""
        # 1. Read the head and open its checkpoint: which ledger this is, how many entries there must be,
        #    under which root.
        # 2. Walk the entries in order: number, leaf, payload; grow the tree from the leaves alone.
        # 3. Compare the tree with the stored frontier and with the signed checkpoint.
        # 4. Where a leaf and its stored hash differ, the signed root says which of the two is wrong.
        # 5. A payload that is gone must have been destroyed by an entry that says so, and one that was
        #    said to be destroyed must be gone.
        self._check_name()
        size, frontier, last = self._head()
        signed = self._signed()
        stored = StoredHashes(self._connection, size, last)
        tree = TreeCheck(stored, self._findings, self._start)
        (rows,) = self._connection.execute("SELECT count(*) FROM entry").fetchone()
        self.total = max(signed.size if signed else size, rows)
        self._plausible = signed.size if signed else rows
        self._walk(stored, tree, progress)
        self._check_head(size, frontier, last, signed, tree)
        self._check_signed(size, signed, tree)
        self._settle(stored, signed, tree)
        self._check_destroyed()
        self._check_surplus()
        tree.check_edge(self._connection)
        self._findings.sort()

    def _check_name(self) -> None:
        if self._stated != self._ledger:
            found = shown(self._stated)[0]
            self._fail(
                "entry",
                table="meta",
                key={"key": "ledger"},
                field="value",
                expected=self._ledger,
                found=found,
            )

    def _head(self) -> tuple[int, bytes, bytes]:
        found = self._connection.execute("SELECT size, frontier, leaves, checkpoint FROM head").fetchall()
        if len(found) != 1:
            self._fail("tree", table="head", expected="1 row", found=f"{len(found)} rows")
            return 0, b"", b""
        size, frontier, last, self.checkpoint = found[0]
        for field, value, kind in (
            ("size", size, int),
            ("frontier", frontier, bytes),
            ("leaves", last, bytes),
            ("checkpoint", self.checkpoint, str),
        ):
            if not isinstance(value, kind):
                there = shown(value)[0]
                self._fail("tree", table="head", field=field, expected=kind.__name__, found=there)
                self.checkpoint = self.checkpoint if isinstance(self.checkpoint, str) else None
                return 0, b"", b""
        return size, frontier, last

    def _signed(self) -> Checkpoint | None:
        try:
            signed = open_checkpoint(self.checkpoint or "", [self._key])
        except (NoteError, ProofError) as error:
            expected = f"a note signed by {self._key.name}"
            self._fail("checkpoint", field="signature", expected=expected, found=str(error))
            return None
        if signed.origin != origin_of(self._ledger):
            self._fail("checkpoint", field="origin", expected=origin_of(self._ledger), found=signed.origin)
        return signed

    def _walk(self, stored: StoredHashes, tree: TreeCheck, progress: Progress | None) -> None:
        # Blocks that hold are read at once; one that does not is read again entry by entry, as is the first,
        # before which there may be numbers that there cannot be.
        quick = BlockCheck(self._connection, self._ledger, self._note_shred)
        expected = self._first
        last = expected - 1 if expected else _LOWEST
        since = last + 1 if expected else _LOWEST
        while True:
            stop = (expected // TILE_WIDTH + 1) * TILE_WIDTH
            root = None
            if last == expected - 1 and stop == expected + TILE_WIDTH <= self._plausible:
                root = quick.root(expected, stored.tile(0, expected // TILE_WIDTH))
            if root is not None:
                tree.append_block(root)
                self.checked += TILE_WIDTH
                self._apart.append((since, expected - 1))  # in the block there are no other payloads
                expected, last, since = stop, stop - 1, stop
            else:
                page = self._page(last, stop - expected)
                if not page:
                    break
                for row in page:
                    self._missing(expected, row.seq, stored, tree)
                    self._entry(row, stored, tree)
                    expected = max(expected, row.seq + 1)
                last = page[-1].seq
            if progress is not None:
                progress(expected, self.total)
        self._apart.append((since, _HIGHEST))
        self._missing(expected, self.total, stored, None)

    def _missing(self, start: int, stop: int, stored: StoredHashes, tree: TreeCheck | None) -> None:
        if start >= stop:
            return
        names = f"entry {start}" if stop == start + 1 else f"entries {start} to {stop - 1}"
        self._fail("entry", entry=start, table="entry", expected=names, found=None)
        if tree is not None:
            # With the hashes it left behind, what follows a missing entry can be checked all the same.
            for seq in range(start, min(stop, self._plausible)):
                tree.append(stored.get(seq) or _NO_HASH)

    def _page(self, last: int, count: int) -> list[_Row]:
        """Give the next rows after a number."""
        rows = self._connection.execute(
            "SELECT entry.seq, id, type, leaf, payload.seq IS NOT NULL, salt, body "
            "FROM entry LEFT JOIN payload USING (seq) WHERE entry.seq > ? ORDER BY entry.seq LIMIT ?",
            (last, count),
        ).fetchall()
        return [_Row(*row) for row in rows]

    def _entry(self, row: _Row, stored: StoredHashes, tree: TreeCheck) -> None:
        before = self._findings.count + self._doubts
        if not isinstance(row.leaf, bytes) or row.seq < 0:
            self._fail(
                "leaf", entry=row.seq, table="entry", field="leaf", expected="bytes", found=shown(row.leaf)[0]
            )
            tree.append(stored.get(row.seq) or _NO_HASH)
            return
        hashed = leaf_hash(row.leaf)
        tree.append(hashed)
        should = stored.get(row.seq)
        if should is not None and should != hashed:
            self._doubts += 1
            if self._moved is None:
                self._moved = Moved(stored)
            explained = self._moved.take(row.seq, hashed)
            if not explained and len(self._doubtful) < MOST_FAILURES:
                self._doubtful.append((row, should, hashed))
            return
        try:
            leaf = decode_leaf(row.leaf)
        except LeafError as error:
            self._fail(
                "leaf", entry=row.seq, table="entry", field="leaf", expected="a leaf", found=str(error)
            )
            return
        for field, expected, found in (("id", leaf.id, row.id), ("type", leaf.type.value, row.type)):
            if expected != found:
                there = shown(found)[0]
                self._fail("entry", entry=row.seq, table="entry", field=field, expected=expected, found=there)
        if leaf.ledger != self._ledger:
            self._fail("leaf", entry=row.seq, field="ledger", expected=self._ledger, found=leaf.ledger)
        self._payload(row, leaf)
        self.checked += before == self._findings.count + self._doubts

    def _payload(self, row: _Row, leaf: Leaf) -> None:
        seq, salt, body = row.seq, row.salt, row.body
        if not row.has_payload:
            self._fail_payload(seq, None, "a payload, or the trace of one", None)
        elif salt is None and body is None:
            self._destroyed.add(seq)
        elif not isinstance(body, bytes):
            self._fail_payload(seq, "body", "the payload's bytes", shown(body)[0])
        elif not isinstance(salt, bytes):
            self._fail_payload(seq, "salt", "the salt's bytes", shown(salt)[0])
        elif len(body) != leaf.size:
            self._fail_payload(seq, "body", f"{leaf.size} bytes", f"{len(body)} bytes")
        else:
            try:
                verify_commitment(leaf.commitment, salt, body)
            except CommitmentError:
                expected = f"commitment {leaf.commitment}"
                self._fail_payload(seq, "body", expected, "another payload or salt")
                return
            self._note(seq, leaf.type, body)

    def _note(self, seq: int, type_: EntryType, body: bytes) -> None:
        """Take from a payload what the rest of the log depends on."""
        if type_ is EntryType.SHRED:
            self._note_shred(seq, body)

    def _note_shred(self, seq: int, body: bytes) -> None:
        try:
            for destroyed in msgspec.json.decode(body, type=Shred).destroyed:
                self._shredded.setdefault(destroyed, seq)
        except msgspec.DecodeError as error:
            self._fail_payload(seq, "body", f"a payload of type {EntryType.SHRED}", str(error))

    def _check_head(
        self, size: int, frontier: bytes, last: bytes, signed: Checkpoint | None, tree: TreeCheck
    ) -> None:
        grown = tree.frontier
        right = (signed.size, signed.root) if signed else (grown.size, grown.root())
        if size != right[0]:
            self._fail("tree", table="head", field="size", expected=right[0], found=size)
            return
        try:
            root = Frontier.from_bytes(size, frontier).root()
        except ProofError:
            root = b""
        if root != right[1]:
            self._fail("tree", table="head", field="frontier", expected=right[1].hex(), found=root.hex())
        if len(last) != size % TILE_WIDTH * HASH_SIZE:
            expected = f"{size % TILE_WIDTH} hashes"
            self._fail("tree", table="head", field="leaves", expected=expected, found=f"{len(last)} bytes")

    def _check_signed(self, size: int, signed: Checkpoint | None, tree: TreeCheck) -> None:
        if signed is None:
            return
        grown = tree.frontier
        if size == signed.size < grown.size:
            names = f"entries {size} to {grown.size - 1}" if grown.size > size + 1 else f"entry {size}"
            self._fail("entry", entry=size, table="entry", expected=None, found=names)
        if signed.size != grown.size:
            self._fail("checkpoint", field="size", expected=signed.size, found=grown.size)
        elif signed.root != grown.root():
            self._fail("checkpoint", field="root", expected=signed.root.hex(), found=grown.root().hex())

    def _settle(self, stored: StoredHashes, signed: Checkpoint | None, tree: TreeCheck) -> None:
        """Say of each leaf that differs from its stored hash which of the two is wrong."""
        grown = tree.frontier
        leaves_hold = signed is not None and (signed.size, signed.root) == (grown.size, grown.root())
        moved = self._moved if self._moved is not None and not leaves_hold else None
        unnamed = self._doubts - len(self._doubtful)
        for run in () if moved is None else moved.runs:
            self._fail("entry", entry=run.first, table="entry", expected=run.lies, found=run.signed)
            unnamed -= run.last - run.first + 1
        for row, should, hashed in self._doubtful:
            if moved is not None and moved.holds(row.seq):
                unnamed += 1
                continue
            if leaves_hold:
                self._fail(
                    "tree",
                    entry=row.seq,
                    table="tile" if stored.in_tile(row.seq) else "head",
                    field="hashes" if stored.in_tile(row.seq) else "leaves",
                    expected=hashed.hex(),
                    found=should.hex(),
                )
            else:
                self._fail("leaf", entry=row.seq, table="entry", **_changed_field(row, should, hashed))
        self._findings.count += unnamed

    def _check_destroyed(self) -> None:
        for seq in sorted(self._destroyed - set(self._shredded)):
            self.checked -= 1
            self._fail_payload(seq, "body", "a payload: no entry says that it was destroyed", None)
        for seq, shredded_by in self._shredded.items():
            row = self._connection.execute("SELECT body FROM payload WHERE seq = ?", (seq,)).fetchone()
            if row is not None and row[0] is not None:
                self._fail_payload(seq, "body", f"nothing: destroyed by entry {shredded_by}", "a payload")

    def _check_surplus(self) -> None:
        query = (
            "SELECT seq FROM payload WHERE seq >= ? AND seq <= ? AND seq NOT IN "
            "(SELECT seq FROM entry WHERE seq >= ? AND seq <= ?) ORDER BY seq"
        )
        for first, last in self._apart:
            for (seq,) in (
                self._connection.execute(query, (first, last, first, last)) if first <= last else ()
            ):
                self._fail_payload(seq, None, None, "a payload without an entry")

    def _fail_payload(self, seq: int, field: str | None, expected: str | None, found: Any) -> None:
        self._fail("payload", entry=seq, table="payload", field=field, expected=expected, found=found)

    def _fail(self, kind: str, **details: Any) -> None:
        self._findings.add(Failure(kind=kind, **details))


def _changed_field(row: _Row, should: bytes, hashed: bytes) -> dict[str, Any]:
    """Name the field of a leaf that contradicts what lies beside it, or else the leaf as a whole."""
    try:
        leaf = decode_leaf(row.leaf)
    except LeafError as error:
        return {"field": "leaf", "expected": f"leaf hash {should.hex()}", "found": str(error)}
    beside: list[tuple[str, Any, Any]] = [("id", row.id, leaf.id), ("type", row.type, leaf.type.value)]
    if isinstance(row.body, bytes) and isinstance(row.salt, bytes):
        beside.append(("size", len(row.body), leaf.size))
        with suppress(CommitmentError):  # the salt is wrong as well
            beside.append(("commitment", commit(row.salt, row.body), leaf.commitment))
    for field, expected, found in beside:
        if expected != found:
            return {"field": field, "expected": expected, "found": found}
    return {
        "field": "leaf",
        "expected": f"leaf hash {should.hex()}",
        "found": f"leaf hash {hashed.hex()}: {row.leaf.decode()}",
    }
