"""A report's file is checked with nothing but the file and a key, and nothing in it changes unnoticed."""

from __future__ import annotations

import base64
import contextlib
import random
import subprocess
import sys

import pytest

from lineproof.errors import LineproofError, NotAReportError, VerificationError
from lineproof.ledger import SigningKey
from lineproof.reports.offline import verify_report

FLIPS = 150  # bytes tried in each file
ZEROS = base64.b64encode(bytes(32)).decode()


def kinds(data, key):
    return {failure.kind for failure in verify_report(data, key).failures}


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_an_untouched_report_holds(report_file, key):
    outcome = verify_report(report_file, key)
    assert outcome.ok
    assert outcome.failures == outcome.warnings == []
    assert outcome.checked == outcome.total > 5
    assert outcome.scope.log
    assert outcome.scope.payloads
    assert not outcome.scope.tables


def test_without_a_key_the_outcome_names_the_fingerprint_to_compare(report_file, key):
    outcome = verify_report(report_file)
    assert outcome.ok
    assert any(key.fingerprint in warning for warning in outcome.warnings)


def test_no_byte_can_change_unnoticed(report_file, key):
    for at in random.Random(7).sample(range(len(report_file)), FLIPS):
        with contextlib.suppress(VerificationError):  # it is no longer a report at all
            assert not verify_report(flip(report_file, at), key).ok, at


def test_a_report_under_another_key_is_refused(report_file, key):
    outcome = verify_report(report_file, SigningKey.generate(key.name).verifier)
    assert {"key", "checkpoint"} <= {failure.kind for failure in outcome.failures}
    assert outcome.checkpoint is None
    assert outcome.checked == 0


@pytest.mark.parametrize(
    ("field", "kind"), [("payload", "payload"), ("salt", "payload"), ("proof", "tree"), ("leaf", "tree")]
)
def test_what_is_changed_of_an_entry_names_the_entry(altered, key, field, kind):
    named = []

    def change(evidence):
        entry = evidence["entries"][3]
        named.append(entry["entry"])
        if field == "leaf":
            entry["leaf"] = entry["leaf"].replace("2", "3", 1)
        elif field == "proof":
            entry["proof"][0] = ZEROS
        else:
            entry[field] = base64.b64encode(flip(base64.b64decode(entry[field]), 5)).decode()

    [failure] = verify_report(altered(change), key).failures
    assert (failure.kind, failure.entry) == (kind, named[0])


def test_a_changed_checkpoint_is_named_once_and_not_for_each_entry(altered, key):
    def change(evidence):
        lines = evidence["checkpoint"].split("\n")
        lines[1] = str(int(lines[1]) + 1)
        evidence["checkpoint"] = "\n".join(lines)

    assert kinds(altered(change), key) == {"checkpoint"}


def test_left_out_swapped_and_hidden_entries_are_noticed(altered, key):
    def drop(evidence):
        del evidence["entries"][1]

    def swap(evidence):
        entries = evidence["entries"]
        entries[1], entries[2] = entries[2], entries[1]

    def hide(evidence):
        del evidence["entries"][1]["payload"], evidence["entries"][1]["salt"]

    assert kinds(altered(drop), key) == {"entry"}
    assert kinds(altered(swap), key) == {"entry"}
    assert kinds(altered(hide), key) == {"payload"}


def test_a_payload_that_is_left_out_is_said_to_be(altered, key):
    def change(evidence):
        entry = evidence["entries"][1]
        del entry["payload"], entry["salt"]
        entry["left_out"] = "size"

    outcome = verify_report(altered(change), key)
    assert outcome.ok
    assert "left out for their size" in outcome.warnings[0]


def test_a_changed_word_names_its_section(html_file, key):
    data = html_file.replace(b"<bdi>radius</bdi>", b"<bdi>rodius</bdi>", 1)
    failures = verify_report(data, key).failures
    assert [one.key for one in failures if one.kind == "section"] == [{"section": "features"}]
    assert {one.kind for one in failures} == {"section", "body"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"</main>", b"<p>approved</p></main>", {"section", "body"}),
        (b".code {", b".bode {", {"body"}),
        (b'lang="en"', b'lang="xx"', {"body"}),
        (b"</body>", b"<!-- --></body>", {"body"}),
    ],
)
def test_what_is_added_or_styled_otherwise_is_noticed(html_file, key, old, new, expected):
    assert kinds(html_file.replace(old, new, 1), key) == expected


def test_a_changed_document_is_noticed_beside_the_text(html_file, key):
    start = html_file.index(b'id="document">')
    assert kinds(html_file[:start] + html_file[start:].replace(b"credit", b"crebit", 1), key) == {
        "document",
        "body",
    }


def test_the_evidence_of_one_report_does_not_serve_another(recorded, ledger, tmp_path):
    ledger.report("model:credit@1", tmp_path / "mine.html")
    ledger.report("model:credit@1", tmp_path / "later.html", as_of=13)
    marks = b'id="evidence">', b"</script>"
    mine, later = ((tmp_path / name).read_bytes() for name in ("mine.html", "later.html"))
    parts = [data.partition(marks[0]) for data in (mine, later)]
    foreign = parts[1][2].partition(marks[1])[0]
    own = parts[0][2].partition(marks[1])
    mixed = parts[0][0] + marks[0] + foreign + marks[1] + own[2]
    assert {"document", "body"} <= kinds(mixed, None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html></html>",
        b"\xff" * 100,
        b'{"document":',
        b'{"document":' + b"[" * 100_000,
        b'{"document":{},"evidence":{},"format":"lineproof.report","v":1}\n',
        b'{"document":' + b'{"a":' * 900 + b"1" + b"}" * 900,
        b"PK\x03\x04",
    ],
    ids=range(8),
)
def test_what_is_no_report_is_said_to_be_none(data):
    with pytest.raises(NotAReportError) as caught:
        verify_report(data)
    assert caught.value.code == "LP-REPORT-01"
    assert caught.value.exit_code == 5
    assert caught.value.remedy


def test_a_report_that_was_cut_anywhere_is_refused(report_file):
    for share in range(1, 40):
        with pytest.raises(NotAReportError):
            verify_report(report_file[: len(report_file) * share // 40])


@pytest.mark.parametrize("depth", [100, 900, 100_000])
def test_a_deeply_nested_document_is_refused(html_file, key, depth):
    start = html_file.index(b'id="document">') + len(b'id="document">')
    end = html_file.index(b"</script>", start)
    with pytest.raises(NotAReportError):
        verify_report(html_file[:start] + b"[" * depth + b"]" * depth + html_file[end:], key)


def test_garbage_anywhere_gives_an_error_of_ours_or_a_failure(html_file, key):
    chance = random.Random(11)
    for _ in range(40):
        start = chance.randrange(len(html_file))
        garbage = chance.randbytes(chance.randrange(1, 2000))
        with contextlib.suppress(LineproofError):
            assert not verify_report(html_file[:start] + garbage + html_file[start + 1 :], key).ok


def test_the_check_needs_nothing_that_renders_or_computes(recorded):
    script = (
        "import sys\nfor name in ('jinja2', 'numpy', 'duckdb', 'pandas'): sys.modules[name] = None\n"
        "from lineproof.cli import main\nsys.argv = ['lineproof', 'verify', sys.argv[1]]\nmain()"
    )
    file = recorded.folder.parent / "dossier.html"
    done = subprocess.run([sys.executable, "-c", script, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "verified" in done.stdout
