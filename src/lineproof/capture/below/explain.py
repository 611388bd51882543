"""What of the files that were opened the record does not hold yet."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lineproof.capture.digests import Digests, reason
from lineproof.capture.place import text
from lineproof.capture.watched import Naming, regular_file
from lineproof.model.identity import now

__all__ = ["unseen_files"]

# What interpreters, linkers and environment managers open for themselves.
_NO_DATA = re.compile(
    r"\.so(\.\d+)*$|/lib(64)?/python\d|/pyvenv\.cfg$|/\.pyenv/|/conda-meta/|/__pycache__/|\.sh$"
    r"|-(journal|wal|shm)$|/(in|out|err)put\.fifo$"
)


def unseen_files(
    opened: dict[str, bool], *, root: str, folder: str, run: str, own: set[str]
) -> Iterator[dict[str, Any]]:
    """Give facts, in the form of `model.spool.FileFact`, of files that no process of the run told of.

    Digests are those of now: the program has ended.

    Args:
        opened: What the watch saw.
        root: Folder that holds `.lineproof`.
        folder: The folder `.lineproof` itself.
        run: UUID of the run.
        own: Files that belong to the program itself, such as its script.
    """
    naming = Naming(root, folder)
    told = {*own, *_told(Path(folder) / "spool", run)}
    digests = Digests()
    for given, writes in sorted(opened.items()):
        full = naming.path(given)
        if full is None or _NO_DATA.search(full) or {full, os.path.realpath(full)} & told:
            continue
        status = regular_file(full)
        if status is None and (writes or os.path.lexists(full)):
            continue  # made and removed again, or no file: a folder, a pipe
        fact: dict[str, Any] = {
            "path": text(full),
            "action": "written" if writes else "read",
            "time": now(),
            "below": True,
        }
        if status is None:
            fact["problem"] = "it was gone when the program had ended"
        else:
            try:
                fact |= {"digest": digests.of(full, status), "size_bytes": status.st_size}
            except OSError as error:
                fact["problem"] = reason(error)
        yield fact


def _told(spools: Path, run: str) -> Iterator[str]:
    """Give the paths that processes of the run wrote facts of."""
    for spool in spools.glob(f"{run}-*.spool"):
        with spool.open("rb") as lines:
            for line in lines:
                if b'"kind":"file"' not in line:
                    continue
                try:
                    path = str(json.loads(line)["body"]["path"])
                except (ValueError, KeyError, TypeError):  # a torn last line
                    continue
                yield path
                yield os.path.realpath(path)
