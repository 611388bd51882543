"""Writing a log out as static files, C2SP tlog-tiles: only what is new, each file whole or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree

import msgspec

from lineproof.errors import ExportError, NoteError
from lineproof.ledger import (
    CHECKPOINT,
    TILE_WIDTH,
    Checkpoint,
    VerifierKey,
    bundle_path,
    check_extends,
    completed_tiles,
    encode_bundle,
    open_checkpoint,
    partial_tiles,
    split_note,
    tile_hashes,
    tile_path,
)
from lineproof.model.entries import EntryType, Shred
from lineproof.store.database import Cursor, Session
from lineproof.store.export.chain import CHAIN_FILE, encode_stated
from lineproof.store.export.payloads import encode_payload, payload_path
from lineproof.store.hashes import StoredHead, read_head
from lineproof.store.keyring import stated_keys
from lineproof.store.rebuild import Progress

__all__ = ["KEY_FILE", "Exported", "export_log"]

KEY_FILE = "ledger.vkey"
_STATE = "lineproof.json"
_ALWAYS = (EntryType.KEY, EntryType.SHRED)  # what the log itself rests on; nothing personal is in it


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What an export did.

    Attributes:
        path: The folder.
        size: Entries that it holds now.
        added: How many of them are new.
        files: Files written.
        payloads: Whether payloads are in it.
    """

    path: str
    size: int
    added: int
    files: int
    payloads: bool


class _State(msgspec.Struct, frozen=True):
    """What the last export wrote of payloads; left out of every check."""

    size: int
    payloads: bool


