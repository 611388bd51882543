"""What a library's own container of training data was made from: kept beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec

from lineproof.capture.boundary import MemoryFrame, memory_frame, record_frames
from lineproof.capture.fitted import Beside
from lineproof.capture.patches.sklearn.calls import columns_in
from lineproof.capture.patches.sklearn.transforms import Columns
from lineproof.capture.provenance.site import Slot
from lineproof.capture.provenance.table import ColumnOrigin, Table, combined

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["Matrix", "keep_matrix", "matrix_of", "observe", "relabelled"]


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """The data in one container.

    Attributes:
        columns: Origin of each column.
        table: Table of the object it was made from, when that has one.
        label: Origin of the target with what weights the rows; None without a target.
        frame_x: The data as a dataset; None when it was read from a file by the library itself.
        frame_y: The target as a dataset.
    """

    columns: Columns = ()
    table: Table | None = None
    label: ColumnOrigin | None = None
    frame_x: MemoryFrame | None = None
    frame_y: MemoryFrame | None = None

    @property
    def frames(self) -> list[MemoryFrame]:
        """What it holds, as datasets."""
        return [frame for frame in (self.frame_x, self.frame_y) if frame is not None]


_matrices: Beside[Matrix] = Beside()


def matrix_of(container: Any) -> Matrix | None:
    """Give what is known of a container."""
    return _matrices.get(container)


def keep_matrix(container: Any, matrix: Matrix) -> None:
    """Remember what a container holds, for as long as it lives."""
    _matrices.set(container, matrix)


def observe(
    session: Session,
    role: str,
    data: Any,
    label: Any = None,
    *,
    decides: tuple[Any, ...] = (),
    slots: tuple[Slot, Slot] = (None, None),
) -> Matrix:
    """Describe data that a library is about to copy into its own form. Reads all of it once.

    Args:
        session: The recording.
        role: Name of the dataset after the line of the program: `DMatrix`.
        data: Frame, array, sparse matrix, or path of a file.
        label: The target.
        decides: Weights and groups of the rows.
        slots: Where data and label stand in the call.
    """
    site = session.site()
    if isinstance(data, (str, bytes, os.PathLike)):
        return _from_file(session, data)
    columns, table = columns_in(data, slots[0])
    origin = None if label is None else combined(columns_in(label, slots[1])[0], f"{role}.y")
    for one in decides:
        if one is not None and origin is not None:
            origin = origin.under(combined(columns_in(one)[0], f"{role}.y"))
    matrix = Matrix(
        columns=columns,
        table=table,
        label=origin,
        frame_x=memory_frame(session, data, f"{role}.X", site=site),
        frame_y=None if label is None else memory_frame(session, label, f"{role}.y", site=site),
    )
    record_frames(session, matrix.frames)
    return matrix


def relabelled(session: Session, role: str, matrix: Matrix, label: Any) -> Matrix:
    """Give the same data with another target."""
    frame = memory_frame(session, label, f"{role}.y")
    record_frames(session, [frame])
    origin = combined(columns_in(label)[0], f"{role}.y")
    return msgspec.structs.replace(matrix, label=origin, frame_y=frame)


def _from_file(session: Session, path: Any) -> Matrix:
    """A file that the library reads itself: which of its columns are features is not seen."""
    name = os.fsdecode(path).partition("?")[0].partition("#")[0]
    if session.files.read(name) is None:
        session.gap(f"{session.site()}: data was read from a place that cannot be followed")
    else:
        session.gap(f"{session.site()}: columns of {session.files.name(name)} were not seen, the file was")
    return Matrix()
