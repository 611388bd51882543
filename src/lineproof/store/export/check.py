"""Checks an exported log with nothing but its files and a public key: no ledger, no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lineproof.errors import LeafError, NoteError, TileError
from lineproof.ledger import (
    CHECKPOINT,
    HASH_SIZE,
    TILE_WIDTH,
    Checkpoint,
    Leaf,
    VerifierKey,
    bundle_path,
    decode_bundle,
    decode_leaf,
    leaf_hash,
    open_checkpoint,
    origin_of,
    partial_tiles,
    tile_path,
)
from lineproof.store.export.chain import CHAIN_FILE, chain_from
from lineproof.store.export.check_payloads import PayloadCheck
from lineproof.store.export.files import Files, open_files
from lineproof.store.export.write import KEY_FILE
from lineproof.store.rebuild import Progress
from lineproof.store.verify.report import Failure, Findings, ScopeCovered, VerifyReport
from lineproof.store.verify.tree import TreeCheck

__all__ = ["verify_export"]

_TILE_BYTES = TILE_WIDTH * HASH_SIZE
_BUNDLE_BYTES = TILE_WIDTH * (2 + 0xFFFF)
_NOTE_BYTES = 1_000_000
_MOST_DOUBTS = 1000
_NO_HASH = bytes(HASH_SIZE)


def verify_export(
    path: Path, key: VerifierKey | None = None, *, progress: Progress | None = None
) -> VerifyReport:
    """Check an exported log, a bundle of 256 entries in memory at a time.

    Args:
        path: The folder, or a zip file of it.
        key: The log's verifier key, had by another way than the files; None to take the one beside them,
            which shows that the files agree with each other and not who made them.
        progress: Called with (done, total) entries.

    Raises:
        TileError: There is no exported log there, or it is damaged beyond reading.
    """
    with open_files(path) as files:
        note = _read(files, CHECKPOINT, _NOTE_BYTES)
        if note is None:
            raise TileError(f"{path} holds no exported log: it has no file {CHECKPOINT}")
        own = _own_key(files)
        trusted = key or own
        if trusted is None:
            raise TileError(f"{path} holds no key", "pass the ledger's public key with --key")
        findings = Findings()
        chain = chain_from(_read(files, CHAIN_FILE, _NOTE_BYTES) or b"", trusted)
        if own is not None and own != chain[-1]:
            findings.add(
                Failure(
                    kind="key", field="fingerprint", expected=chain[-1].fingerprint, found=own.fingerprint
                )
            )
        signed = _open(note, chain[-1], findings)
        check = ExportCheck(files, signed, findings)
        if signed.size:
            check.run(progress)
        findings.sort()
    missing = check.payloads.missing
    return VerifyReport(
        ok=not findings.count and check.checked == signed.size,
        scope=ScopeCovered(log=True, payloads=missing == 0, tables=False),
        checked=check.checked,
        total=signed.size,
        rows_checked=0,
        failures=findings.failures,
        failure_count=findings.count,
        checkpoint=note.decode(errors="replace"),
        warnings=list(_warnings(trusted, given=key is not None, missing=missing)),
    )


def _own_key(files: Files) -> VerifierKey | None:
    try:
        return VerifierKey.parse((_read(files, KEY_FILE, 10_000) or b"").decode().strip())
    except (NoteError, UnicodeError):
        return None


def _open(note: bytes, key: VerifierKey, findings: Findings) -> Checkpoint:
    """Open the checkpoint; nothing is worth checking under one that nobody signed."""
    try:
        return open_checkpoint(note, [key])
    except NoteError as error:
        expected = f"a checkpoint signed by {key.name}"
        findings.add(Failure(kind="checkpoint", field="signature", expected=expected, found=str(error)))
        return Checkpoint(key.name, 0, b"")


def _read(files: Files, path: str, limit: int) -> bytes | None:
    opened = files.open(path)
    if opened is None:
        return None
    with opened:
        data = opened.read(limit + 1)
    if len(data) > limit:
        raise TileError(f"{path} is longer than {limit} bytes")
    return data


def _warnings(key: VerifierKey, *, given: bool, missing: int) -> Iterator[str]:
    if not given:
        yield (
            f"the key was taken from the files themselves ({key.fingerprint}): compare it with the one you "
            "were given by another way, or pass that with --key"
        )
    if missing:
        yield (
            f"{missing} payloads are not among the files: what those entries say was not checked; "
            "`lineproof ledger export DIR --with-payloads` writes them"
        )


class ExportCheck:
    """Walks the entries of an exported log and holds its tiles and checkpoint against them.

    Args:
        files: What to check.
        signed: What its key signed.
        findings: Where failures go.

    Attributes:
        checked: Entries that hold.
        payloads: What has been seen of payloads.
    """

    def __init__(self, files: Files, signed: Checkpoint, findings: Findings) -> None:
        self._files = files
        self._signed = signed
        self._ledger = signed.origin.removeprefix(origin_of(""))
        self._findings = findings
        self._doubtful: list[
            tuple[int, bytes, bytes, str]
        ] = []  # entry, hash in the tile, of the leaf, place
        self._doubts = 0
        self.checked = 0
        self.payloads = PayloadCheck(files, findings)

    def run(self, progress: Progress | None = None) -> None:
        """Check everything; failures are in the findings."""
        # 1. Walk the entries in order, grow the tree from them alone, compare the complete tiles.
        # 2. Compare the incomplete tiles, then the tree with what was signed.
        # 3. Where an entry and its hash in a tile differ, the signed root says which of the two is wrong.
        # 4. Payloads that are there must be what was committed to, and not be said to be destroyed.
        size = self._signed.size
        tree = TreeCheck(self, self._findings)
        for index in range(-(-size // TILE_WIDTH)):
            first = index * TILE_WIDTH
            width = min(TILE_WIDTH, size - first)
            leaves = self._bundle(index, width, tree)
            self.payloads.check(index, width, leaves)
            if progress is not None:
                progress(first + width, size)
        for level, index, width in partial_tiles(size):
            self._edge(level, index, width, tree.open_tile(level))
        holds = tree.frontier.root() == self._signed.root
        if not holds:
            found = tree.frontier.root().hex()
            self._fail("checkpoint", field="root", expected=self._signed.root.hex(), found=found)
        self._settle(leaves_hold=holds)
        self.payloads.finish(size)

    def tile(self, level: int, index: int) -> bytes | None:
        """Give a complete tile, or None when it is missing."""
        return self._hashes(level, index, TILE_WIDTH)

    def _hashes(self, level: int, index: int, width: int) -> bytes | None:
        found = _read(self._files, tile_path(level, index, width), _TILE_BYTES)
        if found is None and width < TILE_WIDTH:  # a log that has grown may keep the complete tile alone
            found = (_read(self._files, tile_path(level, index), _TILE_BYTES) or b"")[: width * HASH_SIZE]
        return found if found and len(found) == width * HASH_SIZE else None

    def _bundle(self, index: int, width: int, tree: TreeCheck) -> dict[int, Leaf]:
        """Check the entries of one bundle; give those that are leaves."""
        first, place = index * TILE_WIDTH, bundle_path(index, width)
        tile = self._hashes(0, index, width)
        stored = [tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE)] if tile else []
        data = _read(self._files, place, _BUNDLE_BYTES)
        cut = width < TILE_WIDTH and data is None
        if cut:
            data = _read(self._files, bundle_path(index), _BUNDLE_BYTES)
        try:
            entries = decode_bundle(data or b"")
        except TileError as error:
            self._fail(
                "entry", entry=first, key={"file": place}, expected="an entry bundle", found=str(error)
            )
            entries = []
        entries = entries[:width] if cut else entries
        if len(entries) != width:
            self._count(first, width, entries, stored, place)
            # With the hashes of the tile the rest of the log can be checked all the same.
            for at in range(width):
                tree.append(stored[at] if stored else _NO_HASH)
            return {}
        leaves = {}
        for at, entry in enumerate(entries):
            hashed = leaf_hash(entry)
            tree.append(hashed)
            if stored and stored[at] != hashed:
                self._doubts += 1
                if len(self._doubtful) < _MOST_DOUBTS:
                    self._doubtful.append((first + at, stored[at], hashed, place))
            elif leaf := self._leaf(first + at, entry, place):
                leaves[first + at] = leaf
        return leaves

    def _count(self, first: int, width: int, entries: list[bytes], stored: list[bytes], place: str) -> None:
        """Say which entries a bundle lacks, or holds in addition."""
        there = {leaf_hash(entry) for entry in entries}
        missing = [first + at for at, hashed in enumerate(stored) if hashed not in there]
        surplus = len(there - set(stored)) if stored else 0
        if not missing and not surplus:
            expected, found = f"{width} entries", f"{len(entries)} entries"
            self._fail("entry", entry=first, key={"file": place}, expected=expected, found=found)
        elif len(missing) == width:
            names = f"entries {first} to {first + width - 1}"
            self._fail("entry", entry=first, key={"file": place}, expected=names, found=None)
        else:
            for number in missing:
                self._fail("entry", entry=number, key={"file": place}, expected=f"entry {number}", found=None)
        if surplus:
            found = f"{surplus} entries that the tree does not hold"
            self._fail("entry", entry=first, key={"file": place}, expected=None, found=found)

    def _leaf(self, number: int, entry: bytes, place: str) -> Leaf | None:
        try:
            leaf = decode_leaf(entry)
        except LeafError as error:
            self._fail("leaf", entry=number, key={"file": place}, expected="a leaf", found=str(error))
            return None
        if leaf.ledger != self._ledger:
            self._fail("leaf", entry=number, field="ledger", expected=self._ledger, found=leaf.ledger)
            return None
        self.checked += 1
        return leaf

    def _edge(self, level: int, index: int, width: int, expected: bytes) -> None:
        """Compare an incomplete tile; of level 0 each hash has been held against its entry already."""
        found = self._hashes(level, index, width)
        if found is None or (level and found != expected):
            there = None if found is None else f"hashes {found.hex()}"
            key = {"file": tile_path(level, index, width)}
            self._fail("tree", key=key, expected=f"{width} hashes of the tree", found=there)

    def _settle(self, *, leaves_hold: bool) -> None:
        """Say of each entry that differs from its hash in the tile which of the two is wrong."""
        self._findings.count += self._doubts - len(self._doubtful)
        places = {stored: number for number, stored, _, _ in self._doubtful}
        for number, stored, hashed, place in self._doubtful:
            if leaves_hold:
                key = {"file": tile_path(0, number // TILE_WIDTH)}
                self._fail("tree", entry=number, key=key, expected=hashed.hex(), found=stored.hex())
                continue
            moved = places.get(hashed)
            found = f"leaf hash {hashed.hex()}" if moved is None else f"entry {moved}"
            expected = f"leaf hash {stored.hex()}" if moved is None else f"entry {number}"
            self._fail("leaf", entry=number, key={"file": place}, expected=expected, found=found)

    def _fail(
        self,
        kind: str,
        *,
        entry: int | None = None,
        key: dict[str, str] | None = None,
        field: str | None = None,
        expected: str | None,
        found: str | None,
    ) -> None:
        self._findings.add(
            Failure(kind=kind, entry=entry, key=key, field=field, expected=expected, found=found)
        )