def export_log(
    connection: Session,
    keys: Sequence[VerifierKey],
    into: Path,
    *,
    payloads: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write a log into a folder, or what it has grown by since it was last written there.

    Args:
        connection: Snapshot of the ledger.
        keys: Those that sign or have signed for it, the present one last.
        into: The folder; made when it is not there.
        payloads: Write the payloads too, but those that were destroyed. Left out, any that an earlier
            export wrote are removed.
        progress: Called with (done, total) entries.

    Raises:
        ExportError: The folder cannot be written, or another export writes into it.
        NoteError: The ledger's checkpoint does not hold, or the folder's does not.
        ForkError: The folder holds another history of the log.
        RollbackError: The folder holds more of the log than the ledger.
    """
    # 1. Hold what is there against the ledger: a published log may only grow.
    # 2. Write complete tiles, entries and payloads; what is there already stays as it is.
    # 3. Write the right edge, and only when all of it is on disk the checkpoint that speaks of it.
    # 4. Remove parts of tiles that are complete now.
    head = read_head(connection)
    signed = open_checkpoint(head.checkpoint, keys[-1:])
    with _holding(into):
        before = _published(into, keys, signed, head)
        out = _Writer(into)
        _write_tiles(out, head, before)
        for index in range(before // TILE_WIDTH, -(-head.size // TILE_WIDTH)):
            _write_bundle(out, connection, index, head.size)
            if progress is not None:
                progress(min((index + 1) * TILE_WIDTH, head.size), head.size)
        _write_payloads(out, connection, before, head.size, every=payloads)
        for level, index, width in partial_tiles(head.size):
            first = index * TILE_WIDTH
            hashes = (head.source(8 * level, at) for at in range(first, first + width))
            out.write(tile_path(level, index, width), b"".join(hashes))
        out.write(KEY_FILE, f"{keys[-1]}\n".encode())
        out.write(CHAIN_FILE, b"".join(encode_stated(one) for one in stated_keys(connection)))
        if not _cosigned(out.read(CHECKPOINT), head.checkpoint):
            out.write(CHECKPOINT, head.checkpoint.encode())
        out.write(_STATE, msgspec.json.encode(_State(head.size, payloads)))
        _remove_edge(into, before, head.size)
    added = head.size - before
    return Exported(path=str(into), size=head.size, added=added, files=out.written, payloads=payloads)


@contextmanager
def _holding(into: Path) -> Iterator[None]:
    """Be the only one who writes into a folder."""
    try:
        into.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(into, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        finally:
            os.close(descriptor)
    except BlockingIOError as error:
        raise ExportError(f"another export writes into {into}", "let it end, then try again") from error
    except OSError as error:
        raise ExportError(f"cannot write into {into}: {error.strerror}") from error


class _Writer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.written = 0

    def write(self, path: str, data: bytes | Iterable[bytes]) -> None:
        """Put a file in its place, whole and durable; one that is the same already is left alone."""
        file = self._folder / path
        if isinstance(data, bytes) and _same(file, data):
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.new")
        with draft.open("wb") as opened:
            opened.writelines([data] if isinstance(data, bytes) else data)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(file)
        self.written += 1

    def remove(self, path: str) -> None:
        (self._folder / path).unlink(missing_ok=True)

    def read(self, path: str) -> bytes | None:
        with suppress(FileNotFoundError):
            return (self._folder / path).read_bytes()
        return None


def _same(file: Path, data: bytes) -> bool:
    try:
        return file.stat().st_size == len(data) and file.read_bytes() == data
    except OSError:
        return False


def _published(into: Path, keys: Sequence[VerifierKey], signed: Checkpoint, head: StoredHead) -> int:
    """Give the size of the log that the folder holds, once it is clear that it is a beginning of this one."""
    there = _Writer(into).read(CHECKPOINT)
    if there is None:
        return 0
    try:
        before = open_checkpoint(there, keys)
    except NoteError as error:
        raise NoteError(
            f"{into / CHECKPOINT} is no checkpoint of this ledger: {error}", "export into another folder"
        ) from error
    check_extends(before, signed, head.source)
    return before.size


def _cosigned(there: bytes | None, checkpoint: str) -> bool:
    """Tell whether a checkpoint is published already; witnesses may have put their signatures under it."""
    return there is not None and split_note(there)[0] == split_note(checkpoint)[0]


def _write_tiles(out: _Writer, head: StoredHead, before: int) -> None:
    for level, index in completed_tiles(before, head.size):
        out.write(tile_path(level, index), tile_hashes(level, index, head.source))


def _write_bundle(out: _Writer, connection: Session, index: int, size: int) -> None:
    first = index * TILE_WIDTH
    stop = min(first + TILE_WIDTH, size)
    rows = connection.execute(
        "SELECT leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq", (first, stop)
    ).fetchall()
    if len(rows) != stop - first:
        raise ExportError(
            f"entries between {first} and {stop - 1} are missing from the ledger", "run `lineproof verify`"
        )
    out.write(bundle_path(index, stop - first), encode_bundle(leaf for (leaf,) in rows))


def _write_payloads(out: _Writer, connection: Session, before: int, size: int, *, every: bool) -> None:
    """Write the payloads of new entries, and write those again among which one has been destroyed."""
    state = _state(out)
    known = state.size if state is not None and state.payloads == every else 0
    known = min(known, before)
    last = -(-size // TILE_WIDTH)
    dirty = {*range(known // TILE_WIDTH, last), *_destroyed(connection, known, size)}
    for index in sorted(dirty):
        first = index * TILE_WIDTH
        found = connection.execute(
            "SELECT seq, salt, body FROM entry JOIN payload USING (seq) WHERE seq >= ? AND seq < ? "
            "AND body IS NOT NULL AND (? OR type IN (?, ?)) ORDER BY seq",
            (first, min(first + TILE_WIDTH, size), every, *_ALWAYS),
        )
        row = found.fetchone()
        if row is None:
            out.remove(payload_path(index))
        else:
            out.write(payload_path(index), _lines(row, found))


def _lines(first: tuple[int, bytes, bytes], rest: Cursor) -> Iterator[bytes]:
    yield encode_payload(*first)
    for row in rest:
        yield encode_payload(*row)


def _state(out: _Writer) -> _State | None:
    try:
        return msgspec.json.decode(out.read(_STATE) or b"", type=_State)
    except msgspec.DecodeError:
        return None


def _destroyed(connection: Session, start: int, stop: int) -> Iterator[int]:
    """Give the bundles of which these entries say that a payload was destroyed."""
    query = (
        "SELECT body FROM entry JOIN payload USING (seq) WHERE seq >= ? AND seq < ? AND type = ? "
        "AND body IS NOT NULL"
    )
    for (body,) in connection.execute(query, (start, stop, EntryType.SHRED)):
        with suppress(msgspec.DecodeError):
            for destroyed in msgspec.json.decode(body, type=Shred).destroyed:
                yield destroyed // TILE_WIDTH


def _remove_edge(into: Path, before: int, size: int) -> None:
    """Remove the parts of tiles that are complete now; parts of others are kept for who holds their checkpoint."""
    for level, index, width in partial_tiles(before):
        if index < size >> 8 * (level + 1):
            for path in (
                tile_path(level, index, width),
                *([bundle_path(index, width)] if level == 0 else []),
            ):
                rmtree((into / path).parent, ignore_errors=True)
