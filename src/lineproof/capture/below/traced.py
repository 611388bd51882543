"""Watching by strace."""

from __future__ import annotations

import re
import time
from pathlib import Path

__all__ = ["Traced"]

_CALLS = "open,openat,openat2,creat"
_LINE = re.compile(rb"^(?P<pid>\d+) +(?:<\.\.\. )?(?:open|openat|openat2|creat)(?P<rest>.*)$", re.MULTILINE)
_RESULT = re.compile(rb"= \d+<(?P<path>/.*)>$")
_WRITES = (b"O_WRONLY", b"O_RDWR", b"O_CREAT", b"creat(")
_UNFINISHED = b"<unfinished ...>"
_PATIENCE_S = 5.0
_PAUSE_S = 0.05


class Traced:
    """Runs the program below strace, which stands beside it: the program stays our child.

    Sees every process, however it is linked; each system call costs more meanwhile.
    """

    name = "strace"

    def __init__(self, strace: str, notes: Path) -> None:
        self._strace = strace
        self._notes = notes

    def command(self, words: list[str]) -> list[str]:
        """Put strace before the command."""
        quiet = ("-D", "-f", "-q", "-y", "-s", "4096", "-e", f"trace={_CALLS}", "-e", "signal=none")
        return [self._strace, *quiet, "-o", str(self._notes), "--", *words]

    def variables(self, environ: dict[str, str]) -> dict[str, str]:
        """Give the environment as it is."""
        return environ

    def opened(self) -> dict[str, bool]:
        """Read the notes once strace has written the last."""
        self._wait()
        found: dict[str, bool] = {}
        begun: dict[bytes, bool] = {}
        for line in _LINE.finditer(self._notes.read_bytes()):
            writes = any(word in line[0] for word in _WRITES) or begun.pop(line["pid"], False)
            if line["rest"].endswith(_UNFINISHED):
                begun[line["pid"]] = writes
                continue
            result = _RESULT.search(line["rest"])
            if result is not None:
                path = result["path"].removesuffix(b"(deleted)").decode("unicode_escape")
                path = path.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
                found[path] = found.get(path, False) or writes
        self._notes.unlink()
        return found

    def _wait(self) -> None:
        size, deadline = -1, time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline and (now := self._notes.stat().st_size) != size:
            size = now
            time.sleep(_PAUSE_S)
