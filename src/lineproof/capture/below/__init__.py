"""`lineproof run --deep`: which files a program and its children open, Python or not.

Libraries that read by native code open files that the interpreter's audit events never tell of. Two
ways see them (docs/adr/0023): a small library that stands before the C library (`opens.c`, compiled
once on the user's machine), or strace. Both watch from outside: nothing of ours has to answer before
an open goes on.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Protocol

from lineproof.errors import CommandError

__all__ = ["Opened", "Watch", "watch_for"]

Opened = dict[str, bool]  # absolute path of each file that was opened: whether for writing too


class Watch(Protocol):
    """One way to see files being opened.

    Attributes:
        name: What the record calls it.
    """

    name: str

    def command(self, words: list[str]) -> list[str]:
        """Give the command that runs the program watched."""

    def variables(self, environ: dict[str, str]) -> dict[str, str]:
        """Give the environment that the program runs in."""

    def opened(self) -> Opened:
        """Give what was opened, once the program has ended; the notes are gone then."""


def watch_for(notes: Path) -> Watch:
    """Choose how to watch a program.

    Args:
        notes: File that the watch may write its notes to; made here.

    Raises:
        CommandError: Nothing here can.
    """
    # 1. Another system than Linux has neither.
    # 2. With a C compiler: the library, compiled once. It costs next to nothing.
    # 3. Without, or where it does not compile: strace.
    from lineproof.capture.below.preloaded import Preloaded, compiled
    from lineproof.capture.below.traced import Traced

    if not sys.platform.startswith("linux"):
        raise CommandError(
            f"--deep sees file opens on Linux only, and this is {sys.platform}", "leave out --deep"
        )
    library, problem = compiled()
    strace = shutil.which("strace")
    if library is None and strace is None:
        raise CommandError(
            f"--deep needs a C compiler or strace: {problem}, and there is no strace",
            "install one of them (Debian: apt-get install strace, or gcc libc6-dev), or leave out --deep",
        )
    notes.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    notes.touch(mode=0o600)
    if library is not None:
        return Preloaded(library, notes)
    return Traced(str(strace), notes)
