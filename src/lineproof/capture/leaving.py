"""How a program leaves: at its last line, or by `SystemExit`, whose code the interpreter tells nobody inside.

The exit code decides whether a run is COMPLETE or FAIL. Below `lineproof run` the parent knows it. A
program that records itself has only the C library to ask: it hands the status to whoever registered
with `on_exit`, after Python has ended.
"""

from __future__ import annotations

import os
import sys
import threading
from types import FrameType

__all__ = ["STATUS_SUFFIX", "Leaving", "keep_status"]

STATUS_SUFFIX = ".exit"  # of the file beside a spool that holds the exit status, one byte


class Leaving:
    """Watches where the program's outermost code comes to its end. Made while that code runs."""

    def __init__(self) -> None:
        self._frame: FrameType | None = sys._current_frames().get(threading.main_thread().ident or 0)
        while self._frame is not None and self._frame.f_back is not None:
            self._frame = self._frame.f_back

    def unwound(self) -> bool:
        """Whether the code was left otherwise than by its end. Asked once, when the interpreter ends."""
        frame, self._frame = self._frame, None
        if frame is None or frame.f_lasti < 0:
            return False
        from opcode import opname

        return not opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN")


def keep_status(path: str) -> bool:
    """Have the C library write the exit status of this process into a file, as one byte.

    `on_exit(f, x)` calls `f(status, x)`, and `fputc(c, file)` is such an `f`.

    Returns:
        False where that cannot be had: a C library without `on_exit`, no room for the file.
    """
    import ctypes

    try:
        library = ctypes.CDLL(None)
        library.fopen.restype = ctypes.c_void_p
        file = library.fopen(os.fsencode(path), b"wxe")
        if not file:
            return False
        library.setvbuf(ctypes.c_void_p(file), None, 2, ctypes.c_size_t(0))  # 2: _IONBF, written at once
        return bool(library.on_exit(library.fputc, ctypes.c_void_p(file)) == 0)
    except (OSError, AttributeError):
        return False
