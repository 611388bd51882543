"""Watching by a library that is loaded before the C library."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["Preloaded", "compiled"]

_SOURCE = Path(__file__).with_name("opens.c")
_NOTES = "LINEPROOF_OPENS"  # environment variable that tells the library where to write
_COMPILERS = ("cc", "gcc", "clang")
_FLAGS = ("-std=gnu11", "-O2", "-shared", "-fPIC", "-w")
_PATIENCE_S = 60.0


class Preloaded:
    """Loads our library into the program and its children.

    Programs without dynamic linking, and those that open files by system calls of their own, go unseen.
    """

    name = "preloaded library"

    def __init__(self, library: Path, notes: Path) -> None:
        self._library = library
        self._notes = notes

    def command(self, words: list[str]) -> list[str]:
        """Give the command as it is."""
        return words

    def variables(self, environ: dict[str, str]) -> dict[str, str]:
        """Have the dynamic linker load the library first."""
        others = environ.get("LD_PRELOAD")
        loaded = f"{self._library}:{others}" if others else str(self._library)
        return {**environ, "LD_PRELOAD": loaded, _NOTES: str(self._notes)}

    def opened(self) -> dict[str, bool]:
        """Read the notes: `r PATH` or `w PATH`, each ended by a zero byte."""
        found: dict[str, bool] = {}
        for note in self._notes.read_bytes().split(b"\0"):
            if note[:2] in (b"r ", b"w "):
                path = os.fsdecode(note[2:])
                found[path] = found.get(path, False) or note[:1] == b"w"
        self._notes.unlink()
        return found


def compiled() -> tuple[Path | None, str]:
    """Give the library, compiled now or before; without one, why not.

    It is kept in the user's cache under the digest of its source, for this kind of machine.
    """
    source = _SOURCE.read_bytes()
    name = f"opens-{hashlib.sha256(source).hexdigest()[:16]}-{platform.machine()}.so"
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lineproof"
    library = folder / name
    if library.is_file() and library.stat().st_uid == os.getuid():
        return library, ""
    compiler = next((found for one in _COMPILERS if (found := shutil.which(one))), None)
    if compiler is None:
        return None, "there is no C compiler"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            fresh = Path(scratch) / name
            words = [compiler, *_FLAGS, "-o", str(fresh), str(_SOURCE), "-ldl"]
            done = subprocess.run(words, capture_output=True, timeout=_PATIENCE_S, check=False)  # noqa: S603 — a compiler on the PATH, fixed words
            if done.returncode:
                return (
                    None,
                    f"{compiler} does not compile {_SOURCE.name} (are the C library's headers there?)",
                )
            fresh.replace(library)
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"{_SOURCE.name} could not be compiled: {type(error).__name__}"
    return library, ""
