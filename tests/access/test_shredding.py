"""Promises about destruction by two people, legal holds, and retention, as people meet them."""

from __future__ import annotations

import json

import pytest

from lineproof.errors import CommandError, HeldError, NotAllowedError, UnknownReferenceError, UsageError
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.statements import Purpose, Retention
from lineproof.store import NewEntry

BIRTH = "12 May 1970"


@pytest.fixture
def predicted(ledger) -> list[int]:
    """Entries of predictions about three people."""
    body = {
        "segment": uuid7(),
        "model_name": "credit",
        "ids": ["1", "2", "3"],
        "subject_space": "patients",
        "outputs": {"score": [0.1, 0.2, 0.3]},
        "time": now(),
    }
    item = NewEntry(EntryType.PREDICTION_SEGMENT, json.dumps(body).encode())
    first = ledger.stored.append([item]).first
    return [first, first + 1, first + 2]


def policy(ledger, name: str, *covers: str, **more) -> int:
    return ledger.state(Retention(name=name, covers=covers, time=now(), **more))


def gone(ledger, *entries: int) -> list[bool]:
    return [ledger.stored.entry(number).payload is None for number in entries]


def test_one_person_asks_and_another_confirms_and_the_log_keeps_both(ledger):
    number = ledger.state(Purpose(name="x", description=BIRTH, time=now()), acting_as="ada")
    asked = ledger.shred(f"entry:{number}", reason="a birthday", acting_as="ada")
    assert (asked.state, gone(ledger, number)) == ("asked", [False])
    done = ledger.shred(f"entry:{number}", reason="seen", acting_as="bob")
    assert (done.state, done.asked, done.entries) == ("destroyed", asked.entry, (number,))
    assert gone(ledger, number) == [True]
    said = [json.loads(ledger.stored.entry(one).payload) for one in (asked.entry, done.entry)]
    assert [(one.get("action"), one["reason"]) for one in said] == [("asked", "a birthday"), (None, "seen")]
    assert ledger.show(f"entry:{number}").state == "shredded"
    assert ledger.verify().ok


def test_whoever_asked_cannot_confirm_and_the_attempt_is_recorded(ledger):
    number = ledger.state(Purpose(name="x", description=BIRTH, time=now()))
    ledger.shred(f"entry:{number}", reason="a birthday", acting_as="ada")
    with pytest.raises(NotAllowedError) as caught:
        ledger.shred(f"entry:{number}", reason="again", acting_as="ada")
    assert caught.value.exit_code == 4
    assert gone(ledger, number) == [False]
    assert [one.summary for one in ledger.events()][-1] == f"shred entry:{number}: refused"


def test_what_was_carried_out_is_asked_for_anew(ledger, predicted):
    ledger.shred("subject:patients/1", reason="request", acting_as="ada")
    ledger.shred("subject:patients/1", reason="request", acting_as="bob")
    with pytest.raises(UnknownReferenceError, match="nothing is encrypted"):
        ledger.shred("subject:patients/1", reason="request", acting_as="bob")
    with pytest.raises(UsageError, match="already"):
        ledger.shred(f"entry:{predicted[0]}", reason="request", acting_as="bob")
    assert ledger.shred("subject:patients/2", reason="request", acting_as="bob").state == "asked"


def test_a_person_is_destroyed_under_any_form_of_their_identifier(ledger, predicted):
    ledger.link_subjects("mails/a@b", "patients/2")
    assert ledger.shred("subject:patients/2.0", reason="request", acting_as="ada").state == "asked"
    done = ledger.shred("subject:mails/a@b", reason="request", acting_as="bob")
    assert (done.state, done.entries) == ("destroyed", (predicted[1],))
    assert all("a@b" not in str(ledger.stored.entry(one.entry).payload) for one in ledger.events())


@pytest.mark.parametrize("reference", ["model:credit@1", "entry:x", "subject:1", "entry:999"])
def test_what_cannot_be_destroyed_is_refused(ledger, reference):
    with pytest.raises(UsageError):
        ledger.shred(reference, reason="x")
    with pytest.raises(CommandError, match="reason"):
        ledger.shred("entry:2", reason=" ")


