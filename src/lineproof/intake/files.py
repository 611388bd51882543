"""Which files a process used that no library wrapper explained."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from lineproof.intake.account import WRITING, DatasetKey, ProcessAccount, RunAccount
from lineproof.model.openlineage import (
    FILE_NAMESPACE,
    Dataset,
    DatasetType,
    DatasetVersion,
    OutputStatistics,
)
from lineproof.model.spool import FileFact

__all__ = ["FileUse", "use_of"]


class FileUse(msgspec.Struct, kw_only=True):
    """The files of one process.

    Attributes:
        inputs: Read, and explained by no event.
        outputs: Written, and explained by no event.
        read: Names of all files read, explained or not.
        written: Likewise all files written.
        gaps: What is not known about them, in words.
    """

    inputs: list[Dataset] = []
    outputs: list[Dataset] = []
    read: set[str] = set()
    written: set[str] = set()
    gaps: list[str] = []


def use_of(process: ProcessAccount, account: RunAccount) -> FileUse:
    """Sort the files that a process saw.

    Files opened for writing and not reported as written are read now: the process could not hash
    them any more, and what they hold may have changed since it ended, so the gaps name them.
    """
    use = FileUse()
    root = process.start.root
    for fact in _last_of_each(process.facts, writes=False):
        use.read.add(_name(fact.path, root))
        if not _is_explained(fact, root, account):
            use.inputs.append(_dataset(fact, root, use))
    for fact in _last_of_each(process.facts, writes=True):
        if fact.action == "opened" and fact.path in account.written:
            continue
        known = _read_now(fact, root, use) if fact.action == "opened" else fact
        if known is not None:
            use.written.add(_name(known.path, root))
            if not _is_explained(known, root, account):
                use.outputs.append(_dataset(known, root, use))
    changed = dict.fromkeys(_name(fact.path, root) for fact in process.facts if fact.action == "changed")
    use.gaps += [f"{name} changed while the run used it" for name in changed]
    return use


def _last_of_each(facts: Iterable[FileFact], *, writes: bool) -> list[FileFact]:
    """Give what was last said about each content that was read, and about each path written."""
    last: dict[tuple[str, Any], FileFact] = {}
    for fact in facts:
        if fact.action == "read" and not writes:
            last[fact.path, fact.digest] = fact
        elif fact.action in WRITING and writes:
            key = (fact.path, None)
            if fact.action == "written" or key not in last:
                last[key] = fact
    return list(last.values())


def _is_explained(fact: FileFact, root: str, account: RunAccount) -> bool:
    writes = fact.action in WRITING
    content = None if fact.digest is UNSET else fact.digest
    named = account.outputs if writes else account.inputs
    name = _name(fact.path, root)
    return (
        fact.explained
        or (fact.path, writes, None) in account.explained
        or (fact.path, writes, content) in account.explained
        or DatasetKey(FILE_NAMESPACE, name) in named
        or DatasetKey(FILE_NAMESPACE, name, content) in named
    )


def _read_now(fact: FileFact, root: str, use: FileUse) -> FileFact | None:
    """Hash a file that its process left open; None when there is no such file any more."""
    name = _name(fact.path, root)
    path = Path(fact.path)
    try:
        if not path.is_file():
            use.gaps.append(f"{name} was opened for writing and is no file any more")
            return None
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError as error:
        return msgspec.structs.replace(fact, problem=error.strerror or type(error).__name__)
    use.gaps.append(f"the digest of {name} was taken after the process had ended")
    return msgspec.structs.replace(fact, digest=f"sha256:{digest}", size_bytes=size)


def _dataset(fact: FileFact, root: str, use: FileUse) -> Dataset:
    dataset = Dataset(
        namespace=FILE_NAMESPACE,
        name=_name(fact.path, root),
        facets={"datasetType": DatasetType(dataset_type="FILE")},
    )
    if fact.digest is not UNSET:
        dataset.facets["version"] = DatasetVersion(dataset_version=fact.digest)
    else:
        reason = "no reason given" if fact.problem is UNSET else fact.problem
        use.gaps.append(f"the content of {dataset.name} is not known: {reason}")
    if fact.action in WRITING and fact.size_bytes is not UNSET:
        dataset.output_facets = {"outputStatistics": OutputStatistics(size=fact.size_bytes)}
    return dataset


def _name(path: str, root: str) -> str:
    """Give the dataset name of a file: relative to the root when it lies inside it."""
    inside = path.removeprefix(root.rstrip("/") + "/")
    return inside or path
