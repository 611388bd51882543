"""The payloads of an exported log: those that are there are what was committed to, and none too many."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lineproof.errors import CommitmentError, TileError
from lineproof.ledger import TILE_WIDTH, Leaf, verify_commitment
from lineproof.model.entries import EntryType, Shred
from lineproof.store.export.files import Files
from lineproof.store.export.payloads import ExportedPayload, decode_payload, payload_path
from lineproof.store.verify.report import Failure, Findings

__all__ = ["PayloadCheck"]

_OVERHEAD = 200  # bytes of a line beside the payload itself


class PayloadCheck:
    """Checks payloads bundle by bundle, a payload in memory at a time.

    Args:
        files: What to check.
        findings: Where failures go.

    Attributes:
        missing: Payloads that are not among the files although nothing says that they were destroyed.
    """

    def __init__(self, files: Files, findings: Findings) -> None:
        self._files = files
        self._findings = findings
        self._destroyed: dict[int, int] = {}  # entry -> the one that says so
        self._there = bytearray()  # a bit for each entry: whether its payload is among the files
        self._absent = 0
        self.missing = 0

    def check(self, index: int, width: int, leaves: dict[int, Leaf]) -> None:
        """Check the payloads of one entry bundle.

        Args:
            index: Its number.
            width: How many entries it has.
            leaves: Those of them that hold, by entry number; what goes with another is not looked at.
        """
        seen = set()
        self._there.extend(bytes(TILE_WIDTH >> 3))
        for line in self._lines(index, leaves):
            number = line.entry
            leaf = leaves.get(number)
            if not 0 <= number - index * TILE_WIDTH < width or number in seen:
                self._fail(number, None, "a payload without an entry, or a second one")
                continue
            seen.add(number)
            if leaf is None:
                continue
            self._there[number >> 3] |= 1 << (number & 7)
            try:
                verify_commitment(leaf.commitment, line.salt, line.payload)
            except CommitmentError:
                self._fail(number, f"commitment {leaf.commitment}", "another payload or salt")
                continue
            if leaf.size != len(line.payload):
                self._fail(number, f"{leaf.size} bytes", f"{len(line.payload)} bytes")
            if leaf.type is EntryType.SHRED:
                self._note(number, line.payload)
        self._absent += len(set(leaves) - seen)

    def finish(self, size: int) -> None:
        """Hold what is there against what was destroyed, once all of it has been seen."""
        self.missing = self._absent
        for number, by in sorted(self._destroyed.items()):
            if number >= size:
                continue
            if self._there[number >> 3] >> (number & 7) & 1:
                self._fail(number, f"nothing: destroyed by entry {by}", "a payload")
            else:
                self.missing -= 1

    def _lines(self, index: int, leaves: dict[int, Leaf]) -> Iterator[ExportedPayload]:
        opened = self._files.open(payload_path(index))
        if opened is None:
            return
        largest = max((leaf.size for leaf in leaves.values()), default=0) * 4 // 3 + _OVERHEAD
        with opened:
            while line := opened.readline(largest):
                try:
                    yield decode_payload(line)
                except TileError as error:
                    self._findings.add(
                        Failure(
                            kind="payload",
                            key={"file": payload_path(index)},
                            expected="a line for each payload",
                            found=str(error),
                        )
                    )
                    return

    def _note(self, number: int, body: bytes) -> None:
        try:
            for destroyed in msgspec.json.decode(body, type=Shred).destroyed:
                self._destroyed.setdefault(destroyed, number)
        except msgspec.DecodeError as error:
            self._fail(number, "a payload of type shred", str(error))

    def _fail(self, number: int, expected: str | None, found: str) -> None:
        self._findings.add(Failure(kind="payload", entry=number, expected=expected, found=found))
