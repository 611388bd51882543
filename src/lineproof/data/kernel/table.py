"""The state of a table: its content, and a state for each column; the parts of a table merge in any order."""

from __future__ import annotations

from typing import Any

import numpy as np

from lineproof.data.kernel.column import ColumnState
from lineproof.data.kernel.content import ContentState
from lineproof.data.kernel.distinct import Sizes
from lineproof.data.kernel.lanes import Lanes
from lineproof.data.kernel.mixing import Workspace
from lineproof.errors import SchemaChangeError

__all__ = ["TableState"]


class TableState:
    """What one pass learns of a table.

    Attributes:
        content: State of the fingerprint; row count and nulls are there too.
        columns: State of each column, by name.
    """

    def __init__(self) -> None:
        """Begin without rows."""
        self.content = ContentState(columns={})
        self.columns: dict[str, ColumnState] = {}

    def update(self, batch: Any, space: Workspace) -> None:
        """Add the rows of an Arrow record batch.

        Args:
            batch: Record batch; its column names are unique.
            space: Arrays to work in; not shared between threads.

        Raises:
            SchemaChangeError: Its columns are not those of the rows before.
            DataTypeError: A column's type has no fingerprint.
        """
        if not self.columns:
            sizes = Sizes.for_columns(batch.num_columns)
            self.columns = {name: ColumnState(sizes) for name in batch.schema.names}
        arrays = batch.columns
        states = [self.columns.get(name) for name in batch.schema.names]

        def observe(at: int, first: Any, lanes: Lanes, start: int, stop: int) -> None:
            state = states[at]
            if state is not None:
                missing = None if lanes.missing is None else lanes.missing[start:stop]
                state.observe(first, missing, arrays[at], start)

        self.content.update(batch, space, observe)
        with np.errstate(all="ignore"):
            for name, array in zip(batch.schema.names, arrays, strict=True):
                if array.null_count < len(array):
                    self.columns[name].update(array, self.content.columns[name].kind)

    def merge(self, other: TableState) -> None:
        """Add the rows of another state; it is not changed.

        Raises:
            SchemaChangeError: Its columns are not these.
        """
        self.content.add(other.content)
        if not self.columns:
            self.columns = {name: ColumnState(state.distinct.sizes) for name, state in other.columns.items()}
        if self.columns.keys() != other.columns.keys():
            raise SchemaChangeError("parts of one table have different columns")
        with np.errstate(all="ignore"):
            for name, state in other.columns.items():
                self.columns[name].merge(state)

    def redact(self, names: list[str]) -> None:
        """Forget extremes, frequent values and samples of columns; their histograms lose their ends."""
        for name in names:
            self.columns[name].redact(self.content.columns[name].kind)
