"""What an explanation of a prediction tells, and what it says that it does not know."""

from __future__ import annotations

import msgspec
import pytest

from lineproof import questions
from lineproof.errors import CommandError, UnknownReferenceError
from lineproof.graph import open_ledger
from lineproof.model.entries import EntryType, PredictionSegment
from lineproof.model.identity import uuid7
from lineproof.model.statements import Approval, ControlResult, Deployment, System, Tag
from lineproof.store import NewEntry

pytestmark = pytest.mark.both_stores

NOW = "2026-02-01T00:00:00.000000Z"  # before the predictions of the story
LATER = "2027-02-01T00:00:00.000000Z"


def named(items, key="name"):
    return {getattr(one, key): one for one in items}


def unknown(answer, text):
    return [line for line in answer.unknown if text in line]


@pytest.fixture
def told(stored, story_text):
    """A story of its own, for tests that add to it."""
    return story_text.tell(stored)


@pytest.fixture
def asked(told):
    return questions.open_ledger(told.ledger.folder)


@pytest.fixture
def fresh(stored, story_text):
    """A ledger in which nothing is told yet."""
    return story_text.Story(stored)


@pytest.fixture
def asked_of():
    return lambda story: questions.open_ledger(story.ledger.folder)


def state(story, statement, who=None):
    kinds = {
        Approval: EntryType.APPROVAL,
        ControlResult: EntryType.CONTROL_RESULT,
        Deployment: EntryType.DEPLOYMENT,
        System: EntryType.SYSTEM,
        Tag: EntryType.TAG,
    }
    new = NewEntry(kinds[type(statement)], msgspec.json.encode(statement))
    return story.ledger.append([new], acting_as=who).first


def segment(**changes):
    body = {
        "segment": uuid7(),
        "model_name": "credit",
        "ids": ["x1"],
        "outputs": {"score": [1.0]},
        "time": "2026-03-02T00:00:00.000000Z",
    }
    return PredictionSegment(**body | changes)


def predict(story, **changes):
    return story.append(EntryType.PREDICTION_SEGMENT, segment(**changes))


# What it tells


def test_output_threshold_time_and_entry_are_those_that_were_recorded(ledger, story):
    answer = ledger.explain("prediction:4711")
    assert answer.prediction.ref == "prediction:credit@1/4711"
    assert answer.prediction.output == {"score": 0.25}
    assert answer.post_processing == {"threshold": 0.5}
    assert [(one.name, one.value, one.of) for one in answer.thresholds] == [
        ("threshold", 0.5, "post_processing")
    ]
    assert ledger.show(f"entry:{answer.prediction.entry}").leaf["type"] == "prediction.segment"


def test_each_feature_goes_back_to_raw_columns_for_its_value_and_for_what_was_learnt(ledger):
    features = named(ledger.explain("prediction:4711").features)
    assert list(features) == ["age", "radius"]
    assert features["age"].value == 40
    assert features["age"].used
    assert [(one.ref, one.kind) for one in features["age"].origins] == [
        ("column:file::data/batch.csv#age@v1", "DIRECT")
    ]
    learnt = {(one.ref, one.kind) for one in features["age"].trained_on}
    assert ("column:file::data/patients.csv#birth_date@v1", "DIRECT") in learnt
    assert ("column:file::data/patients.csv#id@v1", "INDIRECT") in learnt


def test_the_way_from_a_raw_column_to_a_feature_is_named(ledger):
    features = named(ledger.explain("prediction:4711").features)
    birth = named(features["age"].trained_on)["birth_date"]
    assert birth.path[:2] == (
        "column:memory::prepare.py:20/write#age@v1",
        "column:file::data/clean.csv#age@v1",
    )
    assert (birth.how, birth.precision) == ("observed", "exact")


def test_both_runs_the_training_data_and_the_search_are_named(ledger, story):
    answer = ledger.explain("prediction:4711")
    assert answer.run.training.ref == f"run:{story.runs['train.py']}"
    assert answer.run.prediction.ref == f"run:{story.runs['score.py']}"
    assert [one.content for one in answer.model.training_data] == ["frame0:" + "22" * 16]
    (decision,) = answer.decisions
    assert (decision.kind, decision.during, len(decision.candidates)) == (
        "hyperparameter_search",
        "training",
        2,
    )
    assert decision.chosen == {"C": 0.5}


def test_the_model_is_given_by_name_number_and_digest(ledger):
    model = ledger.explain("prediction:4711").model
    assert (model.ref, model.digest) == ("model:credit@1", "sha256:" + "f6" * 32)


