"""Where a verification starts that does not read everything again."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lineproof.errors import CorruptLedgerError, ForkError, NoteError, ProofError, RollbackError, UsageError
from lineproof.ledger import TILE_WIDTH, Frontier, HashSource, VerifierKey, check_extends, open_checkpoint
from lineproof.store.database import Session
from lineproof.store.hashes import read_head
from lineproof.store.verify.report import Failure, Findings

__all__ = ["Start", "start_at"]

_HEIGHT = 8


class Start(msgspec.Struct, frozen=True):
    """The tree of the entries that are not read again, from its stored hashes.

    Attributes:
        entry: The first entry that is read.
        source: The stored hashes.
    """

    entry: int
    source: HashSource

    def frontier(self) -> Frontier:
        """Give the right edge of the tree of all entries before.

        Raises:
            ProofError: Its hashes are not stored.
        """
        peaks, first = [], 0
        for height in reversed(range(self.entry.bit_length())):
            if self.entry >> height & 1:
                peaks.append(self.source(height, first >> height))
                first += 1 << height
        return Frontier.from_bytes(self.entry, b"".join(peaks))

    def open_tiles(self) -> list[list[bytes]]:
        """Give the hashes of the tile of each level that these entries leave incomplete.

        Raises:
            ProofError: They are not stored.
        """
        rows, count, level = [], self.entry, 0
        while count:
            first = count - count % TILE_WIDTH
            rows.append([self.source(_HEIGHT * level, at) for at in range(first, count)])
            count >>= _HEIGHT
            level += 1
        return rows


def start_at(
    connection: Session, keys: Sequence[VerifierKey], since: int | str, findings: Findings
) -> Start | None:
    """Find where to start, and hold the log against the checkpoint given.

    Args:
        connection: Snapshot of the ledger.
        keys: Those that sign or have signed its checkpoints, the present one last.
        since: A number of entries, or a signed checkpoint that somebody kept.
        findings: Where it goes when the log does not hold what the checkpoint says.

    Returns:
        The place, or None when there is nothing to rest on: everything is to be read then.

    Raises:
        UsageError: The log has fewer entries than the number given.
        NoteError: The checkpoint is not one of this log.
    """
    kept = open_checkpoint(since, keys) if isinstance(since, str) else None
    entry = since if isinstance(since, int) else kept.size if kept is not None else 0
    try:
        head = read_head(connection)
        present = open_checkpoint(head.checkpoint, keys[-1:])
        if kept is not None:
            check_extends(kept, present, head.source)
        elif entry > present.size:
            raise UsageError(f"the log has {present.size} entries", "give a number that it has reached")
        start = Start(entry, head.source)
        start.frontier()
    except (ForkError, RollbackError) as error:
        kind = "rollback" if isinstance(error, RollbackError) else "fork"
        findings.add(Failure(kind=kind, entry=0, expected=since, found=head.checkpoint))
        return None
    except (CorruptLedgerError, NoteError, ProofError):
        return None  # reading everything says what is wrong
    return start
