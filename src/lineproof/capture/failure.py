"""How an exception is recorded: its type and where it arose. Its text may name anybody or anything."""

from __future__ import annotations

from types import TracebackType

from lineproof.capture.place import is_library, place_of
from lineproof.model.openlineage import ErrorMessage

__all__ = ["error_message"]

_FRAMES = 50  # innermost lines of the program that are kept


def error_message(error: BaseException, root: str) -> ErrorMessage:
    """Give the facet `errorMessage` of an exception.

    Args:
        error: The exception, with its traceback.
        root: Folder that paths are given relative to when they lie inside it.
    """
    places = _places(error.__traceback__, root)
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    where = f" at {places[-1]}" if places else ""
    return ErrorMessage(message=f"{name}{where}", stack_trace="\n".join(places[-_FRAMES:]))


def _places(traceback: TracebackType | None, root: str) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not is_library(code.co_filename):
            places.append(f"{place_of(code.co_filename, traceback.tb_lineno, root)} in {code.co_qualname}")
        traceback = traceback.tb_next
    return places
