"""What a report says, that twins agree, and that nothing is recorded when it cannot be made."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

import msgspec
import pytest

from lineproof.errors import (
    CommandError,
    CorruptLedgerError,
    MissingRendererError,
    ReportFileError,
    UnknownReferenceError,
)
from lineproof.model.entries import EntryType
from lineproof.model.statements import Basis, Purpose, Report, System, Tag
from lineproof.model.statements import Document as DocumentStated
from lineproof.questions import open_ledger
from lineproof.reports import html_form
from lineproof.reports.document import Document, Facts, Prose, Table
from lineproof.reports.dossier import model_dossier
from lineproof.reports.offline import verify_report

NOW = "2026-03-01T11:00:00.000000Z"


@pytest.fixture
def dossier(ledger):
    """Build the document alone; gives its sections by id."""

    def build(reference="model:credit@1", **options) -> dict[str, str]:
        return text_of(document(ledger, reference, **options))

    return build


def document(ledger, reference="model:credit@1") -> Document:
    from lineproof.graph import view

    with ledger.stored.connection() as connection:
        return model_dossier(
            connection, reference, view(connection), ledger=ledger.id, day="2026-03-01", fingerprint="x"
        )


def text_of(made: Document) -> dict[str, str]:
    """Give the text of each section, a line for each piece."""
    found = {}
    for section in made.sections:
        lines: list[str] = []
        for block in section.blocks:
            match block:
                case Prose():
                    lines.append(block.text)
                case Facts():
                    lines += [f"{one.name}: {one.value.text}" for one in block.facts]
                case Table():
                    lines += [" | ".join(cell.text for cell in row) for row in block.rows]
        found[section.id] = "\n".join(lines)
    return found


def test_a_report_records_itself_and_holds(ledger, tmp_path):
    made = ledger.report("model:credit@1", tmp_path / "dossier.html")
    recorded = msgspec.json.decode(ledger.stored.entry(made.entry).payload, type=Report)
    assert recorded.content_sha256 == made.content_sha256
    assert recorded.subject == "model:credit@1"
    assert set(recorded.sections) >= {"summary", "features", "data", "gaps", "cited"}
    outcome = verify_report((tmp_path / "dossier.html").read_bytes())
    assert outcome.ok
    assert outcome.total == made.cited + 1
    assert ledger.verify().ok


def test_twins_made_one_after_another_have_the_same_content(ledger, tmp_path):
    first = ledger.report("model:credit@1", tmp_path / "a.html", acting_as="somebody new")
    second = ledger.report("model:credit@1", tmp_path / "b.json", format="json")
    third = ledger.report("model:credit@1", tmp_path / "c.html", as_of=first.as_of)
    assert first.content_sha256 == second.content_sha256 == third.content_sha256
    assert first.as_of == second.as_of == third.as_of


def test_a_recorded_verification_counts_as_something_to_report_on(ledger, tmp_path):
    before = ledger.report("model:credit@1", tmp_path / "a.html")
    verified = ledger.record_verification(ledger.verify())
    after = ledger.report("model:credit@1", tmp_path / "b.html")
    assert (before.as_of < verified, after.as_of) == (True, verified)


def test_controls_are_told_worst_first_with_their_evidence(ledger, tmp_path):
    ledger.state(System(name="lending", models=("credit",), owner="Head of lending", time=NOW))
    made = document(ledger)
    [section] = [one for one in made.sections if one.id == "controls"]
    [results] = [one for one in section.blocks if isinstance(one, Table) and one.name == "control-results"]
    outcomes = [row[2].text.split(",")[0] for row in results.rows]
    assert len(outcomes) > 20
    assert outcomes == sorted(
        outcomes, key=["fail", "waived", "unknown", "manual", "pass", "not applicable"].index
    )
    assert all(row[0].text and row[1].text and row[3].text for row in results.rows)
    assert set(made.cited()) >= {number for row in results.rows for number in row[2].entries} != set()
    assert f"{outcomes.count('unknown')} unknown" in text_of(made)["summary"]


def test_the_dossier_tells_what_led_to_the_model(dossier):
    text = dossier()
    assert "age | none known | data/patients.csv@v1: birth_date | " in text["features"]
    assert "data/measurements.csv@v1: id; data/patients.csv@v1: id | exact" in text["features"]
    assert "sha256:" + "a1" * 32 in text["data"]
    assert "C | 0.5 | the program" in text["parameters"]
    assert "auc | 0.97" in text["metrics"]
    assert '1 | {"C":0.5,"score":0.97} | chosen' in text["decisions"]
    assert "No approval is recorded" in text["approvals"]


def test_what_people_must_state_is_marked_as_draft_until_they_do(ledger, dossier):
    assert document(ledger).draft
    assert "DRAFT" in dossier()["summary"]
    assert "DRAFT" in dossier()["purpose"]
    ledger.state(System(name="lending", models=("credit",), owner="Head of lending", time=NOW))
    text = dossier()
    assert "Who answers for it: Head of lending" in text["purpose"]
    assert "Intended use: DRAFT" in text["purpose"]
    rest = {"intended_use": "scores", "oversight": "an officer can overrule"}
    coded = {"gdpr_role": "controller", "ai_act_role": "deployer", "ai_act_class": "high_annex_iii"}
    ledger.state(System(name="lending", **rest, **coded, time=NOW))
    assert document(ledger).draft == ()
    assert "DRAFT" not in "".join(dossier().values())


def test_purposes_bases_and_documents_are_told(ledger, dossier):
    assert "No purpose is recorded" in dossier()["purpose"]
    ledger.state(Purpose(name="scoring", jobs=("train.py",), controller="The bank", time=NOW))
    assert "scoring | not stated | The bank | not stated | DRAFT" in dossier()["purpose"]
    ledger.state(Basis(basis="1", purpose="scoring", article="6(1)(b)", time=NOW))
    covers = ("purpose:scoring", "model:credit@1")
    ledger.state(DocumentStated(document="2", kind="dpia", title="Assessment", covers=covers, time=NOW))
    ledger.state(DocumentStated(document="3", kind="dpia", title="Another", covers=("purpose:x",), time=NOW))
    text = dossier()["purpose"]
    assert "scoring | not stated | The bank | not stated | 6(1)(b)" in text
    assert "Assessment | dpia | purpose:scoring, model:credit@1 | no end stated" in text
    assert "Another" not in text


def test_tags_and_stated_sources_reach_the_features(ledger, dossier):
    from lineproof.access import set_source
    from lineproof.model.facets import Source

    tags = ("PII", "BIRTH_DATE")
    ledger.state(Tag(namespace="file", dataset="data/patients.csv", column="birth_date", tags=tags, time=NOW))
    set_source(ledger.stored, "dataset:data/patients.csv", Source(origin="clinic export", region="EU"))
    text = dossier()
    age = next(line for line in text["features"].splitlines() if line.startswith("age"))
    assert age.split(" | ")[1] == "BIRTH_DATE, PII"
    assert "birth_date (BIRTH_DATE, PII)" in age
    assert "origin: clinic export; region: EU" in age
    assert "origin: clinic export" in text["data"]


def test_approvals_and_deployments_say_that_identity_is_asserted(ledger, dossier):
    from lineproof.access import deploy

    ledger.approve("model:credit@1", reason="better on every group", acting_as="approver")
    deploy(ledger.stored, "model:credit@1", env="prod", acting_as="operator")
    text = dossier()
    assert "approved | approver | self-asserted" in text["approvals"]
    assert "better on every group" in text["approvals"]
    assert "nobody proved who acted" in text["approvals"]
    assert "In force: prod" in text["deployments"]
    assert "prod | deployed | operator | self-asserted" in text["deployments"]


def test_an_unknown_model_is_refused_and_nothing_is_recorded(ledger, tmp_path):
    size = ledger.stored.size()
    for reference, error in (
        ("model:nope@1", UnknownReferenceError),
        ("model:credit@9", UnknownReferenceError),
        ("dataset:data/patients.csv", CommandError),
        ("run:0198f2ab", CommandError),
    ):
        with pytest.raises(error):
            ledger.report(reference, tmp_path / "x.html")
    with pytest.raises(CommandError):
        ledger.report("model:credit@1", tmp_path / "x.pdf", format="pdf")
    assert ledger.stored.size() == size
    assert list(tmp_path.glob("*.html")) == list(tmp_path.glob(".*part")) == []


def test_where_nothing_can_be_written_nothing_is_recorded(ledger, tmp_path):
    size = ledger.stored.size()
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "missing" / "x.html", tmp_path / "folder"):
        with pytest.raises(ReportFileError) as caught:
            ledger.report("model:credit@1", path)
        assert str(path) in caught.value.message
    assert ledger.stored.size() == size


def test_a_file_that_is_there_is_replaced_as_a_whole(ledger, tmp_path):
    (tmp_path / "x.html").write_text("old")
    ledger.report("model:credit@1", tmp_path / "x.html")
    assert verify_report((tmp_path / "x.html").read_bytes()).ok
    with pytest.raises(UnknownReferenceError):
        ledger.report("model:nope@1", tmp_path / "x.html")
    assert verify_report((tmp_path / "x.html").read_bytes()).ok


def test_without_jinja_the_page_says_what_to_install_and_json_works(ledger, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    html_form._template.cache_clear()
    size = ledger.stored.size()
    with pytest.raises(MissingRendererError) as caught:
        ledger.report("model:credit@1", tmp_path / "x.html")
    assert "lineproof[reports]" in caught.value.remedy
    assert ledger.stored.size() == size
    assert ledger.report("model:credit@1", tmp_path / "x.json", format="json").entry


def test_a_model_without_recorded_training_says_so(story, story_text, tmp_path):
    bare = story_text.dataset(("model", "bare", "sha256:" + "99" * 32), type_="MODEL")
    story.event("uses.py", "START", inputs=[bare])
    ledger = open_ledger(story.ledger.folder)
    ledger.report("model:bare@1", tmp_path / "x.html")
    text = text_of(document(ledger, "model:bare@1"))
    assert "No training of this model is recorded" in text["gaps"]
    assert "No training of this model is recorded" in text["parameters"]
    assert "does not tell the features" in text["features"]
    assert verify_report((tmp_path / "x.html").read_bytes()).ok


def test_a_graph_that_goes_in_circles_ends(story, story_text, tmp_path):
    field, dataset, sources = story_text.field, story_text.dataset, story_text.sources
    one, other = ("file", "a.csv", "sha256:" + "01" * 32), ("file", "b.csv", "sha256:" + "02" * 32)
    model = ("model", "round", "sha256:" + "03" * 32)
    for target, source in ((one, other), (other, one), (model, one)):
        made = dataset(target, columns=["x"], lineage={"x": sources(field(source, "x"))})
        if target is model:
            made["facets"]["datasetType"] = {"datasetType": "MODEL"}
        story.event("circle", "COMPLETE", inputs=[dataset(source, columns=["x"])], outputs=[made])
    ledger = open_ledger(story.ledger.folder)
    ledger.report("model:round@1", tmp_path / "x.html")
    assert verify_report((tmp_path / "x.html").read_bytes()).ok
    assert "x | none known" in text_of(document(ledger, "model:round@1"))["features"]


def test_runs_that_are_each_others_parents_end(story, story_text, tmp_path):
    model = story_text.dataset(("model", "round", "sha256:" + "03" * 32), type_="MODEL")
    story.event("one", "START")
    story.event("other", "START", parent="one")
    story.event("one", "COMPLETE", parent="other", outputs=[model])
    ledger = open_ledger(story.ledger.folder)
    assert ledger.report("model:round@1", tmp_path / "x.html").cited


def test_destroyed_payloads_are_cited_as_such(ledger, tmp_path):
    cited = next(number for number in range(3, 20) if ledger.stored.entry(number).type is EntryType.DECISION)
    shred = ledger.stored.destroy_payload(cited, "it named a person")
    ledger.report("model:credit@1", tmp_path / "x.html")
    text = text_of(document(ledger))
    assert "No decisions are recorded" in text["decisions"]
    assert "it named a person" in text["gaps"]
    assert f"destroyed by entry:{shred}" in text["cited"]
    outcome = verify_report((tmp_path / "x.html").read_bytes())
    assert outcome.ok
    assert any(f"entry:{cited}" in warning and "destroyed" in warning for warning in outcome.warnings)


def test_nobody_vouches_for_an_altered_entry(ledger, tmp_path):
    size = ledger.stored.size()
    with closing(sqlite3.connect(ledger.folder / "ledger.db")) as database:
        database.execute(
            "UPDATE payload SET body = CAST(replace(CAST(body AS TEXT), '0.97', '0.99') AS BLOB) "
            "WHERE CAST(body AS TEXT) LIKE '%0.97%'"
        )
        database.commit()
    with pytest.raises(CorruptLedgerError, match="entry:"):
        ledger.report("model:credit@1", tmp_path / "x.html")
    assert ledger.stored.size() == size
    assert not (tmp_path / "x.html").exists()


NASTY = [
    "<script>alert(1)</script>",
    "</script><!--",
    "a\u202eb",
    "quo\"te'`",
    "line\nbreak",
    "{{7*7}}",
    "&amp;",
]


@pytest.mark.parametrize("name", NASTY, ids=range(len(NASTY)))
def test_names_with_markup_stay_names(story, story_text, tmp_path, name):
    source = ("file", f"data/{name}.csv", "sha256:" + "01" * 32)
    fitted = story_text.dataset(
        ("model", name, "sha256:" + "03" * 32),
        columns=[name],
        lineage={name: story_text.sources(story_text.field(source, name), rule=name)},
        type_="MODEL",
    )
    story.event(name, "COMPLETE", inputs=[story_text.dataset(source, columns=[name])], outputs=[fitted])
    ledger = open_ledger(story.ledger.folder)
    ledger.state(System(name=name, models=("*",), owner=name, intended_use=name, time=NOW))
    reference = next(
        node.ref
        for node in ledger.trace(f"dataset:file::{source[1]}", direction="down").nodes
        if node.kind == "model"
    )
    ledger.report(reference, tmp_path / "x.html")
    data = (tmp_path / "x.html").read_bytes()
    assert verify_report(data).ok
    assert data.count(b"<script") == 3
    assert data.count(b"</script") == 3
    assert b"<!--" not in data
    assert "\u202e" not in data.decode()
