"""The commands by which people destroy, hold and retain."""

from __future__ import annotations

import json

from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.store import Ledger, NewEntry


def predictions(project) -> int:
    body = {
        "segment": uuid7(),
        "model_name": "credit",
        "ids": ["41", "42"],
        "subject_space": "patients",
        "outputs": {"score": [0.1, 0.2]},
        "time": now(),
    }
    item = NewEntry(EntryType.PREDICTION_SEGMENT, json.dumps(body).encode())
    return Ledger.open().append([item]).first


def test_two_people_destroy_and_one_cannot(project, lineproof):
    number = predictions(project)
    words = ("shred", "subject:patients/41", "--reason", "request 17", "--json")
    assert json.loads(lineproof(*words, "--as", "ada").stdout)["state"] == "asked"
    again = lineproof(*words, "--as", "ada")
    assert again.exit_code == 4
    assert json.loads(again.stderr)["error"]["code"] == "LP-ACCESS-01"
    done = json.loads(lineproof(*words, "--as", "bob").stdout)
    assert (done["state"], done["entries"]) == ("destroyed", [number])
    assert json.loads(lineproof("show", f"entry:{number}", "--json").stdout)["state"] == "shredded"
    assert "shredded: destroyed by" in lineproof("show", f"entry:{number}").stdout
    assert lineproof(*words, "--as", "bob").exit_code == 2
    assert lineproof("verify").exit_code == 0


def test_a_hold_is_told_by_whatever_it_stops(project, lineproof):
    number = predictions(project)
    words = ("hold", "add", "case-7", "--entry", f"entry:{number}", "--reason", "claim", "--json")
    assert lineproof(*words).exit_code == 0
    (hold,) = json.loads(lineproof("hold", "list", "--json").stdout)
    assert (hold["name"], hold["entries"], hold["reason"]) == ("case-7", [number], "claim")
    refused = lineproof("shred", f"entry:{number}", "--reason", "x", "--json")
    assert refused.exit_code == 4
    assert "case-7" in json.loads(refused.stderr)["error"]["message"]
    lineproof("retention", "set", "short", "--covers", "predictions", "--max-days", "0")
    dry = json.loads(lineproof("retention", "run", "--dry-run", "--json").stdout)
    assert dry["policies"][0]["held"] == [{"entry": number, "hold": "case-7"}]
    assert f"entry:{number} is kept by the legal hold case-7" in lineproof("retention", "run").stdout
    assert lineproof("hold", "release", "case-7", "--reason", "settled").exit_code == 0
    assert json.loads(lineproof("retention", "run", "--json").stdout)["destroyed"] == 1


def test_links_and_another_key_over_the_keys_leave_what_is_recorded(project, lineproof):
    number = predictions(project)
    assert lineproof("subject", "link", "patients/41", "mails/a@b").exit_code == 0
    assert lineproof("subject", "link", "41", "mails/a@b").exit_code == 2
    assert json.loads(lineproof("key", "rotate-kek", "--json").stdout)["people"] == 2
    assert lineproof("key", "rotate-kek", "--to-env", "A", "--to-file", "b").exit_code == 2
    shown = json.loads(lineproof("show", f"entry:{number}", "--json").stdout)
    assert (shown["state"], shown["payload"]["ids"]) == ("readable", ["41"])
    assert lineproof("verify").exit_code == 0
