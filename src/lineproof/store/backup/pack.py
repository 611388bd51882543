"""A backup in one file: a zip of its folder."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lineproof.errors import BackupError

__all__ = ["packing", "unpacked"]

_DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, NotImplementedError)


@contextmanager
def packing(path: Path) -> Iterator[Path]:
    """Give a folder that becomes this file, whole and durable, when the context ends well.

    Raises:
        BackupError: There is something already, or it cannot be written.
    """
    if path.exists():
        raise BackupError(f"{path} is there already", "name a new file: only a folder is renewed")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:
        raise BackupError(f"cannot write to {path.parent}: {error.strerror}") from error
    try:
        folder, draft = place / "backup", place / "backup.zip"
        yield folder
        try:
            _pack(folder, draft)
            draft.replace(path)
            _sync(path.parent)
        except OSError as error:
            raise BackupError(f"cannot write {path}: {error.strerror}") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give the folder of a backup, unpacked aside if it is one file.

    Raises:
        BackupError: It is not there, is no zip file, or was cut off.
    """
    if not path.exists():
        raise BackupError(f"there is no backup at {path}", "see that the path is right")
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="lineproof-") as place:
        try:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(place)  # leaves out what would lie outside
        except _DAMAGE as error:
            raise BackupError(f"{path} is no whole backup: {error}") from error
        yield Path(place)


def _pack(folder: Path, draft: Path) -> None:
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder))
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
