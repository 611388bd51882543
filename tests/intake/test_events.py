"""An event of another tool is kept as it came, or refused with the reason."""

from __future__ import annotations

import json

import pytest

from lineproof.errors import EventError
from lineproof.intake import events, record_event

RUN = {"eventTime": "2026-01-01T00:00:00Z", "run": {"runId": "00000000-0000-7000-8000-000000000001"}}
EVENT = {
    **RUN,
    "job": {"namespace": "airflow", "name": "dag.task"},
    "producer": "urn:x",
    "schemaURL": "urn:y",
}


@pytest.fixture
def ledger(tmp_path, store):
    return store(tmp_path / ".lineproof")


def test_the_bytes_are_kept_untouched(ledger):
    raw = json.dumps({**EVENT, "ünknown": [1.50, {"deep": []}]}, indent=3, ensure_ascii=False).encode()
    number = record_event(ledger, raw)
    assert ledger.entry(number).payload == raw
    assert ledger.entry(number).type == "lineage.event"


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps(EVENT).encode(),
        json.dumps({**RUN, "job": EVENT["job"]}).encode(),
        json.dumps({"eventTime": "2026-01-01T00:00:00.123456789", "job": EVENT["job"]}).encode(),
        json.dumps({"dataset": {"namespace": "postgres://h:5", "name": "a.b"}}).encode(),
        json.dumps({**EVENT, "inputs": [{"namespace": "n", "name": "x" * 300_000}]}).encode(),
    ],
    ids=["complete", "no schemaURL", "job event without zone", "dataset event", "large"],
)
def test_what_producers_send_in_the_wild_is_taken(ledger, raw):
    assert ledger.entry(record_event(ledger, raw)).payload == raw


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b'{"run": ', "not a JSON object"),
        (b'{"eventTime": "now"}', "names no run"),
        (b'{"run":' + b"[" * 3000 + b"]" * 3000 + b"}", "nested"),
        (b'{"run":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001, "nested"),
        (b"\xff\xfe\x00", "not a JSON object"),
    ],
)
def test_what_nobody_could_read_is_refused_with_the_reason(ledger, raw, reason):
    before = len(list(ledger.entries()))
    with pytest.raises(EventError, match=reason):
        record_event(ledger, raw)
    assert len(list(ledger.entries())) == before


def test_too_large_an_event_is_refused_before_it_is_read(ledger, monkeypatch):
    monkeypatch.setattr(events, "LARGEST_BYTES", 100)
    with pytest.raises(EventError, match="at most 100"):
        record_event(ledger, json.dumps({**EVENT, "pad": "x" * 100}).encode())


def test_brackets_inside_strings_are_no_nesting(ledger):
    raw = json.dumps({**EVENT, "text": '[{"\\' * 500}).encode()
    assert ledger.entry(record_event(ledger, raw)).payload == raw