def test_datasets_say_what_they_went_into_and_which_are_the_ends(ledger):
    datasets = named(ledger.explain("prediction:4711").datasets, "ref")
    assert datasets["dataset:file::data/patients.csv@v1"].end
    assert datasets["dataset:file::data/patients.csv@v1"].during == "training"
    assert datasets["dataset:file::data/batch.csv@v1"].during == "prediction"
    assert not datasets["dataset:file::data/clean.csv@v1"].end
    assert not any("memory" in ref or "model:" in ref for ref in datasets)


def test_stated_sources_are_told_and_missing_ones_are_unknown(told, asked):
    before = asked.explain("prediction:4711")
    assert "patients.csv" in unknown(before, "nobody stated a source")[0]
    from lineproof.access import set_source
    from lineproof.model.facets import Source

    set_source(told.ledger, "dataset:patients", Source(origin="register", licence="none"))
    answer = asked.explain("prediction:4711")
    patients = named(answer.datasets, "ref")["dataset:file::data/patients.csv@v1"]
    assert patients.source == {"origin": "register", "licence": "none"}
    assert patients.source_entries
    assert "patients.csv" not in unknown(answer, "nobody stated a source")[0]


# What was in force


def deployment(story_text, version, env="prod", time=NOW, action="deploy"):
    return Deployment(
        deployment=uuid7(),
        model_name="credit",
        model_version=version,
        env=env,
        action=action,
        time=time,
    )


def test_the_deployment_in_force_is_the_one_at_the_time_of_the_prediction(told, asked, story_text):
    other = ("model", "credit", "sha256:" + "77" * 32)
    told.train(credit=other, run="again")
    state(told, deployment(story_text, other[2], time="2026-01-01T00:00:00.000000Z"))
    entry = state(told, deployment(story_text, story_text.CREDIT[2]))
    state(told, deployment(story_text, other[2], time=LATER))
    (then,) = asked.explain("prediction:4711").model.deployments
    assert (then.env, then.model, then.this_version, then.entry) == ("prod", "model:credit@1", True, entry)


def test_a_version_that_was_not_deployed_raises_the_question_why_it_predicted(told, asked, story_text):
    other = ("model", "credit", "sha256:" + "77" * 32)
    told.train(credit=other, run="again")
    state(told, deployment(story_text, other[2]))
    answer = asked.explain("prediction:4711")
    assert not answer.model.deployments[0].this_version
    assert unknown(answer, "what was deployed then is model:credit@2 in prod")


def test_an_approval_names_who_gave_it_that_it_is_self_asserted_and_whether_it_came_in_time(
    told, asked, story_text
):
    def approval(time):
        return Approval(approval=uuid7(), model_name="credit", model_version=story_text.CREDIT[2], time=time)

    state(told, approval(LATER), who="late")
    assert unknown(asked.explain("prediction:4711"), "no approval is recorded by the time")
    state(told, approval(NOW), who="anna")
    answer = asked.explain("prediction:4711")
    assert [(one.by.name, one.before_prediction) for one in answer.approvals] == [
        ("late", False),
        ("anna", True),
    ]
    assert unknown(answer, "self-asserted")
    assert not unknown(answer, "no approval")


def control(result, evaluated_at, subject="system:lending"):
    return ControlResult(
        control="GDPR-05",
        framework="GDPR",
        clause="Art. 5",
        catalogue="1",
        evaluator="0.1.0",
        as_of=1,
        evaluated_at=evaluated_at,
        subject=subject,
        result=result,
        severity="high",
        time=LATER,
    )


def test_controls_are_the_latest_results_for_a_moment_before_the_prediction(told, asked):
    assert unknown(asked.explain("prediction:4711"), "which controls held")
    state(told, System(name="lending", models=("cred*",), time=NOW))
    state(told, control("fail", "2026-01-01T00:00:00.000000Z"))
    state(told, control("pass", "2026-02-01T00:00:00.000000Z"))
    state(told, control("fail", LATER))
    state(told, control("fail", NOW, subject="system:other"))
    answer = asked.explain("prediction:4711")
    assert [(one.control, one.result) for one in answer.controls] == [("GDPR-05", "pass")]
    assert answer.model.systems == ["lending"]


# Values


def test_a_personal_value_is_withheld_and_the_others_are_shown(told, asked):
    state(told, Tag(namespace="file", dataset="data/batch.csv", column="age", tags=("PII",), time=NOW))
    features = named(asked.explain("prediction:4711").features)
    assert features["age"].value is msgspec.UNSET
    assert features["age"].withheld == "personal: PII"
    assert features["age"].tags == ["PII"]
    assert features["radius"].value == 1.0
    assert b"40" not in msgspec.json.encode(features["age"])


