"""A real recording inside the test's own process, with every patch in place."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import pytest

from lineproof.capture import patches
from lineproof.capture import session as sessions
from lineproof.capture.provenance.attachment import table_of
from lineproof.capture.recorded import RecordedRun

LIBRARIES = ("numpy", "pandas", "sklearn", "sklearn.metrics", "sklearn.model_selection", "sklearn.utils")


class Recording:
    """What a test may ask of a recording."""

    def __init__(self, root: Path, *, libraries: tuple[str, ...]) -> None:
        (root / ".lineproof" / "spool").mkdir(parents=True)
        run = RecordedRun(folder=str(root / ".lineproof"), name="script")
        self.root = root
        self.session = sessions.Session(run.process(owner=True))
        for library in libraries:
            importlib.import_module(library)
        for library in patches.PATCHES:
            if library in sys.modules:
                patches.install(library, sys.modules[library], self.session)

    def stop(self) -> None:
        self.session.instrument.unwrap_all()
        self.session.end("COMPLETE", {})

    @property
    def lines(self) -> list[dict]:
        (spool,) = (self.root / ".lineproof" / "spool").glob("*.spool")
        return [json.loads(line) for line in spool.read_text(encoding="utf-8").splitlines()]

    def events(self, *, job: str | None = None, type_: str | None = None) -> list[dict]:
        found = [line["body"] for line in self.lines if line.get("type") == "lineage.event"]
        return [
            event
            for event in found
            if (job is None or event["job"]["name"] == job) and (type_ is None or event["eventType"] == type_)
        ]

    def entries(self, type_: str) -> list[dict]:
        return [line["body"] for line in self.lines if line.get("type") == type_]

    def metrics(self) -> dict[str, float]:
        self.session.emit("RUNNING", run_facets=self.session._noted.facets(None))
        found = [event["run"].get("facets", {}).get("lineproof_metrics") for event in self.events()]
        return {metric["name"]: metric["value"] for facet in found if facet for metric in facet["metrics"]}

    @property
    def coverage(self):
        return self.session.coverage()

    def script(self, text: str, name: str = "train.py") -> dict:
        """Run a program as a file of the recorded folder; give its variables."""
        path = self.root / name
        path.write_text(text, encoding="utf-8")
        variables = {"__name__": "__main__", "__file__": str(path)}
        exec(compile(text, str(path), "exec"), variables)
        return variables

    @staticmethod
    def origins(obj) -> dict:
        """Give column -> (direct, indirect, precision), sources written as `stem.column`."""
        table = table_of(obj)
        return {
            label: (_names(origin.direct), _names(origin.indirect), str(origin.precision))
            for label, origin in table.columns.items()
        }


def _names(sources) -> set[str]:
    return {f"{Path(source.name).stem}.{source.column}" for source in sources}


@pytest.fixture
def recording(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recording = Recording(tmp_path, libraries=LIBRARIES)
    monkeypatch.setattr(sessions, "_session", recording.session)
    try:
        yield recording
    finally:
        recording.stop()


LOAN = """\
id,age,income,debt,job,memo,bad
1,25,31.0,4.0,clerk,rent late,0
2,47,,12.5,nurse,car loan,1
3,35,58.2,3.3,clerk,rent car,0
4,52,44.1,20.0,driver,late fee,1
5,29,39.9,,driver,new phone,0
6,61,72.5,8.8,nurse,car repair,0
7,44,28.3,17.1,clerk,late phone,1
8,38,51.7,6.2,nurse,rent paid,0
9,23,22.4,9.9,driver,late car,1
10,57,66.0,,clerk,new rent,0
11,33,47.6,14.2,nurse,fee late,1
12,41,55.5,5.1,driver,phone paid,0
"""


@pytest.fixture
def loan(recording):
    """A table that the recorded program reads; gives the frame."""
    import pandas as pd

    (recording.root / "loan.csv").write_text(LOAN, encoding="utf-8")
    return pd.read_csv("loan.csv")
