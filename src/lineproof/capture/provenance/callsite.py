"""Where in the user's program a hooked call was made, and what calls there returned so far.

An instruction is a pair of code object and offset: cheap to take at each call, and turned into a place
in the source only when the source has to be consulted. Code objects are known by identity, since
hashing one reads all of it.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FrameType

from lineproof.capture import instrument
from lineproof.capture.provenance.table import ColumnOrigin, Table, combined
from lineproof.model.lineage import Precision

__all__ = [
    "Place",
    "called_directly",
    "codes_in",
    "doubt_results",
    "instruction_positions",
    "note_at",
    "note_result",
    "places",
    "result_at",
    "results_at",
    "user_frame",
    "user_frame_above",
]

Place = tuple[int, int]  # identity of the code object, offset of the instruction in bytes


def _library_folders() -> tuple[str, ...]:
    folders = [str(Path(__file__).resolve().parents[2])]
    for name in ("numpy", "pandas", "polars", "pyarrow", "duckdb", "sqlalchemy", "psycopg"):
        spec = find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            folders.extend(spec.submodule_search_locations)
    return tuple(folders)


_FOLDERS = _library_folders()
_WRAPPERS = vars(instrument)
_NOT_FILES = ("<frozen", "<__array_function__")
_is_user: dict[int, tuple[bool, CodeType]] = {}


def user_frame() -> FrameType | None:
    """Give the innermost frame that is neither ours nor inside pandas or numpy."""
    return _nearest_user(sys._getframe(1))


def called_directly() -> bool:
    """Whether the hooked function was called by the program, not by a function of pandas or numpy."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (
        frame.f_globals is _WRAPPERS or frame.f_code.co_filename.startswith(_FOLDERS[0])
    ):
        frame = frame.f_back
    return frame is not None and frame is _nearest_user(frame)


def user_frame_above(frame: FrameType) -> FrameType | None:
    """Give the user's frame that called `frame`, directly or through a library."""
    return _nearest_user(frame.f_back)


def _nearest_user(frame: FrameType | None) -> FrameType | None:
    while frame is not None:
        code = frame.f_code
        known = _is_user.get(id(code))
        if known is None:
            known = (not code.co_filename.startswith((*_FOLDERS, *_NOT_FILES)), code)
            _is_user[id(code)] = known
        if known[0] and frame.f_globals is not _WRAPPERS:  # they claim to be in the file they wrap
            return frame
        frame = frame.f_back
    return None


class _Seen:
    """Tables that calls at one place returned."""

    __slots__ = ("all", "code", "last")

    def __init__(self, code: CodeType, table: Table) -> None:
        self.code = code  # kept alive, so that its identity stays its own
        self.last = table
        self.all = table


_seen: dict[Place, _Seen] = {}
_SEEN_LIMIT = 100_000


def note_result(frame: FrameType, table: Table) -> None:
    """Remember what the call in progress in `frame` returned."""
    note_at((id(frame.f_code), frame.f_lasti), frame.f_code, table)


def note_at(place: Place, code: CodeType, table: Table) -> None:
    """Remember what the call at an instruction of `code`, or of code inside it, returned."""
    seen = _seen.get(place)
    if seen is None:
        if len(_seen) > _SEEN_LIMIT:
            _seen.clear()
        _seen[place] = _Seen(code, table)
        return
    if seen.last is not table and (seen.last.origins != table.origins or seen.last.labels != table.labels):
        seen.all = _union(seen.all, table)
    seen.last = table


def doubt_results(place: Place) -> None:
    """Say that calls at `place` may have returned more than what was seen: they are followed no more."""
    seen = _seen.get(place)
    if seen is not None:
        doubtful = seen.all.mapped(lambda origin: origin.at_best(Precision.UNKNOWN))
        seen.last = seen.all = doubtful


def result_at(place: Place) -> Table | None:
    """Give what the latest call at `place` returned; None if none was seen."""
    seen = _seen.get(place)
    return None if seen is None else seen.last


def results_at(place: Place) -> Table | None:
    """Give the union of what all calls at `place` returned; None if none was seen."""
    seen = _seen.get(place)
    return None if seen is None else seen.all


def _union(first: Table, second: Table) -> Table:
    if first.records and first.labels != second.labels:  # by place, columns are not the same ones
        flat = combined((first.flat, second.flat), "union")
        return first.but(
            labels=(labels := dict.fromkeys((*first.labels, *second.labels))), origins=[flat] * len(labels)
        )
    merged: dict[object, ColumnOrigin] = dict(first.columns)
    for label, origin in second.columns.items():
        earlier = merged.get(label)
        merged[label] = origin if earlier is None else combined((earlier, origin), "union")
    levels = max(len(first.index), len(second.index))
    keys = combined((first.keys, second.keys), "union")
    index = first.index if first.index == second.index else (keys,) * levels
    return Table(
        merged.keys(),
        merged.values(),
        index=index,
        rows=combined((first.rows, second.rows), "union").as_condition(),
        vector=first.vector and second.vector and len(merged) == 1,
        records=first.records or second.records,
    )


Positions = tuple[int, int, int, int]


_positions: dict[int, tuple[CodeType, tuple[Positions | None, ...]]] = {}
_places: dict[int, tuple[CodeType, dict[Positions, list[Place]]]] = {}


def instruction_positions(code: CodeType) -> tuple[Positions | None, ...]:
    """Give, for each code unit, its place in the source as (line, end line, column, end column)."""
    known = _positions.get(id(code))
    if known is None:
        known = _positions[id(code)] = (code, tuple(_complete(each) for each in code.co_positions()))
    return known[1]


def _complete(positions: tuple[int | None, ...]) -> Positions | None:
    line, end_line, column, end_column = positions
    if line is None or end_line is None or column is None or end_column is None:
        return None
    return line, end_line, column, end_column


def places(code: CodeType) -> dict[Positions, list[Place]]:
    """Give the instructions of `code`, and of all code inside it, by their place in the source."""
    known = _places.get(id(code))
    if known is None:
        found: dict[Positions, list[Place]] = {}
        for current in codes_in(code):
            for unit, positions in enumerate(instruction_positions(current)):
                if positions is not None:
                    found.setdefault(positions, []).append((id(current), unit * 2))
        known = _places[id(code)] = (code, found)
    return known[1]


def codes_in(code: CodeType) -> list[CodeType]:
    """Give `code` and all code objects that were compiled inside it."""
    found = [code]
    for current in found:
        found.extend(constant for constant in current.co_consts if isinstance(constant, CodeType))
    return found