def test_a_value_is_withheld_when_the_model_learnt_it_from_a_personal_column(told, asked):
    state(
        told, Tag(namespace="file", dataset="data/patients.csv", column="birth_date", tags=("PHI",), time=NOW)
    )
    features = named(asked.explain("prediction:4711").features)
    assert features["age"].withheld == "personal: PHI"
    assert named(features["age"].trained_on)["birth_date"].tags == ("PHI",)


def test_personal_values_are_given_on_request_and_the_access_is_recorded_first(told, asked):
    state(told, Tag(namespace="file", dataset="data/batch.csv", column="age", tags=("PII",), time=NOW))
    answer = asked.explain("prediction:4711", values=True, reason="complaint 7", acting_as="dpo")
    assert named(answer.features)["age"].value == 40
    last = list(asked.events())[-1]
    assert (last.type, last.entry) == ("access", answer.as_of + 2)  # after the grant of the name
    assert asked.show(f"entry:{last.entry}").payload["resource"] == "prediction:credit@1/4711"
    assert asked.show(f"entry:{last.entry}").payload["reason"] == "complaint 7"


def test_nothing_is_recorded_where_nothing_was_withheld(asked):
    before = len(list(asked.events()))
    asked.explain("prediction:4711", values=True)
    assert len(list(asked.events())) == before


def test_a_value_of_unknown_origin_is_withheld_too(told, asked):
    predict(told, inputs={"age": [40]}, model_version="sha256:" + "f6" * 32, ids=["x2"])
    features = named(asked.explain("prediction:x2").features)
    # The model learnt `age` from known columns, yet nobody knows what this value is.
    assert features["age"].value is msgspec.UNSET
    assert "origins are not known" in features["age"].withheld


# What is unknown


def test_a_prediction_of_a_model_that_was_never_registered_is_explained_as_far_as_it_goes(told, asked):
    predict(told, inputs={"age": [40]}, run=told.runs["predict"])
    answer = asked.explain("prediction:x1")
    assert answer.model.ref is None
    assert answer.model.name == "credit"
    assert answer.run.prediction.ref == f"run:{told.runs['score.py']}"
    assert unknown(answer, "never registered")


def test_a_model_content_that_no_run_made_has_no_recorded_training(told, asked, story_text):
    foreign = ("model", "bought", "sha256:" + "99" * 32)
    told.event("use.py", "RUNNING", inputs=[story_text.dataset(foreign, type_="MODEL", columns=["age"])])
    predict(told, model_name="bought", model_version=foreign[2])
    answer = asked.explain("prediction:x1")
    assert answer.run.training is None
    assert unknown(answer, "how model:bought@1 was trained")
    assert unknown(answer, "inputs") == ["the values that went in: the program did not keep its inputs"]
    (age,) = answer.features
    assert [one.sources for one in age.trained_on] == ["unknown"]


def test_a_model_that_was_never_saved_is_known_by_the_run_that_fitted_it(told, asked):
    fit = told.runs["train.py/fit"]
    predict(
        told,
        model_namespace="memory",
        model_name="train.py:10/LogisticRegression",
        model_version=f"run:{fit}",
    )
    answer = asked.explain("prediction:x1")
    assert answer.run.training.ref == f"run:{told.runs['train.py']}"
    assert answer.model.digest == f"run:{fit}"
    assert unknown(answer, "never saved")


def test_a_content_that_nothing_else_names_is_no_registered_model(told, asked):
    predict(told, model_version="sha256:" + "55" * 32)
    answer = asked.explain("prediction:x1")
    assert answer.model.ref is None
    assert answer.model.digest == "sha256:" + "55" * 32
    assert asked.show("prediction:x1").output == {"score": 1.0}


def test_a_destroyed_segment_is_unknown_and_says_which_entry_destroyed_it(told, asked):
    entry = predict(told, model_version="sha256:" + "f6" * 32)
    by = told.ledger.destroy_payload(entry, "request 17")
    with pytest.raises(UnknownReferenceError, match=f"unknown .* entry:{entry} destroyed by entry {by}"):
        asked.explain("prediction:x1")


def test_a_destroyed_event_is_said_to_be_missing(told, asked):
    first = next(one for one in asked.events() if one.type == "lineage.event")
    by = told.ledger.destroy_payload(first.entry, "request 18")
    assert unknown(asked.explain("prediction:4711"), f"entry:{first.entry} destroyed by entry {by}")


