"""Reading a spool file: only lines that are whole, in sequence and chained to the one before.

What was written is trusted line by line, from the front:

* a last line without its newline was torn off while being written: it never happened;
* a whole line that is no record, or not the successor of the one before, is damage: what stands
  before it counts, what stands after it cannot be trusted to be complete.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from lineproof.errors import NewerSpoolError, SpoolError
from lineproof.model.people import SIDE_SUFFIX
from lineproof.model.spool import FIRST, FORMAT, ProcessStart, SpoolRecord, chain, decode_line

__all__ = [
    "BEGUN_SUFFIX",
    "DAMAGED_SUFFIX",
    "SPOOL_SUFFIX",
    "Position",
    "SpoolLine",
    "clear_away",
    "exit_status",
    "is_alive",
    "lines",
    "side_of",
    "start_of",
]

SPOOL_SUFFIX = ".spool"
BEGUN_SUFFIX = ".new"  # until its first line is on disk
DAMAGED_SUFFIX = ".damaged"
STATUS_SUFFIX = ".exit"  # of the exit status of the process, one byte


class Position(msgspec.Struct, frozen=True):
    """How far a spool has been read.

    Attributes:
        offset: Bytes read, always whole lines.
        chain: What the next line must give as `prev`.
    """

    offset: int = 0
    chain: str = FIRST


class SpoolLine(msgspec.Struct, frozen=True):
    """One good line, and the position after it."""

    record: SpoolRecord
    position: Position


class _Envelope(msgspec.Struct):
    """What any format of a first line is expected to have."""

    kind: str
    body: msgspec.Raw


class _Format(msgspec.Struct):
    format: int = FORMAT


def is_alive(path: Path) -> bool:
    """Tell whether the process that writes this spool still holds its lock.

    The kernel drops the lock when the process ends, however it ends. Once this has said False the
    file does not grow any more.

    Raises:
        OSError: The file cannot be opened, or the file system has no locks.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def start_of(path: Path) -> ProcessStart | None:
    """Read who writes this spool.

    Returns:
        The body of its first line; None when not even that was written whole.

    Raises:
        NewerSpoolError: The file is in a format that this version does not know.
        SpoolError: The first line is damaged.
    """
    with path.open("rb") as file:
        line = file.readline()
    if not line.endswith(b"\n"):
        return None
    try:
        envelope = msgspec.json.decode(line, type=_Envelope)
        form = msgspec.json.decode(envelope.body, type=_Format).format if envelope.kind == "start" else 0
    except msgspec.DecodeError as error:
        raise SpoolError(f"{path.name}: line 0 is damaged ({error})") from error
    if form > FORMAT:
        raise NewerSpoolError(f"{path.name} is a spool of format {form}; this version knows up to {FORMAT}")
    try:
        record = next(lines(path)).record
        if record.kind != "start":
            raise SpoolError(f"{path.name}: line 0 is a {record.kind}, not the start of a process")
        return msgspec.json.decode(record.body, type=ProcessStart)
    except msgspec.DecodeError as error:
        raise SpoolError(f"{path.name}: line 0 does not say which process wrote it ({error})") from error


def lines(path: Path, position: Position | None = None) -> Iterator[SpoolLine]:
    """Read the good lines from a position on; stops at the end or at a torn last line.

    Args:
        path: The spool file, which may be growing.
        position: Where to go on; the beginning when left out.

    Raises:
        SpoolError: A whole line is damaged. All lines that are known to be good have been given.
    """
    # 1. Go to the position; its chain value stands for everything before it.
    # 2. A line without newline ends the reading: it is torn, or not yet written to its end.
    # 3. A line must be a record and its number the next one.
    # 4. Its `prev` must be the hash of the line before; until then that line is held back, since
    #    either of the two may be the changed one. Nothing follows the last line: it is taken as it is.
    at = position or Position()
    number = None if at.offset else 0
    held: SpoolLine | None = None
    with path.open("rb") as file:
        file.seek(at.offset)
        for line in _whole_lines(file):
            place = f"{path.name}: the line at byte {at.offset}"
            record = _decoded(line)
            if record is not None and record.prev != at.chain:
                raise SpoolError(f"{place} does not follow from the line before it")
            if held is not None:
                yield held
            if record is None:
                raise SpoolError(f"{place} is not a record")
            if number is not None and record.seq != number:
                raise SpoolError(f"{place} has number {record.seq} instead of {number}")
            number = record.seq + 1
            at = Position(at.offset + len(line) + 1, chain(line))
            held = SpoolLine(record, at)
        if held is not None:
            yield held


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    for line in file:
        if not line.endswith(b"\n"):
            return
        yield line[:-1]


def _decoded(line: bytes) -> SpoolRecord | None:
    try:
        return decode_line(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def clear_away(path: Path, taken_bytes: int) -> Path | None:
    """Remove a spool that is taken in; one with lines that could not be taken is kept aside.

    Returns:
        Where it is kept, or None when it was removed.
    """
    path.with_suffix(STATUS_SUFFIX).unlink(missing_ok=True)
    with path.open("rb") as file:
        file.seek(taken_bytes)
        untaken = any(b"\n" in block for block in iter(lambda: file.read(1 << 20), b""))
    if not untaken:
        path.unlink()
        return None
    aside = path.with_name(path.name + DAMAGED_SUFFIX)
    path.rename(aside)
    return aside


def side_of(path: Path, start: ProcessStart) -> Path:
    """Give the side file of a process, in which keyed hashes of people travel."""
    return path.with_name(f"{start.run}-{start.pid}{SIDE_SUFFIX}")


def exit_status(path: Path) -> int | None:
    """Give the exit status that a process left beside its spool; None when it left none."""
    try:
        status = path.with_suffix(STATUS_SUFFIX).read_bytes()
    except OSError:
        return None
    return status[0] if status else None
