"""Identifiers inside free text are found with Presidio's patterns, beside ours, and without a network."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

from lineproof.data.classification import Column, classify_table, text_engine

# spaCy and its neighbours warn of each other when they are imported.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning"
)

NOTES = [f"The delivery for order {n} was late again, please look into it before noon." for n in range(200)]
# No pattern of ours knows this register inside a text.
HEALTH = [
    f"Caller gave her number 943 476 {n:04} and asked about the delivery of the goods." for n in range(200)
]


@pytest.fixture
def offline(monkeypatch):
    """Every way to a network fails, and says so afterwards."""
    tried = []

    def refuse(*args, **_):
        tried.append(args)
        raise OSError("there is no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return tried


def column(values):
    return Column(values, len(values), 0)


def test_what_it_finds_is_evidence_and_names_it(offline):
    texts = [f"{text} Write to person{n}@example.co.uk." for n, text in enumerate(NOTES)]
    found = classify_table({"note": column(texts)}, texts=text_engine("presidio"))["note"]
    assert found.class_ == "FREE_TEXT"
    assert "EMAIL" in found.contains
    assert any("Presidio" in one and "EMAIL in 100%" in one for one in found.evidence)
    assert not any("person1@" in one for one in found.evidence)
    assert not offline


def test_it_finds_what_our_patterns_do_not_know(offline):
    from presidio_analyzer.predefined_recognizers import NhsRecognizer

    valid = [
        text
        for text in (f"Her number is 943 476 {n:04}, she asked about a delivery." for n in range(10_000))
        if NhsRecognizer().analyze(text, ["UK_NHS"], None)
    ][:200]
    assert classify_table({"note": column(valid)})["note"].class_ == "NONE"
    found = classify_table({"note": column(valid)}, texts=text_engine("presidio"))["note"]
    assert (found.class_, found.gdpr) == ("FREE_TEXT", "personal")
    assert "NATIONAL_ID" in found.contains
    assert not offline


def test_texts_without_identifiers_and_other_columns_stay_what_they_are(offline):
    columns = {
        "note": column(NOTES),
        "order": column([f"{4_000_000_000 + 7 * n}" for n in range(200)]),
        "parcel": column(
            [f"Parcel {4_000_000_001 + 13 * n} left the house at noon as it should." for n in range(200)]
        ),
        "amount": column([n / 7 for n in range(200)]),
    }
    with_it = classify_table(columns, texts=text_engine("presidio"))
    assert with_it == classify_table(columns)
    assert {one.class_ for one in with_it.values()} == {"NONE"}
    assert not offline


def test_the_command_says_what_it_found_in_a_process_without_a_network(tmp_path):
    rows = "".join(f'{n},"Please call Ms Weber or write to w{n}@example.org today."\n' for n in range(50))
    (tmp_path / "a.csv").write_text("id,note\n" + rows)
    program = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise SystemExit('a connection was tried')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from lineproof.cli import main\n"
        "sys.argv = ['lineproof', 'scan', 'a.csv', '--text-engine', 'presidio', '--json']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    note = json.loads(done.stdout)["columns"]["note"]
    assert note["class"] == "FREE_TEXT"
    assert any("Presidio" in one for one in note["evidence"])
