"""What a check promises: unknown never passes, waivers stay listed, the same question has the same answer."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from lineproof.errors import CommandError, UnknownReferenceError
from lineproof.model.entries import EntryType

pytestmark = pytest.mark.both_stores

_spec = importlib.util.spec_from_file_location("world", Path(__file__).with_name("world.py"))
world = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(world)


@pytest.fixture
def built(tmp_path, store):
    return world.World(tmp_path, store)


def result(check, control):
    (found,) = [one for one in check.results if one.control == control]
    return found


def test_without_a_stated_system_nothing_passes(built):
    check = built.pipeline().ledger.check()
    assert check.summary["pass"] == 0
    assert result(check, "SOX-CM-1").subject == "ledger"
    assert result(check, "SOX-CM-1").result == "unknown"
    assert "system set" in result(check, "SOX-CM-1").remedy


def test_an_unstated_flag_says_which_command_states_it(built):
    found = result(built.pipeline().system().ledger.check(), "GDPR-6-1")
    assert found.remedy == "State it: `lineproof system set lending --gdpr-role ...`."


def test_a_waiver_turns_a_failure_into_waived_and_both_are_told(built):
    built.pipeline().system(sox_scope=True).deploy()
    assert result(built.ledger.check(), "SOX-CM-1").result == "fail"
    built.ledger.waive("SOX-CM-1", "system:lending", reason="first release", expires="2999-01-31")
    found = result(built.ledger.check(), "SOX-CM-1")
    assert found.result == "waived"
    assert "first release" in found.reason
    assert "It fails: nobody approved" in found.reason
    assert not found.is_finding
    after = built.ledger.check(at="2999-02-01T00:00:00Z")
    assert result(after, "SOX-CM-1").result == "fail"


def test_a_waiver_does_not_make_unknown_known(built):
    built.pipeline().system()
    built.ledger.waive("SOX-CM-1", "system:lending", reason="we think it is fine", expires="2999-01-31")
    assert result(built.ledger.check(), "SOX-CM-1").result == "unknown"


def test_the_same_entry_and_moment_give_the_same_answer_whatever_came_after(built):
    built.pipeline().system(sox_scope=True, gdpr_role="controller").deploy()
    entry = built.stored.size() - 1
    moment = "2026-12-01T00:00:00.000000Z"
    before = built.ledger.check(as_of=entry, at=moment)
    built.approve().tagged("PII").purpose().basis().retention("*", most=3)
    assert built.ledger.check(as_of=entry, at=moment) == before
    assert built.ledger.check(at=moment) != before


def test_results_are_entries_that_name_what_they_rest_on(built):
    built.pipeline().system(sox_scope=True).deploy()
    check = built.ledger.check(framework="sox")
    entries = built.ledger.record_check(check)
    recorded = [json.loads(built.stored.entry(entry).payload) for entry in entries]
    assert {one.type for one in built.stored.entries(entries[0])} == {EntryType.CONTROL_RESULT}
    assert [one["control"] for one in recorded] == [one.control for one in check.results]
    assert recorded[0]["as_of"] == check.as_of
    assert recorded[0]["evidence"]
    assert built.ledger.verify().ok


def test_one_framework_or_one_system_can_be_asked_for(built):
    built.pipeline().system(sox_scope=True)
    check = built.ledger.check(framework="SOX", system="lending")
    assert {one.framework for one in check.results} == {"SOX"}
    with pytest.raises(CommandError, match="no framework"):
        built.ledger.check(framework="ISO")
    with pytest.raises(UnknownReferenceError, match="lending"):
        built.ledger.check(system="leasing")


def test_a_tag_that_reaches_a_feature_makes_the_training_run_personal(built):
    built.pipeline().system(gdpr_role="controller").tagged("PII").purpose()
    found = result(built.ledger.check(), "GDPR-6-1")
    jobs = {item.reason for item in found.items if item.result == "fail"}
    assert len([item for item in found.items if item.ref.startswith("run:")]) == 2  # prepare and train
    assert jobs


def test_a_destroyed_approval_is_unknown_not_missing(built):
    built.pipeline().system(sox_scope=True).approve()
    approval = built.stored.size() - 1
    built.deploy()
    built.stored.destroy_payload(approval, "named a person")
    found = result(built.ledger.check(), "SOX-CM-1")
    assert found.result in ("unknown", "fail")
    assert found.result != "pass"


def test_a_cycle_from_foreign_events_ends(built):
    built.pipeline().system(gdpr_role="controller", sox_scope=True)
    story = world.story
    credit = story.dataset(story.CREDIT, type_="MODEL")
    built.story.event("loop.py", "COMPLETE", inputs=[credit], outputs=[story.dataset(story.PATIENTS)])
    assert built.ledger.check().results


def test_what_the_classifier_found_ends_not_knowing(built):
    built.pipeline().system(gdpr_role="controller").purpose()
    assert result(built.ledger.check(), "GDPR-6-1").result == "unknown"
    built.looked_at()
    assert result(built.ledger.check(), "GDPR-6-1").result == "not_applicable"
    built.looked_at(birth_date=["PII", "BIRTH_DATE"])
    found = result(built.ledger.check(), "GDPR-6-1")
    assert found.result == "fail"  # personal data on no lawful basis, and the entry that says it is personal
    assert built.ledger.check().as_of - 2 in found.evidence
    built.basis()
    assert result(built.ledger.check(), "GDPR-6-1").result == "pass"
