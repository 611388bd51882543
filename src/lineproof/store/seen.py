"""What this user has seen of each ledger: the last checkpoint, kept where the ledger's files are not.

On the next contact the log must have grown from it. Whoever swaps the ledger for an older or another one is
found by everybody who looked at it before, without any witness.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from lineproof.errors import (
    CorruptLedgerError,
    ForkError,
    NoteError,
    ProofError,
    RollbackError,
    VerificationError,
)
from lineproof.ledger import Checkpoint, VerifierKey, check_extends, open_checkpoint, origin_of
from lineproof.store.database import Session
from lineproof.store.hashes import read_head

__all__ = ["Contradiction", "Seen", "contradiction", "seen_file"]

_LONGEST = 10_000  # bytes of the file


class Seen(msgspec.Struct, frozen=True):
    """What was seen.

    Attributes:
        key: Verifier key that signed it.
        checkpoint: The signed note.
    """

    key: str
    checkpoint: str


class Contradiction(msgspec.Struct, frozen=True):
    """A ledger that is not what was seen of it.

    Attributes:
        error: What is wrong: `RollbackError` or `ForkError`.
        seen: The checkpoint that was seen, and
        present: that of the ledger now: together they are the evidence.
        path: The file that remembers.
    """

    error: VerificationError
    seen: str
    present: str
    path: Path

    def told(self) -> VerificationError:
        """Give the error with its evidence."""
        return type(self.error)(
            f"{self.error.message}\n\nseen before:\n{self.seen}\nthe ledger says now:\n{self.present}",
            "keep both checkpoints as evidence. If the ledger was restored on purpose, and you know by whom, "
            f"remove {self.path}",
        )


def seen_file(ledger: str) -> Path | None:
    """Give the file that remembers a ledger, or None where this user has no place for it."""
    stated = os.environ.get("XDG_STATE_HOME", "")
    try:
        base = Path(stated) if os.path.isabs(stated) else Path.home() / ".local" / "state"  # noqa: PTH117 - of text
    except RuntimeError:  # a user without a home
        return None
    return base / "lineproof" / "ledgers" / f"{ledger}.json"


def contradiction(
    connection: Callable[[], Session],
    ledger: str,
    key: VerifierKey,
    keys: Callable[[Session], Sequence[VerifierKey]],
    *,
    remember: bool = True,
) -> Contradiction | None:
    """Hold a ledger against what this user last saw of it, and remember it as it is when it has only grown.

    Args:
        connection: Gives a snapshot of the ledger, taken when it is called.
        ledger: Its id.
        key: The key that signs for it now.
        keys: Gives all that have signed for it.
        remember: Whether it is worth remembering.
    """
    path = seen_file(ledger)
    if path is None:
        return None
    # 1. Remember before looking: a ledger that grows meanwhile is then never behind what was seen of it.
    seen = _read(path)
    now = connection()
    try:
        head = read_head(now)
        if seen is not None and seen.checkpoint == head.checkpoint:
            return None
        present = Checkpoint.parse(_text(head.checkpoint))
    except (CorruptLedgerError, NoteError):
        return None  # `verify` says what is wrong with it; it is not worth remembering
    # 2. What was seen must be a beginning of what is there. Hashes that prove nothing are for `verify`.
    if seen is not None and (earlier := _opened(seen, origin_of(ledger))) is not None:
        try:
            _demand_key(seen, key, lambda: keys(now))
            check_extends(earlier, present, head.source)
        except (ForkError, RollbackError) as error:
            if _signed(seen):
                return Contradiction(error, seen.checkpoint, head.checkpoint, path)
        except ProofError:
            return None
    # 3. Remember it, if that can be.
    if remember:
        with suppress(OSError):
            _write(path, Seen(str(key), head.checkpoint))
    return None


def _demand_key(seen: Seen, key: VerifierKey, keys: Callable[[], Sequence[VerifierKey]]) -> None:
    if seen.key != str(key) and all(seen.key != str(one) for one in keys()):
        raise ForkError("the ledger is signed by a key that the one seen before never handed over to")


def _signed(seen: Seen) -> bool:
    """Tell whether what was seen is evidence: an altered head that was looked at once is none."""
    try:
        open_checkpoint(seen.checkpoint, [VerifierKey.parse(seen.key)])
    except NoteError:
        return False
    return True


def _opened(seen: Seen, origin: str) -> Checkpoint | None:
    try:
        checkpoint = Checkpoint.parse(_text(seen.checkpoint))
    except NoteError:
        return None
    return checkpoint if checkpoint.origin == origin else None


def _text(note: str) -> str:
    return note.partition("\n\n")[0] + "\n"


def _read(path: Path) -> Seen | None:
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_LONGEST), type=Seen)
    except (OSError, msgspec.DecodeError, UnicodeError):
        return None


def _write(path: Path, seen: Seen) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.new")
    draft.write_bytes(msgspec.json.encode(seen))
    draft.replace(path)
