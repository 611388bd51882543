"""Where an exported log is read from: a folder, or a zip file of one. Nothing in either is trusted."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from lineproof.errors import TileError
from lineproof.ledger import CHECKPOINT

__all__ = ["Files", "open_files"]

_DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, NotImplementedError)


class Files(Protocol):
    """Files by path."""

    def open(self, path: str) -> IO[bytes] | None:
        """Open a file to read, or give None when it is not there."""
        ...


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, path: str) -> IO[bytes] | None:
        file = self._folder / path
        return file.open("rb") if file.is_file() else None  # a pipe of that name would never answer


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        names = [one for one in archive.namelist() if f"/{one}".endswith(f"/{CHECKPOINT}")]
        # Whoever packs a folder may pack its name with it.
        self._prefix = min(names, key=len, default=CHECKPOINT).removesuffix(CHECKPOINT)

    def open(self, path: str) -> IO[bytes] | None:
        try:
            return self._archive.open(self._prefix + path)
        except KeyError:
            return None


@contextmanager
def open_files(path: Path) -> Iterator[Files]:
    """Open a folder or zip file of an exported log.

    Raises:
        TileError: It cannot be read, or is damaged.
    """
    try:
        if path.is_dir():
            yield _Folder(path)
            return
        with zipfile.ZipFile(path) as archive:
            yield _Zip(archive)
    except _DAMAGE as error:
        raise TileError(f"cannot read {path}: {error}") from error
