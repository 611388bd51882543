"""Files elsewhere: S3 and whatever else fsspec knows. Copied here once, so that what is hashed is what is read.

Neither credentials nor the texts of other libraries' errors, which may hold some, are ever repeated.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from lineproof.data.sources.interface import Source
from lineproof.data.sources.urls import shown
from lineproof.errors import (
    CredentialsError,
    DataAccessError,
    DataError,
    DataLimitError,
    EmptyDataError,
    MissingReaderError,
    SourceLostError,
    UnstableDataError,
)

__all__ = ["RemoteSource"]

_PIECE = 1 << 22
_SPARE = 1 << 28  # bytes that stay free on the disk
_REFUSED = frozenset(
    {"PermissionError", "NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"}
)
_STAMPS = (
    "ETag",
    "etag",
    "size",
    "LastModified",
    "last_modified",
    "mtime",
    "updated",
    "generation",
    "md5Hash",
)


class RemoteSource:
    """A file, or a folder of Parquet files, at a URL."""

    files: tuple[Path, ...] = ()

    def __init__(self, url: str, open_local: Callable[[Path], Source]) -> None:
        """Take the place; it is copied when first read.

        Args:
            url: Its URL, perhaps with credentials.
            open_local: Gives the source for the copy.
        """
        self._url = url
        self._open_local = open_local
        self._lock = threading.Lock()
        self._source: Source | None = None
        self.place = shown(url)
        self.name = PurePosixPath(self.place).name.partition(".")[0]
        self._folder = Path()

    def batches(self) -> Iterator[Any]:
        """Give the rows; see `Source.batches`."""
        source = self._local()
        try:
            yield from source.batches()
        except DataError as error:
            raise type(error)(self._named(error.message), error.remedy) from None

    def digest(self) -> str | None:
        """Give the digest of the bytes that were copied; see `Source.digest`."""
        return self._local().digest()

    def _named(self, message: str) -> str:
        return message.replace(f"{self._folder}/copy/", f"{self.place.rpartition('/')[0]}/")

    def _local(self) -> Source:
        with self._lock:
            if self._source is None:
                self._folder = Path(tempfile.mkdtemp(prefix="lineproof-"))
                weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
                try:
                    self._source = self._open_local(self._copied())
                except DataError as error:
                    raise type(error)(self._named(error.message), error.remedy) from None
            return self._source

    def _copied(self) -> Path:
        """Copy what is there, and check that it stayed the same meanwhile."""
        try:
            import fsspec  # noqa: PLC0415 - an extra
        except ImportError:
            raise MissingReaderError(f"{self.place}: fsspec is not installed") from None
        here = self._folder / "copy" / PurePosixPath(self.place).name
        try:
            system, path = fsspec.core.url_to_fs(self._url)
            found = system.info(path)
            if found.get("type") == "directory":
                self._copy_folder(system, path, here)
            else:
                self._copy(system, path, here, found)
        except (ImportError, ValueError) as error:
            raise MissingReaderError(
                f"{self.place}: no library that reads {self.place.partition(':')[0]} is installed"
                if isinstance(error, ImportError) or "rotocol" in str(error)
                else f"{self.place} cannot be read: {type(error).__name__}"
            ) from None
        except DataError:
            raise
        except Exception as error:  # noqa: BLE001 - each file system has errors of its own
            raise self._explained(error) from None
        return here

    def _copy_folder(self, system: Any, path: str, here: Path) -> None:
        files = sorted(name for name in system.find(path) if name.endswith(".parquet"))
        if not files:
            raise EmptyDataError(f"{self.place} holds no file *.parquet")
        for name in files:
            within = PurePosixPath(name.removeprefix(path).lstrip("/"))
            if ".." in within.parts:
                raise DataAccessError(f"{self.place} holds a name that leads out of it")
            self._copy(system, name, here / within, system.info(name))

    def _copy(self, system: Any, path: str, here: Path, before: dict[str, Any]) -> None:
        here.parent.mkdir(parents=True, exist_ok=True)
        if (before.get("size") or 0) + _SPARE > shutil.disk_usage(here.parent).free:
            raise DataLimitError(
                f"{self.place} is larger than the space for its copy",
                "set TMPDIR to a folder with more space",
            )
        copied = 0
        try:
            with system.open(path, "rb", cache_type="none") as source, here.open("wb") as target:
                while piece := source.read(_PIECE):
                    copied += target.write(piece)
        except Exception as error:
            if not copied:
                raise
            raise SourceLostError(
                f"{self.place} broke off after {copied:,} bytes: {type(error).__name__}"
            ) from None
        system.invalidate_cache()
        if _stamp(system.info(path)) != _stamp(before) or copied != (before.get("size") or copied):
            raise UnstableDataError(f"{self.place} changed while it was read")

    def _explained(self, error: Exception) -> DataError:
        names = {kind.__name__ for kind in type(error).__mro__}
        if names & _REFUSED:
            return CredentialsError(f"{self.place} cannot be read: credentials are missing or refused")
        if isinstance(error, FileNotFoundError):
            return DataAccessError(f"{self.place} does not exist")
        return DataAccessError(
            f"{self.place} cannot be read: {type(error).__name__}",
            "check the URL, the network and the endpoint",
        )


def _stamp(info: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(str(info.get(name)) for name in _STAMPS)
