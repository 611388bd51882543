"""What this user has seen of each ledger in each place: the last checkpoint, kept where the ledger's files are not.

On the next contact the log in that place must have grown from it. Whoever swaps the ledger for an older or another
one is found by everybody who looked at it before, without any witness. A ledger may be copied, and grow in both
places: what was seen elsewhere is told apart.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from lineproof.errors import (
    CorruptLedgerError,
    ForkError,
    LineproofError,
    NoteError,
    ProofError,
    RollbackError,
)
from lineproof.ledger import (
    Checkpoint,
    VerifierKey,
    check_extends,
    key_chain,
    open_checkpoint,
)
from lineproof.store.database import Session, SqliteDatabase
from lineproof.store.hashes import StoredHead, read_head
from lineproof.store.keyring import stated_keys
from lineproof.store.location import DATABASE

__all__ = ["Contradiction", "Seen", "accept", "elsewhere", "look", "remembering", "seen_file"]

_LONGEST = 10_000  # bytes of the file
_MOST_PLACES = 64  # other places that are looked at
_ADVICE = (
    "`lineproof verify` shows both checkpoints; if you know who restored it and why, "
    "`lineproof verify --accept-restored REASON`"
)

Connect = Callable[[], Session]


class Seen(msgspec.Struct, frozen=True):
    """What was seen.

    Attributes:
        place: Where: the absolute path of the ledger's folder, or the address of its store.
        key: Verifier key that signed it.
        checkpoint: The signed note.
    """

    place: str
    key: str
    checkpoint: str


class Contradiction(msgspec.Struct, frozen=True):
    """A ledger that is not what was seen of it.

    Attributes:
        error: What is wrong: `RollbackError` or `ForkError`.
        seen: What was seen, and
        present: the checkpoint of the ledger now: together they are the evidence.
        path: The file that remembers.
    """

    error: RollbackError | ForkError
    seen: Seen
    present: str
    path: Path

    @property
    def kind(self) -> str:
        """`rollback` or `fork`."""
        return "rollback" if isinstance(self.error, RollbackError) else "fork"

    def line(self) -> str:
        """Say it in one line."""
        return f"{self.error.code}  not the ledger that you saw here last: {self.error.message}; {_ADVICE}"


def seen_file(ledger: str, place: str) -> Path | None:
    """Give the file that remembers a ledger in a place, or None where this user has nowhere to keep it."""
    folder = _folder(ledger)
    return (
        None
        if folder is None
        else folder / f"{hashlib.sha256(place.encode('utf-8', 'replace')).hexdigest()[:32]}.json"
    )


def look(connection: Connect, place: str, ledger: str, key: VerifierKey) -> Contradiction | None:
    """Hold a ledger against what this user last saw of it here, and remember it when it has only grown.

    Args:
        connection: Gives a snapshot of the ledger, taken when it is called.
        place: Where it is: the absolute path of its folder, or the address of its store.
        ledger: Its id.
        key: The key that signs for it now.
    """
    path = seen_file(ledger, place)
    if path is None:
        return None
    # 1. Remember before looking: a ledger that grows meanwhile is then never behind what was seen of it.
    seen = _read(path)
    now = connection()
    try:
        head = read_head(now)
        if seen is not None and seen.checkpoint == head.checkpoint:
            return None
        # 2. What was seen must be a beginning of what is there.
        error = None if seen is None else _against(seen, head, now, key)
        if seen is not None and error is not None:
            return Contradiction(error, seen, head.checkpoint, path)
        # 3. Remember what the ledger's key signed: anything else would be forgotten with the next look, and
        #    whoever can write to the file for a moment would have made us forget what came before.
        open_checkpoint(head.checkpoint, [key])
    except (CorruptLedgerError, NoteError, ProofError):
        return None  # `verify` says what is wrong with it; it is not worth remembering
    _write(path, Seen(place, str(key), head.checkpoint))
    return None


@contextmanager
def remembering(
    connection: Session, place: str, ledger: str, key: Callable[[], VerifierKey]
) -> Iterator[None]:
    """Remember what this user appends meanwhile; the caller is the only writer."""
    before = _stored(connection)
    yield
    after = _stored(connection)
    path = seen_file(ledger, place)
    if path is None or after is None or after == before:
        return
    with suppress(LineproofError):  # without its public key it can be appended to all the same
        seen = _read(path)
        if seen is None or seen.checkpoint == before:
            _write(path, Seen(place, str(key()), after))
        else:
            look(lambda: connection, place, ledger, key())


def accept(connection: Session, place: str, ledger: str, key: VerifierKey) -> None:
    """Take the ledger as it is now for what was seen of it here.

    Raises:
        CorruptLedgerError: It has no head that can be read.
        NoteError: Its key did not sign its head.
    """
    head = read_head(connection)
    open_checkpoint(head.checkpoint, [key])
    path = seen_file(ledger, place)
    if path is not None:
        _write(path, Seen(place, str(key), head.checkpoint))


def elsewhere(connection: Session, place: str, ledger: str, key: VerifierKey) -> list[Contradiction]:
    """Give what this user has seen of copies of a ledger in other places that excludes this one.

    A copy that has grown further is no contradiction as long as it grew from this one.
    """
    folder, found = _folder(ledger), []
    if folder is None or not folder.is_dir():
        return []
    with suppress(CorruptLedgerError):
        head = read_head(connection)
        for path in sorted(folder.glob("*.json"))[:_MOST_PLACES]:
            seen = _read(path)
            if seen is None or seen.place == place:
                continue
            with suppress(ProofError, NoteError):
                error = _against(seen, head, connection, key)
                error = _grown_further(seen, head) if isinstance(error, RollbackError) else error
                if error is not None:
                    found.append(Contradiction(error, seen, head.checkpoint, path))
    return found


def _against(
    seen: Seen, head: StoredHead, now: Session, key: VerifierKey
) -> RollbackError | ForkError | None:
    """Say how a ledger contradicts what was seen of it.

    Raises:
        NoteError: The present checkpoint cannot be read.
        ProofError: The stored hashes prove nothing.
    """
    present = Checkpoint.parse(_text(head.checkpoint))
    try:
        earlier = Checkpoint.parse(_text(seen.checkpoint))
    except NoteError:
        return None
    if earlier.origin != present.origin:
        return None
    try:
        check_extends(earlier, present, head.source)
        _demand_key(seen, key, now)
    except (ForkError, RollbackError) as error:
        return error if _signed(seen) else None
    return None


def _grown_further(seen: Seen, head: StoredHead) -> ForkError | None:
    """Say whether a copy with more entries, where it still is, has other entries than this ledger."""
    path = Path(seen.place) / DATABASE
    if not path.is_file():
        return None
    other = SqliteDatabase(path)
    with suppress(LineproofError, OSError), other.meaning_errors(), other.snapshot() as session:
        there = read_head(session)
        ours = Checkpoint.parse(_text(head.checkpoint))
        try:
            check_extends(ours, Checkpoint.parse(_text(there.checkpoint)), there.source)
        except ForkError as error:
            return error
    return None


def _demand_key(seen: Seen, key: VerifierKey, now: Session) -> None:
    """Demand that the key that was seen handed over, step by step, to the one that signs now."""
    if seen.key == str(key):
        return
    stated = [(one.key, one.endorsement) for one in stated_keys(now)]
    if key not in key_chain(stated, VerifierKey.parse(seen.key)):
        raise ForkError("it is signed by a key that the one seen before never handed over to")


def _signed(seen: Seen) -> bool:
    """Tell whether what was seen is evidence."""
    try:
        open_checkpoint(seen.checkpoint, [VerifierKey.parse(seen.key)])
    except NoteError:
        return False
    return True


def _stored(connection: Session) -> str | None:
    row = connection.execute("SELECT checkpoint FROM head").fetchone()
    return row[0] if row is not None and isinstance(row[0], str) else None


def _text(note: str) -> str:
    return note.partition("\n\n")[0] + "\n"


def _folder(ledger: str) -> Path | None:
    stated = os.environ.get("XDG_STATE_HOME", "")
    try:
        base = Path(stated) if os.path.isabs(stated) else Path.home() / ".local" / "state"  # noqa: PTH117 - of text
    except RuntimeError:  # a user without a home
        return None
    return base / "lineproof" / "ledgers" / ledger


def _read(path: Path) -> Seen | None:
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_LONGEST), type=Seen)
    except (OSError, msgspec.DecodeError, UnicodeError):
        return None


def _write(path: Path, seen: Seen) -> None:
    with suppress(OSError):  # what cannot be remembered harms nobody now
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.new")
        draft.write_bytes(msgspec.json.encode(seen))
        draft.replace(path)
