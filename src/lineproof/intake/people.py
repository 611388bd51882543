"""Taking in who has a row: the sets of a side file, and the people of files that a program read.

A side file goes once its sets are kept; to take one in twice changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lineproof.errors import LineproofError, SpoolError
from lineproof.model.entries import EntryType
from lineproof.model.facets import Subjects, SubjectSet
from lineproof.model.identity import now
from lineproof.model.openlineage import Dataset, DatasetEvent, DatasetVersion
from lineproof.model.people import PeopleOf, SetOfPeople, forms_of, open_side, set_of_people, side_key
from lineproof.model.subjects import SUBJECTS_KEY, Subject, SubjectHash
from lineproof.store import Ledger, NewEntry
from lineproof.store.people import PeopleSets

__all__ = ["record_people", "take_people"]

_LARGEST_BYTES = 4 << 30  # of a file that is read once more for its people


def take_people(ledger: Ledger, side: Path) -> SpoolError | None:
    """Take in a side file and remove it.

    Returns:
        What could not be taken in; the file is then kept aside.

    Raises:
        StoreError: The ledger cannot be written; the file stays.
    """
    # 1. Open it with the ledger's key: it was written by a program of ours, or it is not read.
    # 2. Keep each set. Read the files whose column names people, while they hold what the program read.
    # 3. Say in the log whose rows those files have; then the file may go.
    if not side.is_file():
        return None
    keys = ledger.folder / "keys"
    try:
        text = (keys / SUBJECTS_KEY).read_text(encoding="ascii")
        records = list(open_side(side.read_bytes(), side_key(text)))
    except (OSError, ValueError) as error:
        side.rename(side.with_name(f"{side.name}.damaged"))
        return SpoolError(f"{side.name} cannot be read: {error}")
    sets, hashing = PeopleSets(keys), SubjectHash.parse(text)
    entries = []
    for record in records:
        if isinstance(record, SetOfPeople):
            sets.keep(record)
        elif (found := _people_in(record, hashing)) is not None:
            sets.keep(found)
            entries.append(_said(record, found))
    if entries:
        ledger.append(entries)
    side.unlink()
    return None


def record_people(ledger: Ledger, files: Iterable[PeopleOf]) -> None:
    """Keep the people that columns of files name, and say in the log whose rows those files have.

    A file that is gone, or holds something else by now, is left alone.

    Args:
        ledger: Where.
        files: Columns of files.

    Raises:
        StoreError: The ledger cannot be written.
    """
    # 1. Without the key of people's hashes nothing is read.
    # 2. Keep each set first, then the entry that names it; identifiers leave this process hashed or not at all.
    keys = ledger.folder / "keys"
    try:
        hashing = SubjectHash.parse((keys / SUBJECTS_KEY).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return
    sets, entries = PeopleSets(keys), []
    for one in files:
        found = _people_in(one, hashing)
        if found is not None:
            sets.keep(found)
            entries.append(_said(one, found))
    if entries:
        ledger.append(entries)


def _people_in(file: PeopleOf, hashing: SubjectHash) -> SetOfPeople | None:
    """Give the people of a file; None where it is gone, has changed, is too large or is no table we read."""
    path = Path(file.path)
    try:
        if path.stat().st_size > _LARGEST_BYTES or _digest(path) != file.version:
            return None
        people = [tuple(map(hashing.of, forms_of(one))) for one in _subjects(path, file)]
    except (OSError, LineproofError, KeyError):
        return None
    return set_of_people(file.space, people)


def _subjects(path: Path, file: PeopleOf) -> Iterator[Subject]:
    from lineproof.data.sources import TypesWidened, open_source  # noqa: PLC0415 - loads Arrow

    source = open_source(path)
    while True:
        seen: set[Any] = set()
        try:
            for batch in source.batches():
                seen.update(batch.column(file.column).unique().to_pylist())
        except TypesWidened:
            continue
        break
    for value in seen:
        subject = Subject.of(file.space, value)
        if subject is not None:
            yield subject


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return f"sha256:{hashlib.file_digest(content, 'sha256').hexdigest()}"


def _said(file: PeopleOf, people: SetOfPeople) -> NewEntry:
    kept = SubjectSet(set=people.id, space=people.space, people=people.people, column=file.column)
    dataset = Dataset(
        namespace=file.namespace,
        name=file.name,
        facets={
            "version": DatasetVersion(dataset_version=file.version),
            "lineproof_subjects": Subjects(sets=[kept]),
        },
    )
    return NewEntry(EntryType.LINEAGE_EVENT, DatasetEvent(event_time=now(), dataset=dataset).encode())
