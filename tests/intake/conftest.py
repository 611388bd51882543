"""Spool files made by hand, line by line in the format of `lineproof.model.spool`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lineproof.model.identity import now, uuid7
from lineproof.model.spool import FIRST, FileFact, ProcessEnd, ProcessStart, SpoolRecord, chain, encode_line


class SpoolText:
    """Lines of one process, chained as its writer would chain them."""

    def __init__(
        self, root: Path, *, run: str | None = None, end_id: str | None = None, **start: Any
    ) -> None:
        values = {"job_namespace": "test", "job_name": "train.py", "owner": True, "pid": 1, "started": now()}
        self.start = ProcessStart(
            run=run or uuid7(), end_id=end_id or uuid7(), root=str(root), **(values | start)
        )
        self.lines: list[bytes] = []
        self.ids: list[str] = []
        self._write("start", msgspec.json.encode(self.start))

    def _write(self, kind: str, body: bytes, **more: str) -> None:
        prev = chain(self.lines[-1]) if self.lines else FIRST
        record = SpoolRecord(seq=len(self.lines), prev=prev, kind=kind, body=msgspec.Raw(body), **more)
        self.lines.append(encode_line(record))

    def entry(self, body: bytes, entry_type: str = "lineage.event") -> str:
        self.ids.append(uuid7())
        self._write("entry", body, id=self.ids[-1], type=entry_type)
        return self.ids[-1]

    def event(self, event_type: str = "RUNNING", *, run: str | None = None, **more: Any) -> str:
        event = {
            "eventTime": now(),
            "producer": "urn:test",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
            "eventType": event_type,
            "run": {"runId": run or self.start.run, "facets": more.pop("run_facets", {})},
            "job": {"namespace": "test", "name": more.pop("job", "train.py")},
            **more,
        }
        return self.entry(json.dumps(event).encode())

    def file(self, path: Path | str, action: str, **more: Any) -> None:
        fact = FileFact(path=str(path), action=action, time=now(), **more)
        self._write("file", msgspec.json.encode(fact))

    def end(self, state: str = "COMPLETE", **facets: Any) -> None:
        raw = {name: msgspec.Raw(msgspec.json.encode(facet)) for name, facet in facets.items()}
        self._write("end", msgspec.json.encode(ProcessEnd(time=now(), state=state, run_facets=raw)))

    def bytes(self) -> bytes:
        return b"".join(line + b"\n" for line in self.lines)

    def save(self, folder: Path, name: str = "") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name or self.start.run + '-' + str(self.start.pid)}.spool"
        path.write_bytes(self.bytes())
        return path


@pytest.fixture
def new_spool(tmp_path: Path) -> Callable[..., SpoolText]:
    """Makes the spool of a process that works in `tmp_path`."""
    return lambda **start: SpoolText(tmp_path, **start)
