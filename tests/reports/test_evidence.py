"""The evidence in a report: proofs in logs of any size, and a bound on what one file carries."""

from __future__ import annotations

import json

import pytest

from lineproof.model.entries import EntryType
from lineproof.questions import open_ledger
from lineproof.reports.gather import LARGEST_PAYLOAD, MOST_EVIDENCE
from lineproof.reports.offline import verify_report
from lineproof.store import NewEntry


@pytest.fixture
def model(story, story_text):
    """Record a model whose sources each carry a facet of so many bytes; gives the ledger."""

    def record(sources, size):
        keys = [("file", f"data/{one}.csv", f"sha256:{one:064x}") for one in range(sources)]
        for key in keys:
            made = story_text.dataset(key, columns=["x"])
            made["facets"]["documentation"] = {"description": "x" * size}
            story.event(key[1], "COMPLETE", outputs=[made])
        fitted = story_text.dataset(("model", "wide", "sha256:" + "f" * 64), type_="MODEL")
        inputs = [story_text.dataset(key) for key in keys]
        story.event("fit", "COMPLETE", inputs=inputs, outputs=[fitted])
        return open_ledger(story.ledger.folder)

    return record


def test_a_large_payload_is_left_out_and_the_file_says_so(model, tmp_path):
    model(1, LARGEST_PAYLOAD).report("model:wide@1", tmp_path / "x.html")
    data = (tmp_path / "x.html").read_bytes()
    outcome = verify_report(data)
    assert outcome.ok
    assert any("left out for their size" in warning for warning in outcome.warnings)
    assert len(data) < LARGEST_PAYLOAD + 100_000


def test_many_payloads_stay_below_the_bound_and_small_ones_come_first(model, tmp_path):
    ledger = model(100, LARGEST_PAYLOAD - 5_000)
    made = ledger.report("model:wide@1", tmp_path / "x.json", format="json")
    outcome = verify_report((tmp_path / "x.json").read_bytes())
    assert outcome.ok
    assert outcome.checked == made.cited + 1 > 100
    evidence = json.loads((tmp_path / "x.json").read_bytes())["evidence"]
    assert len(json.dumps(evidence)) < MOST_EVIDENCE * 1.05
    kept = [one for one in evidence["entries"] if "payload" in one]
    assert 30 < len(kept) < 60
    assert evidence["report"] in {one["entry"] for one in kept}


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 700])
def test_proofs_hold_whatever_the_size_of_the_log(ledger, tmp_path, size):
    payload = b'{"action":"x","resource":"y","outcome":"allow","time":"2026-03-01T00:00:00.000000Z"}'
    missing = size - ledger.stored.size()
    ledger.stored.append([NewEntry(EntryType.ACCESS, payload) for _ in range(missing)])
    ledger.report("model:credit@1", tmp_path / "x.html")
    assert verify_report((tmp_path / "x.html").read_bytes()).ok
