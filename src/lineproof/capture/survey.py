"""`python -m lineproof.capture.survey RUN COMMAND…`: find out about code and machine beside the program.

For a program that records itself by `autolog()`; git and its like would hold it up.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

from lineproof.capture.beginning import survey
from lineproof.capture.folder import SPOOL
from lineproof.capture.recorded import RecordedRun
from lineproof.capture.spool import SpoolWriter, encoded
from lineproof.model.identity import now
from lineproof.model.spool import ProcessEnd

__all__ = ["main"]


def main(run: RecordedRun, command: list[str]) -> None:
    """Write what can be told of a program from outside to a spool of our own."""
    writer = SpoolWriter(os.path.join(run.folder, SPOOL), run.process(owner=False))
    for content in survey(writer, run, command):
        _keep(Path(run.folder), content)
    writer.end(encoded(ProcessEnd(time=now(), state="COMPLETE")))
    writer.close()


def _keep(folder: Path, content: bytes) -> None:
    """Put a content where the ledger keeps its objects: one file each, named by digest."""
    digest = hashlib.sha256(content).hexdigest()
    path = folder / "objects" / "sha256" / digest[:2] / digest
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


if __name__ == "__main__":
    main(RecordedRun.of_json(sys.argv[1]), sys.argv[2:])
