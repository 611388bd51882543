"""Where in the program something happened, and whose code a file holds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from types import FrameType

__all__ = ["is_library", "name_cells", "place_of", "program_frames", "text", "user_site"]

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_STDLIB = os.path.dirname(os.__file__) + os.sep
_PACKAGES = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_WRAPPERS = "lineproof.capture.instrument"
_known: dict[str, bool] = {}
_cells: list[Callable[[str], str | None]] = []


def is_library(filename: str) -> bool:
    """Whether code of this file is ours, the standard library's or an installed package's."""
    known = _known.get(filename)
    if known is None:
        known = _known[filename] = filename.startswith(
            (_OURS, _STDLIB, "<frozen", "<__array_function__")
        ) or any(part in filename for part in _PACKAGES)
    return known


def program_frames(frame: FrameType | None) -> Iterator[FrameType]:
    """Give the frames of the program's own code, from `frame` outwards."""
    while frame is not None:
        # Wrappers claim to be in the file they wrap, which of native code is a name in no folder.
        if not is_library(frame.f_code.co_filename) and frame.f_globals.get("__name__") != _WRAPPERS:
            yield frame
        frame = frame.f_back


def user_site(root: str) -> str:
    """Give the line of the program that is being run, `train.py:12`.

    Args:
        root: Folder that paths are given relative to when they lie inside it.
    """
    frame = next(program_frames(sys._getframe(1)), None)
    return "program:0" if frame is None else place_of(frame.f_code.co_filename, frame.f_lineno, root)


def name_cells(name: Callable[[str], str | None]) -> None:
    """Have files that stand for cells of a notebook go by a name: `In[3]`.

    Args:
        name: Gives the name of a cell's file; None for other files.
    """
    _cells.append(name)


def place_of(filename: str, line: int | None, root: str) -> str:
    """Give file and line as one text."""
    for name in _cells:
        cell = name(filename)
        if cell is not None:
            return f"{cell}:{line or 0}"
    path = filename if filename.startswith("<") else os.path.abspath(filename)
    return f"{text(path.removeprefix(root.rstrip(os.sep) + os.sep))}:{line or 0}"


def text(value: str) -> str:
    """Give text that can be written: bytes of a file name that are no text are spelt out."""
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
