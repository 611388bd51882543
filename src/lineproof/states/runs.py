"""The files of runs that have ended, read once more for what is kept of them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import select

from lineproof.errors import DataError, LedgerFullError
from lineproof.graph import view
from lineproof.graph.facts import UNVERSIONED, Facts, VersionFacts, batches
from lineproof.graph.states import descendants
from lineproof.model.identity import node_id
from lineproof.model.openlineage import FILE_NAMESPACE
from lineproof.states.budget import Budget
from lineproof.states.people import keep_people
from lineproof.states.recall import profiles
from lineproof.store import Ledger
from lineproof.store.schema import run_dataset

__all__ = ["place_of", "record_runs", "turn"]

# Endings of files that hold tables. What reads them is imported only when there is one.
_TABLES = frozenset({".csv", ".tsv", ".parquet", ".pq", ".arrow", ".feather", ".ipc", ".jsonl", ".ndjson"})
_COMPRESSED = frozenset({".gz", ".zst", ".bz2"})


def record_runs(ledger: Ledger, runs: Collection[str], budget: Budget, *, waited: bool = False) -> list[str]:
    """Keep states of the files that runs read and wrote and of which none is kept yet.

    A file that no longer holds what the run saw is left alone. What the budget did not suffice for is
    recorded as such on the version.

    Args:
        ledger: Where.
        runs: UUIDs.
        budget: How much may be read.
        waited: It is this process's turn already.

    Returns:
        Names of the files for which the budget did not suffice.

    Raises:
        StoreError: The ledger cannot be written.
    """
    # 1. Take turns with other processes: what one has just kept the next need not read.
    # 2. Find the versions with a known content that are files of tables, and still there.
    # 3. Read each within the budget; note those that were not read for want of it.
    # 4. Keep whose rows they have, where a column names people.
    if not runs or budget.nothing:
        return []
    missed = []
    with nullcontext() if waited else turn(ledger.folder):
        files, kept = _files(ledger, runs)
        for version in (one for one in files if one.id not in kept):
            path = place_of(ledger, version)
            try:
                size = path.stat().st_size
            except OSError:
                continue  # gone again: nothing to read
            why = budget.refusal(size) or _kept(ledger, version, path, budget)
            if why is not None:
                from lineproof.states.record import note_missing  # noqa: PLC0415 - rarely needed

                note_missing(ledger, version, why)
                missed.append(version.name)
        keep_people(ledger, ((one, place_of(ledger, one)) for one in files), budget.spent)
    return missed


def place_of(ledger: Ledger, version: VersionFacts) -> Path:
    """Give the path of a recorded file: names are relative to the folder that holds the ledger."""
    return ledger.folder.parent / version.name


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Wait until no other process keeps states, and keep others waiting meanwhile.

    Raises:
        LedgerFullError: The folder may not be written to.
    """
    try:
        descriptor = os.open(folder / "states.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LedgerFullError(f"{folder} may not be written to ({error.strerror})") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _kept(ledger: Ledger, version: VersionFacts, path: Path, budget: Budget) -> str | None:
    """Keep what one file is like; say why not where time was too short, or it is no table after all."""
    try:
        from lineproof.states.record import record_file  # noqa: PLC0415 - imports numpy and pyarrow
    except ImportError as error:
        return f"{error.name} is not installed (pip install 'lineproof[data]')"
    try:
        record_file(ledger, version, path, spent=budget.spent)
    except DataError as error:
        return f"{error.code}: {type(error).__name__}"  # its message may hold a value
    return None


def _files(ledger: Ledger, runs: Collection[str]) -> tuple[list[VersionFacts], Collection[int]]:
    """Give the file versions of runs that look like tables, in order, and those of which something is kept."""
    with ledger.connection() as connection:
        facts = Facts(connection, view(connection))
        nodes: dict[int, None] = {}
        for piece in batches(descendants(facts, [node_id("run", run) for run in runs])):
            query = select(run_dataset.c.version).where(run_dataset.c.run.in_(piece))
            nodes |= dict.fromkeys(connection.scalars(query.order_by(run_dataset.c.entry)))
        files = [one for one in facts.versions(nodes).values() if _is_table(one)]
        return files, profiles(facts, files).keys()


def _is_table(version: VersionFacts) -> bool:
    endings = [ending.lower() for ending in Path(version.name).suffixes]
    if endings and endings[-1] in _COMPRESSED:
        endings.pop()
    named = bool(endings) and endings[-1] in _TABLES
    return named and version.namespace == FILE_NAMESPACE and version.content != UNVERSIONED
