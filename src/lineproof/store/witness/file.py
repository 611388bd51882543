"""A file elsewhere that is only ever appended to: on another machine's share, a medium written once, a mount.

Each line is JSON, `{"checkpoint":"..."}`; several logs may share a file.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, ClassVar

import msgspec

from lineproof.errors import WitnessError
from lineproof.store.witness.interface import Kept

__all__ = ["FileKeeper"]

_LONGEST = 100_000  # bytes of a line


class _Line(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    checkpoint: str
    token: str | None = None  # of a time-stamping authority, whose file this is


class FileKeeper:
    """Keeps checkpoints as lines of a file.

    Args:
        location: Path of the file; its folder must be there.
    """

    kind: ClassVar[str] = "file"

    def __init__(self, location: str) -> None:
        self._path = Path(location)

    @property
    def nearby(self) -> bool:
        """Always."""
        return True

    def kept(self, origin: str) -> Kept:
        """Give the checkpoints of this log, in the order of the file."""
        found, damage = [], []
        with self._meaning(), self._path.open("rb") as file:
            for number, line in _lines(file):
                try:
                    note = msgspec.json.decode(line, type=_Line).checkpoint
                except (msgspec.DecodeError, UnicodeError, RecursionError):
                    damage.append(f"line {number} of {self._path} is not one that was written there")
                    continue
                if note.startswith(f"{origin}\n"):
                    found.append(note)
        return Kept(tuple(found), tuple(damage))

    def keep(self, origin: str, note: str) -> str:
        """Append a line, durable when this returns."""
        del origin  # it is the note's first line
        with self._meaning(), self._path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # What another writer has left half written becomes a line of its own.
            start = b"" if file.tell() == 0 or _ends_line(self._path) else b"\n"
            file.write(start + msgspec.json.encode(_Line(note)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
            return f"byte {file.tell()}"

    @contextmanager
    def _meaning(self) -> Iterator[None]:
        try:
            if self._path.exists() and not self._path.is_file():
                raise WitnessError(f"{self._path} is not a file")
            yield
        except OSError as error:
            raise WitnessError(f"cannot open {self._path}: {error.strerror}") from error


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(_LONGEST):
        number += 1
        if line.strip():
            yield number, line


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
