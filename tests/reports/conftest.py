"""A small recorded pipeline, reports about its model, and ways to alter a report's file."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from lineproof.ledger import VerifierKey
from lineproof.questions import open_ledger
from lineproof.store import Ledger as Stored

_spec = importlib.util.spec_from_file_location("story", Path(__file__).parent.parent / "graph" / "story.py")
told = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(told)

_OPENING = b'<script type="application/json" id="evidence">'


@pytest.fixture(scope="session")
def story_text():
    """The module that tells the pipeline."""
    return told


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """A ledger with the pipeline and one report of each format; do not append to it."""
    folder = tmp_path_factory.mktemp("recorded")
    ledger = open_ledger(told.tell(Stored.create(folder / ".lineproof")).ledger.folder)
    ledger.report("model:credit@1", folder / "dossier.html")
    ledger.report("model:credit@1", folder / "dossier.json", format="json")
    return ledger


@pytest.fixture(scope="session")
def key(recorded):
    return VerifierKey.parse((recorded.folder / "keys" / "ledger.vkey").read_text().strip())


@pytest.fixture(scope="session", params=["html", "json"])
def report_file(request, recorded) -> bytes:
    return (recorded.folder.parent / f"dossier.{request.param}").read_bytes()


@pytest.fixture(scope="session")
def html_file(recorded) -> bytes:
    return (recorded.folder.parent / "dossier.html").read_bytes()


@pytest.fixture
def story(tmp_path):
    """A story without anything told yet."""
    return told.Story(Stored.create(tmp_path / ".lineproof"))


@pytest.fixture
def ledger(story):
    """A ledger with the pipeline, to do anything with."""
    story.prepare()
    story.train()
    story.score()
    return open_ledger(story.ledger.folder)


@pytest.fixture
def altered(html_file):
    """Alter the evidence of a report: `altered(lambda evidence: ...)` gives the file."""

    def alter(change):
        start = html_file.index(_OPENING) + len(_OPENING)
        end = html_file.index(b"</script>", start)
        evidence = json.loads(html_file[start:end])
        change(evidence)
        text = json.dumps(evidence, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
        return html_file[:start] + text.encode() + html_file[end:]

    return alter