def test_a_hold_stops_asking_confirming_and_retention_and_says_so(ledger, predicted):
    ledger.shred("subject:patients/1", reason="request", acting_as="ada")
    ledger.add_hold("case 7", subjects=["patients/1", "patients/99"], reason="claim")
    for reference in ("subject:patients/1", f"entry:{predicted[0]}"):
        with pytest.raises(HeldError, match="case 7"):
            ledger.shred(reference, reason="request", acting_as="bob")
    policy(ledger, "short", "predictions", max_age_days=0)
    found = ledger.run_retention().policies[0]
    assert [(one.entry, one.hold) for one in found.held] == [(predicted[0], "case 7")]
    assert gone(ledger, *predicted) == [False, True, True]
    ledger.release_hold("case 7", reason="settled")
    assert ledger.holds() == []
    assert ledger.shred("subject:patients/1", reason="request", acting_as="bob").state == "destroyed"


def test_a_hold_names_people_by_random_references_alone(ledger):
    number = ledger.add_hold("case 7", subjects=["patients/ada@example.org"], reason="claim")
    assert "ada" not in ledger.stored.entry(number).payload.decode()
    assert len(ledger.holds()[0].subjects) == 1


def test_a_hold_must_say_what_and_why(ledger):
    for wrong in (
        {"reason": "x"},
        {"reason": " ", "everything": True},
        {"reason": "x", "kinds": ["letters"]},
        {"reason": "x", "entries": ["entry:9999"]},
        {"reason": "x", "entries": ["model:credit"]},
    ):
        with pytest.raises(UsageError):
            ledger.add_hold("case", **wrong)
    ledger.add_hold("case", reason="x", everything=True)
    with pytest.raises(CommandError, match="already"):
        ledger.add_hold("case", reason="x", everything=True)
    with pytest.raises(UnknownReferenceError):
        ledger.release_hold("other", reason="x")


def test_retention_destroys_what_has_had_its_time_and_leaves_the_headers(ledger, predicted):
    policy(ledger, "short", "predictions", max_age_days=0, legal_ground="AI Act Art. 19")
    dry = ledger.run_retention(dry_run=True)
    assert (dry.destroyed, dry.policies[0].entries[1:]) == (0, tuple(predicted))
    assert gone(ledger, *predicted) == [False] * 3
    done = ledger.run_retention()
    assert done.destroyed == 4  # with one about nobody
    shown = ledger.show(f"entry:{predicted[0]}")
    assert shown.state == "shredded"
    assert shown.reason == "retention short: older than 0 days (AI Act Art. 19)"
    assert shown.leaf["type"] == "prediction.segment"
    assert ledger.verify().ok
    assert ledger.run_retention().destroyed == 0


@pytest.mark.parametrize(
    ("policies", "destroyed"),
    [
        ([("p", ["predictions"], {"max_age_days": 1})], 0),
        ([("p", ["prediction.segment"], {"max_age_days": 0, "action": "review"})], 0),
        ([("p", ["predictions"], {"max_age_days": 0}), ("long", ["predictions"], {"min_age_days": 9})], 0),
        ([("p", ["predictions"], {"max_age_days": 0}), ("all", ["ledger"], {"min_age_days": 9})], 4),
        ([("p", ["predictions"], {"max_age_days": 0}), ("p", ["predictions"], {"max_age_days": 9})], 0),
        ([("p", ["kind:prediction.segment", "patients.csv"], {"max_age_days": 0})], 4),
    ],
)
def test_of_several_policies_the_longer_minimum_and_the_closer_one_hold(
    ledger, predicted, policies, destroyed
):
    for name, covers, more in policies:
        policy(ledger, name, *covers, **more)
    assert ledger.run_retention().destroyed == destroyed


def test_a_policy_over_the_whole_ledger_leaves_what_the_log_rests_on(ledger):
    policy(ledger, "all", "ledger", max_age_days=0)
    ledger.add_hold("small", kinds=["approval"], reason="x")
    ledger.run_retention()
    left = {one.type for one in ledger.events() if not gone(ledger, one.entry)[0]}
    assert left <= {"key", "grant", "retention", "hold", "shred", "approval"}
    assert ledger.verify().ok


def test_a_policy_over_data_elsewhere_is_named_not_carried_out(ledger):
    policy(ledger, "files", "patients.csv", max_age_days=0)
    found = ledger.run_retention()
    assert (found.destroyed, found.policies[0].elsewhere) == (0, ("patients.csv",))
