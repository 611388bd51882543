"""Promises about what people state: who said it, what holds, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lineproof import access
from lineproof.errors import CommandError, NotAllowedError, UnknownReferenceError
from lineproof.graph import view
from lineproof.graph.facts import Facts
from lineproof.graph.resolve import resolve
from lineproof.graph.statements import Statements
from lineproof.graph.tags import Tags
from lineproof.model.entries import EntryType
from lineproof.model.facets import Source
from lineproof.model.identity import now
from lineproof.model.references import Reference
from lineproof.model.statements import Basis, Purpose, System
from lineproof.store.principals import current_user

MODEL = "model:credit@1"


@dataclass
class Read:
    """One reading of the statements, in a snapshot of its own."""

    ledger: object
    as_of: int | None = None
    at: str | None = None

    def __enter__(self) -> Statements:
        self.snapshot = self.ledger.stored.connection()
        connection = self.snapshot.__enter__()
        return Statements(connection, view(connection, as_of=self.as_of, at=self.at))

    def __exit__(self, *error) -> None:
        self.snapshot.__exit__(*error)


def tags_by_ref(ledger):
    with ledger.stored.connection() as connection:
        seen = view(connection)
        facts = Facts(connection, seen)
        tags = Tags.of(connection, seen)
        columns = facts.columns(tags.carried)
        owners = facts.versions({one.version for one in columns.values()})
        return {
            f"{owners[column.version].name}#{column.name}": set(tags.carried[column.id])
            for column in columns.values()
        }


def test_a_model_may_not_be_approved_by_whoever_made_it_and_the_attempt_is_recorded(ledger):
    with pytest.raises(NotAllowedError, match=current_user()) as refused:
        ledger.approve(MODEL, reason="mine")
    assert refused.value.exit_code == 4
    with Read(ledger) as statements:
        (attempt,) = statements.of(EntryType.ACCESS)
        assert attempt.body.outcome == "refused"
        assert statements.of(EntryType.APPROVAL) == []
    assert ledger.verify().ok


def test_an_approval_is_of_the_bytes_and_says_that_the_name_is_only_asserted(ledger, story_text):
    number = ledger.approve(MODEL, reason="better", ticket="T-1", acting_as="second person")
    with Read(ledger) as statements:
        (approval,) = statements.of(EntryType.APPROVAL)
    assert (approval.entry, approval.name, approval.auth_method) == (number, "second person", "self_asserted")
    assert approval.body.model_version == story_text.CREDIT[2]
    assert ledger.verify().ok


def test_one_may_reject_ones_own_model(ledger):
    ledger.approve(MODEL, outcome="rejected", reason="found a leak")
    with Read(ledger) as statements:
        assert statements.of(EntryType.APPROVAL)[0].body.outcome == "rejected"


@pytest.mark.parametrize("reference", ["dataset:clean", "column:clean#age"])
def test_only_a_model_version_can_be_approved(ledger, reference):
    with pytest.raises(CommandError, match="not a model version"):
        ledger.approve(reference, acting_as="second person")
    with pytest.raises(UnknownReferenceError):
        ledger.approve("model:credit@99", acting_as="second person")


def test_a_deployment_holds_until_another_one_or_its_retirement(ledger):
    first = access.deploy(ledger.stored, MODEL, env="prod")
    access.deploy(ledger.stored, MODEL, env="test")
    with Read(ledger) as statements:
        assert {env: one.entry for env, one in statements.in_force("credit").items()}["prod"] == first
    access.deploy(ledger.stored, MODEL, env="prod", action="retire")
    with Read(ledger) as statements:
        assert list(statements.in_force("credit")) == ["test"]
    with Read(ledger, as_of=first) as statements:
        assert list(statements.in_force("credit")) == ["prod"]
    with pytest.raises(CommandError, match="does not serve"):
        access.deploy(ledger.stored, MODEL, env="prod", action="retire")


def test_what_is_stated_later_adds_to_what_was_stated_before(ledger):
    ledger.state(System(name="lending", models=("cred*",), owner="Head of lending", time=now()))
    ledger.state(System(name="lending", sox_scope=True, time=now()))
    with Read(ledger) as statements:
        system, entries = statements.systems_of("credit")["lending"]
    assert (system.owner, system.sox_scope, system.gdpr_role) == ("Head of lending", True, None)
    assert len(entries) == 2


def test_purposes_bases_and_waivers_are_checked_for_what_no_control_could_use(ledger):
    ledger.state(System(name="lending", time=now()))
    with pytest.raises(CommandError, match="no control 'SOX-CM-99'"):
        ledger.waive("SOX-CM-99", "system:lending", reason="x", expires="2999-01-01")
    with pytest.raises(UnknownReferenceError, match="system:lending, ledger"):
        ledger.waive("SOX-CM-1", "system:leasing", reason="x", expires="2999-01-01")
    with pytest.raises(CommandError, match="is no digest"):
        access.deploy(ledger.stored, MODEL, env="prod", artifact="nonsense")
    ledger.state(Purpose(name="scoring", time=now()))
    ledger.state(Basis(basis="b", purpose="scoring", article="6(1)(b)", time=now()))
    with pytest.raises(CommandError, match="no lawful basis"):
        ledger.state(Basis(basis="b", purpose="scoring", article="6(1)", time=now()))
    with pytest.raises(CommandError, match=r"no condition of Art\. 9"):
        ledger.state(Basis(basis="b", purpose="s", article="6(1)(a)", art9_condition="9(2)", time=now()))
    with pytest.raises(CommandError, match="not a day"):
        ledger.waive("SOX-CM-1", "system:lending", reason="x", expires="next week")
    with pytest.raises(CommandError, match="expired"):
        ledger.waive("SOX-CM-1", "system:lending", reason="x", expires="2020-01-01")
    with pytest.raises(CommandError, match="reason"):
        ledger.waive("SOX-CM-1", "system:lending", reason=" ", expires="2999-01-01")


def test_a_waiver_holds_to_the_end_of_its_last_day(ledger):
    ledger.state(System(name="lending", time=now()))
    ledger.waive("SOX-CM-1", "system:lending", reason="first release", expires="2999-01-31")
    with Read(ledger) as statements:
        assert len(statements.waivers("2999-01-31T23:59:59.000000Z")) == 1
        assert statements.waivers("2999-02-01T00:00:00.000000Z") == []


def test_a_tag_travels_along_lineage_to_the_features_and_no_further(ledger):
    access.add_tags(ledger.stored, "column:data/patients.csv#birth_date", ["pii", "birth_date"])
    tagged = tags_by_ref(ledger)
    assert tagged["data/patients.csv#birth_date"] == {"PII", "BIRTH_DATE"}
    assert tagged["credit#age"] == {"PII", "BIRTH_DATE"}
    assert "credit#dose" not in tagged


def test_a_tag_that_a_person_rejects_is_gone_with_all_it_reached(ledger):
    access.add_tags(ledger.stored, "column:data/patients.csv#birth_date", ["PII"])
    access.add_tags(
        ledger.stored, "column:data/patients.csv#birth_date", ["PII"], rejected=True, reason="year only"
    )
    assert tags_by_ref(ledger) == {}


@pytest.mark.parametrize("words", [[], ["not a word"], ["<script>"]])
def test_a_tag_is_a_word(ledger, words):
    with pytest.raises(CommandError, match="is no tag"):
        access.add_tags(ledger.stored, "dataset:data/patients.csv", words)


def test_a_stated_source_holds_for_all_versions_and_later_words_add_to_it(ledger):
    access.set_source(ledger.stored, "dataset:data/patients.csv", Source(origin="ward register"))
    access.set_source(ledger.stored, "dataset:data/patients.csv", Source(region="EU"), acting_as="steward")
    with ledger.stored.connection() as connection:
        seen = view(connection)
        found = resolve(connection, Reference.parse("dataset:data/patients.csv"), seen)
        source = Statements(connection, seen).sources([found.id])[found.id]
    assert {"origin": "ward register", "region": "EU"}.items() <= source.fields.items()
    assert len(source.entries) == 2
    with pytest.raises(CommandError, match="nothing is said"):
        access.set_source(ledger.stored, "dataset:data/patients.csv", Source(reason="no facts"))


def test_a_document_is_kept_and_found_again_by_its_digest(ledger, tmp_path):
    file = tmp_path / "dpia.txt"
    file.write_text("impact: none")
    access.add_document(
        ledger.stored, "dpia", file=file, covers=["purpose:scoring"], valid_until="2030-01-01"
    )
    with Read(ledger) as statements:
        (document,) = statements.of(EntryType.DOCUMENT)
    assert ledger.stored.objects.get(document.body.digest) == b"impact: none"
    with pytest.raises(CommandError, match="cannot read"):
        access.add_document(ledger.stored, "dpia", file=tmp_path / "none.txt")


def test_a_statement_whose_payload_is_destroyed_states_nothing_more(ledger):
    entry = access.add_tags(ledger.stored, "column:data/patients.csv#birth_date", ["PII"])
    ledger.stored.destroy_payload(entry, "named a person")
    assert tags_by_ref(ledger) == {}
    assert ledger.verify().ok


def test_showing_a_prediction_withholds_what_people_tagged_as_personal(ledger):
    shown = ledger.show("prediction:4711").input
    assert shown["age"] == 40
    access.add_tags(ledger.stored, "column:data/patients.csv#birth_date", ["PII"])
    shown = ledger.show("prediction:4711").input
    assert shown["age"] == "withheld: personal"
    assert shown["radius"] == 1.0
