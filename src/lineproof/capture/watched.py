"""Which files belong to the record: the program's data, not what Python and its libraries read themselves."""

from __future__ import annotations

import fcntl
import os
import re
import stat
import sys

from lineproof.capture.folder import FOLDER
from lineproof.capture.place import text

__all__ = ["Naming", "can_be_made", "open_for_writing", "regular_file"]

_CODE_AND_FONTS = (
    ".py", ".pyc", ".pyi", ".pyd", ".so", ".pth", ".ttf", ".otf", ".afm", ".pfb",
)  # fmt: skip
_SYSTEM = ("/proc/", "/sys/", "/dev/", "/etc/", "/run/", "/usr/", "/lib/", "/lib64/", "/bin/", "/boot/")
_INNER = tuple(
    f"{os.sep}{part}{os.sep}"
    for part in ("site-packages", "dist-packages", ".git", ".ipython", ".jupyter", "share/jupyter")
)
_PROBE = re.compile(r"[a-z0-9_]{8}")
_SCRATCH = re.compile(r"(tmp[a-z0-9_]{8}|joblib_memmapping_folder_.*|loky-.*|pymp-.*)$")


class Naming:
    """Which paths are watched, and what their files are called as datasets.

    Args:
        root: Folder that holds `.lineproof`; files inside it are named relative to it.
        folder: The folder `.lineproof` itself.
    """

    def __init__(self, root: str, folder: str) -> None:
        self.root = root.rstrip(os.sep) + os.sep
        self._real_root = os.path.realpath(root).rstrip(os.sep) + os.sep
        self._temporary = _slashed(os.environ.get("TMPDIR") or "/tmp")  # noqa: S108 — where tempfile makes files
        skipped = [os.path.dirname(os.__file__), folder]
        for prefix in {sys.prefix, sys.base_prefix}:
            inside = self.root.startswith(prefix.rstrip(os.sep) + os.sep)
            skipped += (
                [os.path.join(prefix, part) for part in ("lib", "share", "etc")] if inside else [prefix]
            )
        self._skipped = tuple({*(_slashed(path) for path in skipped), *self._system()})

    def path(self, path: object) -> str | None:
        """Give the absolute path of a file that is watched; None for one that is not."""
        try:
            name = os.fsdecode(path)  # type: ignore[arg-type]
        except TypeError:  # a file descriptor
            return None
        if name.endswith(_CODE_AND_FONTS):
            return None
        full = os.path.abspath(name)
        if full.startswith(self._skipped) or any(part in full for part in _INNER):
            return None
        if f"{os.sep}{FOLDER}{os.sep}" in full:
            return None
        return None if self._is_scratch(full) else self._at_root(full)

    def name(self, full: str) -> str:
        """Give the dataset name of a path that `path` gave."""
        return text(full.removeprefix(self.root))

    def is_probe(self, full: str) -> bool:
        """Whether a new file is how `tempfile` finds out where it may write."""
        folder, name = os.path.split(full)
        return folder + os.sep == self._temporary and bool(_PROBE.fullmatch(name))

    def _at_root(self, full: str) -> str:
        """Give a path that leads into the root by another way as one that starts with the root."""
        if full.startswith(self.root):
            return full
        real = os.path.realpath(full)
        return self.root + real.removeprefix(self._real_root) if real.startswith(self._real_root) else full

    def _is_scratch(self, full: str) -> bool:
        if full.startswith(self.root) or not full.startswith(self._temporary):
            return False
        return bool(_SCRATCH.match(full.removeprefix(self._temporary).partition(os.sep)[0]))

    def _system(self) -> list[str]:
        return [folder for folder in _SYSTEM if not self.root.startswith(folder)]


def _slashed(path: str) -> str:
    return os.path.abspath(path).rstrip(os.sep) + os.sep


def regular_file(path: str) -> os.stat_result | None:
    """Give the status of a regular file; None for anything else. Opens nothing, so nothing can block."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def can_be_made(full: str) -> bool:
    """Whether a file that is not there could be made."""
    return not os.path.lexists(full) and os.access(os.path.dirname(full), os.W_OK)


def open_for_writing() -> set[tuple[int, int]]:
    """Give device and inode of what this process holds open for writing."""
    held: set[tuple[int, int]] = set()
    try:
        descriptors = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:
        return held
    for descriptor in descriptors:
        try:
            if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE:
                status = os.fstat(descriptor)
                held.add((status.st_dev, status.st_ino))
        except OSError:
            continue
    return held
