"""The two sides of a comparison: files, recorded versions by what is kept of them, and the check's entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from lineproof.data.drift import Comparison, Table, TableSummary, open_table
from lineproof.data.drift.kept import open_file
from lineproof.errors import DriftInputError
from lineproof.graph import view
from lineproof.graph.facts import UNVERSIONED, Facts, VersionFacts
from lineproof.graph.resolve import resolve
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.openlineage import FILE_NAMESPACE
from lineproof.model.references import Kind, Reference
from lineproof.model.statements import Compared, DriftCheck
from lineproof.states.known import digest_of, is_known, version_of
from lineproof.states.recall import recall
from lineproof.states.runs import place_of
from lineproof.store import Ledger, NewEntry

__all__ = ["Side", "is_reference", "record_check", "side"]


class Side(msgspec.Struct, frozen=True):
    """One side.

    Attributes:
        data: Its table, or what is kept of it.
        name: As it was given.
        version: The recorded version that it is, where it was given as one.
        path: Its file, where it was given as one.
    """

    data: Table | TableSummary
    name: str
    version: VersionFacts | None = None
    path: Path | None = None


def is_reference(text: str) -> bool:
    """Tell whether a side is given as a recorded dataset, not as a file."""
    return text.startswith("dataset:")


def side(ledger: Ledger | None, text: str, *, rows: bool) -> Side:
    """Open one side of a comparison.

    Args:
        ledger: Where recorded versions are looked up; needed for these only.
        text: A file, a summary that `--keep` wrote, or `dataset:NAME@V`.
        rows: Whether what is asked needs the rows; then a recorded version is read from its file.

    Raises:
        DriftInputError: It cannot be had: nothing is kept of it, and its file is gone or another.
        DataError: The file cannot be read as a table.
        StateError: What is kept is of another version of lineproof.
    """
    if ledger is None or not is_reference(text):
        path, data = Path(text), open_file(Path(text))
        return Side(data, text, path=path if isinstance(data, Table) else None)
    with ledger.connection() as connection:
        facts = Facts(connection, view(connection))
        found = resolve(connection, Reference.parse(text), facts.view).version
        if found is None or found.kind is not Kind.DATASET:
            raise DriftInputError(f"{text} is not a dataset")
        kept = recall(facts, found)
    if not rows and kept is not None and kept.has("drift"):
        return Side(msgspec.structs.replace(kept.drift(ledger), name=found.ref), text, found)
    return Side(open_table(_file_of(ledger, found)), text, found)


def _file_of(ledger: Ledger, version: VersionFacts) -> Path:
    """Find the file of a recorded version, and check that it still holds that content."""
    remedy = "give a copy of it as a file; what `lineproof scan FILE --record` keeps serves without it"
    if version.namespace != FILE_NAMESPACE or version.content == UNVERSIONED:
        raise DriftInputError(f"{version.ref} is not a recorded file, and nothing is kept of it", remedy)
    path = place_of(ledger, version)
    if not path.is_file():
        raise DriftInputError(f"{version.ref}: there is no file {path} any more", remedy)
    found = digest_of(path)
    if found != version.content:
        raise DriftInputError(
            f"{path} is no longer {version.ref}: its content is {found[:19]}, recorded was {version.content[:19]}",
            "give the file itself to compare what it holds now, or restore the recorded content",
        )
    return path


def record_check(ledger: Ledger, reference: Side, current: Side, found: Comparison) -> int:
    """Record what a comparison found, in figures without values; give the number of the entry.

    Raises:
        StoreError: The ledger cannot be written.
    """
    report = found.report
    check = DriftCheck(
        check=uuid7(),
        reference=_compared(ledger, reference),
        current=_compared(ledger, current),
        drifted=report.drifted,
        columns={name: _figures(one) for name, one in report.columns.items()},
        schema={"added": report.schema.added, "removed": report.schema.removed},
        rows=report.rows,
        alpha=report.alpha,
        time=now(),
    )
    return ledger.append([NewEntry(EntryType.DRIFT_CHECK, msgspec.json.encode(check))]).first


def _figures(verdict: Any) -> dict[str, Any]:
    names = ("drifted", "kind", "statistic", "score", "threshold")
    return {name: getattr(verdict, name) for name in names}


def _compared(ledger: Ledger, one: Side) -> Compared:
    version = one.version
    if version is None and one.path is not None and one.path.is_file() and is_known(ledger, one.path):
        version = version_of(ledger, one.path)
    if version is None:
        return Compared(name=one.name)
    return Compared(namespace=version.namespace, name=version.name, version=version.content)
