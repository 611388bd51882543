"""The log half: every leaf, commitment and tile, the tree, and the signature on its head."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from lineproof.errors import CommitmentError, LeafError, NoteError, ProofError
from lineproof.ledger import (
    TILE_WIDTH,
    Frontier,
    Leaf,
    VerifierKey,
    decode_leaf,
    leaf_hash,
    node_hash,
    open_checkpoint,
    origin_of,
    verify_commitment,
)
from lineproof.model.entries import EntryType, KeyAdded, Shred
from lineproof.store.rebuild import Progress
from lineproof.store.verify.report import Failure, Findings

__all__ = ["LogCheck"]

_PAGE = 500


class LogCheck:
    """Checks the log of one ledger, a page of entries in memory at a time.

    Args:
        connection: A snapshot of the ledger.
        ledger: Its id.
        key: The key that is trusted to sign its checkpoints.
        findings: Where failures go.
    """

    def __init__(
        self, connection: sqlite3.Connection, ledger: str, key: VerifierKey, findings: Findings
    ) -> None:
        self._connection = connection
        self._ledger = ledger
        self._key = key
        self._findings = findings
        self._frontier = Frontier()
        self._tiles = _Tiles()
        self._destroyed: set[int] = set()
        self._shredded: dict[int, int] = {}  # entry destroyed -> by entry
        self.checked = 0
        self.total = 0
        self.checkpoint: str | None = None

    def run(self, progress: Progress | None = None) -> None:
        """Check everything; failures are in the findings."""
        # 1. Read the head: how many entries there must be.
        # 2. Walk the entries in order: number, leaf, commitment; grow the tree from the leaves alone.
        # 3. A payload that is gone must have been destroyed by an entry that says so.
        # 4. Compare the tree with the stored tiles and frontier.
        # 5. Compare it with the signed checkpoint, under the ledger's own key.
        size, frontier, self.checkpoint = self._head()
        signed = self._signed_head()
        (rows,) = self._connection.execute("SELECT count(*) FROM entry").fetchone()
        self.total = max(size, rows, signed[0] if signed else 0)
        self._walk(progress)
        self._check_destroyed()
        self._check_surplus()
        if self._frontier.to_bytes() != frontier or self._frontier.size != size:
            self._fail("tree", field="head", expected=self._frontier.size, found=size)
        if signed is not None:
            self._check_signed(*signed)

    def _head(self) -> tuple[int, bytes, str | None]:
        row = self._connection.execute("SELECT size, frontier, checkpoint FROM head").fetchone()
        if row is None:
            self._fail("tree", field="head", expected="one row", found=None)
            return 0, b"", None
        return row[0], row[1], row[2]

    def _walk(self, progress: Progress | None) -> None:
        expected = 0
        for page in self._pages():
            for seq, identifier, type_, data, present, salt, body in page:
                if seq != expected:
                    self._fail("entry", entry=expected, field="seq", expected=expected, found=seq)
                    expected = seq
                expected += 1
                self._entry(seq, identifier, type_, data, bool(present), salt, body)
            if progress is not None:
                progress(expected, self.total)
        if expected < self.total:
            self._fail(
                "entry",
                entry=expected,
                field="seq",
                expected=f"{self.total} entries",
                found=f"{expected} entries",
            )

    def _pages(self) -> Iterator[list[Any]]:
        last = -1
        while True:
            page = self._connection.execute(
                "SELECT entry.seq, id, type, leaf, payload.seq IS NOT NULL, salt, body "
                "FROM entry LEFT JOIN payload USING (seq) WHERE entry.seq > ? ORDER BY entry.seq LIMIT ?",
                (last, _PAGE),
            ).fetchall()
            if not page:
                return
            yield page
            last = page[-1][0]

    def _entry(
        self, seq: int, identifier: Any, type_: Any, data: Any, present: bool, salt: Any, body: Any
    ) -> None:
        before = self._findings.count
        data = bytes(data) if isinstance(data, (bytes, memoryview)) else str(data).encode()
        hashed = leaf_hash(data)
        self._frontier.append(hashed)
        self._check_tiles(hashed)
        try:
            leaf = decode_leaf(data)
        except LeafError as error:
            self._fail("leaf", entry=seq, field="leaf", expected="a canonical leaf", found=str(error))
            return
        for field, expected, found in (
            ("id", leaf.id, identifier),
            ("type", leaf.type, type_),
            ("ledger", self._ledger, leaf.ledger),
        ):
            if expected != found:
                self._fail("entry", entry=seq, field=field, expected=expected, found=found)
        self._payload(seq, leaf, present, salt, body)
        if self._findings.count == before:
            self.checked += 1

    def _payload(self, seq: int, leaf: Leaf, present: bool, salt: Any, body: Any) -> None:
        if not present:
            self._fail("payload", entry=seq, field="body", expected="a payload or its tombstone", found=None)
            return
        if salt is None and body is None:
            self._destroyed.add(seq)
            return
        if not isinstance(body, bytes) or not isinstance(salt, bytes):
            self._fail("payload", entry=seq, field="body", expected="bytes", found=type(body).__name__)
            return
        if len(body) != leaf.size:
            self._fail("payload", entry=seq, field="size", expected=leaf.size, found=len(body))
        try:
            verify_commitment(leaf.commitment, salt, body)
        except CommitmentError:
            self._fail(
                "payload",
                entry=seq,
                field="body",
                expected=f"commitment {leaf.commitment}",
                found="another payload or salt",
            )
            return
        self._note(seq, leaf.type, body)

    def _note(self, seq: int, type_: EntryType, body: bytes) -> None:
        """Take from a payload what the rest of the log depends on."""
        if type_ is EntryType.SHRED:
            self._shredded.setdefault(msgspec.json.decode(body, type=Shred).entry, seq)
        if seq == 0:
            stated = msgspec.json.decode(body, type=KeyAdded).verifier_key if type_ is EntryType.KEY else None
            if stated != str(self._key):
                self._fail("entry", entry=0, field="verifier_key", expected=str(self._key), found=stated)

    def _check_destroyed(self) -> None:
        for seq in sorted(self._destroyed - set(self._shredded)):
            self._fail("payload", entry=seq, field="body", expected="a payload", found=None)

    def _check_surplus(self) -> None:
        query = "SELECT seq FROM payload WHERE seq NOT IN (SELECT seq FROM entry) ORDER BY seq LIMIT 10"
        for (seq,) in self._connection.execute(query):
            self._fail("payload", entry=seq, table="payload", field="seq", expected=None, found=seq)
        stored = self._connection.execute("SELECT count(*) FROM tile").fetchone()[0]
        if stored != self._tiles.completed:
            self._fail("tree", table="tile", expected=self._tiles.completed, found=stored)

    def _check_tiles(self, hashed: bytes) -> None:
        for level, index, content in self._tiles.append(hashed):
            row = self._connection.execute(
                "SELECT hashes FROM tile WHERE level = ? AND idx = ?", (level, index)
            ).fetchone()
            if row is None or row[0] != content:
                key = {"level": level, "idx": index}
                self._fail(
                    "tree", table="tile", key=key, field="hashes", expected="as the leaves say", found="other"
                )

    def _signed_head(self) -> tuple[int, bytes] | None:
        try:
            opened = open_checkpoint(self.checkpoint or "", [self._key])
        except (NoteError, ProofError) as error:
            expected = f"a note signed by {self._key.name}"
            self._fail("checkpoint", field="signature", expected=expected, found=str(error))
            return None
        if opened.origin != origin_of(self._ledger):
            self._fail("checkpoint", field="origin", expected=origin_of(self._ledger), found=opened.origin)
        return opened.size, opened.root

    def _check_signed(self, size: int, root: bytes) -> None:
        if size != self._frontier.size:
            self._fail("checkpoint", field="size", expected=size, found=self._frontier.size)
        elif root != self._frontier.root():
            self._fail("checkpoint", field="root", expected=root.hex(), found=self._frontier.root().hex())

    def _fail(self, kind: str, **details: Any) -> None:
        self._findings.add(Failure(kind=kind, **details))


class _Tiles:
    """Grows all tiles of a tree from its leaf hashes, one row of hashes per level in memory."""

    def __init__(self) -> None:
        self._open: list[list[bytes]] = [[]]
        self._index = [0]
        self.completed = 0

    def append(self, hashed: bytes) -> list[tuple[int, int, bytes]]:
        """Take the next leaf hash; give the tiles it completes."""
        done: list[tuple[int, int, bytes]] = []
        level = 0
        while True:
            if level == len(self._open):
                self._open.append([])
                self._index.append(0)
            row = self._open[level]
            row.append(hashed)
            if len(row) < TILE_WIDTH:
                return done
            done.append((level, self._index[level], b"".join(row)))
            self.completed += 1
            self._index[level] += 1
            hashed = _root(row)
            self._open[level] = []
            level += 1


def _root(row: list[bytes]) -> bytes:
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]