def test_an_id_that_is_not_recorded_names_the_nearest(ledger):
    with pytest.raises(UnknownReferenceError, match="4711"):
        ledger.explain("prediction:4771")


def test_only_predictions_are_explained(ledger):
    with pytest.raises(CommandError, match="no prediction"):
        ledger.explain("model:credit")


def test_what_was_not_yet_true_or_known_is_not_told(ledger):
    with pytest.raises(UnknownReferenceError, match="after"):
        ledger.explain("prediction:4711", at="2026-01-01")
    with pytest.raises(UnknownReferenceError):
        ledger.explain("prediction:4711", as_of=3)


def test_lineage_in_a_circle_ends(told, asked, story_text):
    one, two = ("file", "one.csv", "sha256:1"), ("file", "two.csv", "sha256:2")
    for here, there in ((one, two), (two, one)):
        told.event(
            "circle",
            "RUNNING",
            inputs=[story_text.dataset(there)],
            outputs=[
                story_text.dataset(
                    here, columns=["x"], lineage={"x": story_text.sources(story_text.field(there, "x"))}
                )
            ],
        )
    told.event("child", "START", run="child")
    told.event("child", "START", run="loop", parent="child")
    told.event("child", "RUNNING", run="child", parent="loop")
    predict(
        told,
        inputs={"x": [1]},
        run=told.runs["child"],
        features_from=dict(zip(("namespace", "name", "version"), one, strict=True)),
    )
    answer = asked.explain("prediction:x1")
    assert {(one.name, one.sources) for one in answer.features[0].origins} == {("x", "circle")}
    assert unknown(answer, "circle")
    assert answer.features[0].withheld


def test_a_cap_that_cuts_lineage_is_said(told, asked, story_text):
    from lineproof.graph.explain import explain
    from lineproof.graph.view import view
    from lineproof.model.references import Reference

    with told.ledger.connection() as connection:
        answer = explain(connection, Reference.parse("prediction:4711"), view(connection), limit=3)
    assert not answer.complete
    assert answer.cut_at
    assert unknown(answer, "cap of 3")


def test_explaining_through_the_graph_alone_withholds_personal_values(told):
    state(told, Tag(namespace="file", dataset="data/batch.csv", tags=("PII",), time=NOW))
    answer = open_ledger(told.ledger.folder).explain("prediction:4711")
    assert all(one.withheld for one in answer.features)


def test_of_very_many_origins_the_first_are_listed_and_the_rest_is_counted(fresh, asked_of, story_text):
    wide = ("file", "wide.csv", "sha256:1")
    made = ("file", "made.csv", "sha256:2")
    columns = [f"c{number}" for number in range(60)]
    every = story_text.sources(*(story_text.field(wide, column) for column in columns))
    names = [f"f{number}" for number in range(1000)]
    fresh.event(
        "widen",
        "COMPLETE",
        inputs=[story_text.dataset(wide, columns=columns)],
        outputs=[story_text.dataset(made, columns=names, lineage=dict.fromkeys(names, every))],
    )
    features_from = dict(zip(("namespace", "name", "version"), made, strict=True))
    predict(fresh, inputs={name: [1] for name in names}, features_from=features_from)
    answer = asked_of(fresh).explain("prediction:x1")
    assert {(len(one.origins), one.origins_more) for one in answer.features} == {(20, 40)}
    assert unknown(answer, "only the first are listed")


def test_a_path_round_a_circle_still_leads_to_the_feature(fresh, asked_of, story_text):
    raw, one, two = (("file", f"{name}.csv", f"sha256:{name}") for name in ("raw", "one", "two"))
    flows = {one: (raw, two), two: (one,)}
    for here, above in flows.items():
        lineage = {"x": story_text.sources(*(story_text.field(source, "x") for source in above))}
        fresh.event(
            "circle",
            "RUNNING",
            inputs=[story_text.dataset(source) for source in above],
            outputs=[story_text.dataset(here, columns=["x"], lineage=lineage)],
        )
    predict(
        fresh, inputs={"x": [1]}, features_from=dict(zip(("namespace", "name", "version"), two, strict=True))
    )
    (x,) = asked_of(fresh).explain("prediction:x1").features
    assert [(origin.ref, origin.path) for origin in x.origins] == [
        ("column:file::raw.csv#x@v1", ("column:file::one.csv#x@v1",))
    ]
    assert x.value == 1
