"""One pass over a table for everything: identity, profile, and what its columns hold of persons."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from lineproof.data.classification import Classification, Column, TextEngine, classify_table
from lineproof.data.kernel import TableState, Workspace, profile
from lineproof.data.reading import read_part
from lineproof.data.sources import open_source
from lineproof.errors import DataError

__all__ = ["Scan", "Word", "classified", "scan"]

Word = Callable[[dict[str, Classification]], dict[str, Classification]]
"""What people say of columns, given what the values show."""


class Scan(msgspec.Struct):
    """What a pass found.

    Attributes:
        digest: Of the bytes; None for a table in memory.
        state: Mergeable state, without extremes, frequent values and samples of personal columns.
        classes: What each column holds.
        problem: Why not all of the table was read; None when it was.
    """

    digest: str | None
    state: TableState
    classes: dict[str, Classification]
    problem: DataError | None = None

    def document(self) -> dict[str, Any]:
        """Give the JSON document of the contracts."""
        content = self.state.content.content()
        columns = {
            name: {
                **msgspec.to_builtins(self.classes[name]),
                **_present(msgspec.to_builtins(profile(state, self.state.content.columns[name]))),
                "fingerprint": content.columns[name],
            }
            for name, state in self.state.columns.items()
        }
        covered: dict[str, Any] = {"complete": self.problem is None}
        if self.problem is not None:
            covered |= {
                "covered": {"rows": content.rows, "code": self.problem.code, "why": self.problem.message}
            }
        return {
            **covered,
            "rows": content.rows,
            "digest": self.digest,
            "fingerprint": content.fingerprint,
            "columns": columns,
        }


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def scan(
    data: Any, said: Word | None = None, *, partial: bool = False, texts: TextEngine | None = None
) -> Scan:
    """Read a table once; profile, fingerprint and classify it.

    Args:
        data: File, folder of Parquet files, URL, source, or table in memory.
        said: Gives the classes in people's word for those that the values show.
        partial: Whether a table that cannot be read to its end is scanned as far as it can.
        texts: Looks for identifiers inside free text, beside our own patterns; see `text_engine`.

    Raises:
        DataError: It cannot be read as a table, or changed meanwhile.
    """
    space = Workspace()
    source = open_source(data)
    found = read_part(source, TableState, lambda state, batch: state.update(batch, space))
    if found.problem is not None and not partial:
        raise found.problem
    made = classified(found.state, source.name, found.digest, said=said, texts=texts)[0]
    made.problem = found.problem
    return made


def classified(
    state: TableState,
    name: str = "",
    digest: str | None = None,
    *,
    said: Word | None = None,
    also: Collection[str] = (),
    texts: TextEngine | None = None,
) -> tuple[Scan, dict[str, Classification]]:
    """Classify the columns of a table by its state, and forget what the state holds of persons.

    Args:
        state: What a pass learnt; columns that hold personal data lose extremes, values and samples.
        name: Name of the table.
        digest: Of its bytes.
        said: Gives the classes in people's word for those that the values show.
        also: Further columns whose values are to be forgotten.
        texts: Looks for identifiers inside free text.

    Returns:
        The scan, and the classes that the values alone show.
    """
    columns = {column: _column(state, column) for column in state.columns}
    found = classify_table(columns, name, texts=texts)
    classes = found if said is None else said(found)
    personal = {column for column, one in classes.items() if one.personal}
    state.redact([column for column in columns if column in personal or column in also])
    return Scan(digest, state, classes), found


def _column(state: TableState, name: str) -> Column:
    distinct = state.columns[name].distinct
    values = distinct.values if distinct.values is not None else []
    return Column(values, state.content.rows, state.content.columns[name].nulls, distinct.count())
