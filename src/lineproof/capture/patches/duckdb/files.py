"""Files that SQL reads and writes."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from lineproof.capture import boundary
from lineproof.capture.columns import column_names
from lineproof.capture.edges import versioned
from lineproof.capture.patches.pandas.io import sources_of
from lineproof.capture.provenance.table import SourceColumn, Table, combined, source_origin

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["looks_like", "reader", "table", "wrote"]

_PLAIN = (".csv", ".tsv", ".txt")
_SEPARATORS = ",;\t|"


def looks_like(path: str) -> bool:
    """Whether a text in a statement names a file that is there, or a pattern of such."""
    if len(path) > 4096 or "\n" in path:  # noqa: PLR2004 -- no path is longer
        return False
    return os.path.isfile(path) or ("*" in path and "/" in path + "/" and "." in path) or os.path.isdir(path)


def reader(text: str, path: str) -> str | None:
    """Give the call that reads the file with options of its own: only a binder knows its columns then."""
    found = re.search(rf"\b(\w+)\s*\(\s*\[?\s*'{re.escape(path)}'([^()]*)\)", text)
    if found is None or not re.search(
        r"\b(names|columns|skip|all_varchar|header\s*=\s*(false|0))\b", found.group(2)
    ):
        return None
    return found.group()


def table(database: Any, path: str, call: str | None) -> Table | None:
    """Give the columns of a file, each its own source, and record that it is read."""
    labels = (None if call else _header(path)) or database.columns(call or f"'{path}'")
    if not labels:
        return None
    session = database.session
    sources = sources_of(session, path, "sql")
    for source in sources:
        session.emit("RUNNING", inputs=[versioned(*source)])
    origins = [
        combined([source_origin(SourceColumn(*source, label), "sql") for source in sources], "sql")
        for label in labels
    ]
    return Table(labels, origins)


def _header(path: str) -> tuple[str, ...] | None:
    """Read the names of a plain text table; None where they are not to be had so simply."""
    if not path.lower().endswith(_PLAIN) or not os.path.isfile(path):
        return None
    import csv

    with open(path, encoding="utf-8", newline="") as file:
        line = file.readline(1 << 16)
    counts = {separator: line.count(separator) for separator in _SEPARATORS}
    separator = max(counts, key=counts.__getitem__)
    names = next(csv.reader([line], delimiter=separator), [])
    usual = all(re.fullmatch(r"[^\W\d][\w .-]*", name) for name in names)
    return tuple(names) if usual and len(set(names)) == len(names) else None


def wrote(session: Session, source: Table, path: Any) -> None:
    """Record that columns were written to a file."""
    file = session.files.written(path)
    if file is not None:
        names = column_names(source.labels)
        boundary.columns_written(session, names, [""] * len(names), source.origins, file)
