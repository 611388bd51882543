"""Which files a process used that no library wrapper explained."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import UNSET

from lineproof.files.cache import nearest_cache
from lineproof.files.hashing import known_or_hashed
from lineproof.files.status import key_of
from lineproof.intake.account import DatasetKey, ProcessAccount, RunAccount
from lineproof.model.facets import Model
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
        read: Names of the files that the spool says were read.
        written: Likewise written.
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
    links = account.input_links | account.output_links
    read_as, written_as = account.inputs | links, account.outputs | links
    anyhow = {key.name for key in read_as | written_as if key.namespace == FILE_NAMESPACE}
    for fact in _each_content(process.facts, "read"):
        use.read.add(_name(fact.path, root))
        if not _is_explained(fact, root, read_as, anyhow):
            use.inputs.append(_dataset(fact, root, use))
    written = _each_content(process.facts, "written")
    for fact in [*written, *_left_open(process.facts, written, root, use)]:
        use.written.add(_name(fact.path, root))
        if not _is_explained(fact, root, written_as, anyhow):
            use.outputs.append(_dataset(fact, root, use))
    changed = dict.fromkeys(_name(fact.path, root) for fact in process.facts if fact.action == "changed")
    use.gaps += [f"{name} changed while the run used it" for name in changed]
    return use


def _each_content(facts: Iterable[FileFact], action: str) -> list[FileFact]:
    """Give one fact for each content; those that explain themselves (removed, renamed) name none."""
    named = (fact for fact in facts if fact.action == action and not fact.explained)
    return list({(fact.path, fact.digest): fact for fact in named}.values())


def _left_open(
    facts: Iterable[FileFact], written: Iterable[FileFact], root: str, use: FileUse
) -> list[FileFact]:
    """Hash what the process had opened for writing and said nothing of since."""
    last = {fact.path: fact for fact in facts if fact.action in ("opened", "written")}
    known = {(fact.path, fact.digest) for fact in written}
    found = []
    for fact in last.values():
        now = _read_now(fact, root, use) if fact.action == "opened" else None
        if now is not None and (now.path, now.digest) not in known:
            found.append(now)
            if now.digest is not UNSET:
                use.gaps.append(
                    f"the digest of {_name(fact.path, root)} was taken after the process had ended"
                )
    return found


def _is_explained(fact: FileFact, root: str, named: set[DatasetKey], anyhow: set[str]) -> bool:
    """Whether an event names the file; one that was seen from outside by path alone, in any version."""
    name = _name(fact.path, root)
    if fact.below:
        return name in anyhow or _name(os.path.realpath(fact.path), root) in anyhow
    content = None if fact.digest is UNSET else fact.digest
    return DatasetKey(FILE_NAMESPACE, name) in named or DatasetKey(FILE_NAMESPACE, name, content) in named


def _read_now(fact: FileFact, root: str, use: FileUse) -> FileFact | None:
    """Hash a file now: within the limit, known from before if unchanged, without a digest if unstable."""
    path = Path(fact.path)
    try:
        if not path.is_file():
            use.gaps.append(f"{_name(fact.path, root)} was opened for writing and is no file any more")
            return None
        status = path.stat()
        digest, _ = known_or_hashed(fact.path, key_of(status), nearest_cache)
        return msgspec.structs.replace(fact, digest=digest, size_bytes=status.st_size)
    except OSError as error:
        return msgspec.structs.replace(fact, problem=error.strerror or type(error).__name__)


def _dataset(fact: FileFact, root: str, use: FileUse) -> Dataset:
    dataset = Dataset(
        namespace=FILE_NAMESPACE,
        name=_name(fact.path, root),
        facets={"datasetType": DatasetType(dataset_type="FILE")},
    )
    if fact.format is not UNSET:
        dataset.facets["datasetType"] = DatasetType(dataset_type="MODEL", sub_type="FILE")
        facet = Model(format=fact.format, path=dataset.name, size_bytes=fact.size_bytes)
        dataset.facets["lineproof_model"] = facet
    if fact.digest is not UNSET:
        dataset.facets["version"] = DatasetVersion(dataset_version=fact.digest)
    else:
        reason = "no reason given" if fact.problem is UNSET else fact.problem
        use.gaps.append(f"the content of {dataset.name} is not known: {reason}")
    if fact.below and fact.digest is not UNSET:
        use.gaps.append(f"{dataset.name} was opened below Python; its digest was taken after the run")
    if fact.action != "read" and fact.size_bytes is not UNSET:
        dataset.output_facets = {"outputStatistics": OutputStatistics(size=fact.size_bytes)}
    return dataset


def _name(path: str, root: str) -> str:
    """Give the dataset name of a file: relative to the root when it lies inside it."""
    inside = path.removeprefix(root.rstrip("/") + "/")
    return inside or path
