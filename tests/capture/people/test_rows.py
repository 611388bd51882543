"""Whose rows a table has: exact where rows are followed, and nothing claimed where they are not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import lineproof
from lineproof.capture.people import people_of
from lineproof.capture.people.declared import declared
from lineproof.capture.people.side import side_of
from lineproof.model.people import PeopleOf, SetOfPeople, forms_of, open_side, set_of_people, side_key
from lineproof.model.subjects import SUBJECTS_KEY, Subject, SubjectHash

KEY = "ab" * 32


@pytest.fixture
def people(recording, loan):
    """The declared frame, and what is known of the people in a table."""
    keys = recording.root / ".lineproof" / "keys"
    keys.mkdir()
    (keys / SUBJECTS_KEY).write_text(KEY)
    frame = lineproof.declare(loan, subject="id", subject_space="borrowers")
    yield frame
    declared().clear()


def known(recording, obj):
    found = people_of(recording.session, obj)
    return None if found is None else found.sets[0].set


def those(ids):
    hashing = SubjectHash.parse(KEY)
    people = (forms_of(Subject.of("borrowers", one)) for one in ids)
    return set_of_people("borrowers", (tuple(map(hashing.of, forms)) for forms in people)).id


KEPT = {
    "all": lambda f: f,
    "filter": lambda f: f[f["age"] > 40],
    "columns": lambda f: f[f["age"] > 40][["age", "income"]],
    "series": lambda f: f[f["age"] > 40]["bad"],
    "loc": lambda f: f.loc[f["age"] > 40, ["age"]],
    "iloc": lambda f: f.iloc[2:5][["age"]],
    "query": lambda f: f.query("age > 40")[["age"]],
    "head": lambda f: f.head(3)[["age"]],
    "sorted": lambda f: f.sort_values("age")[["age"]].head(4),
    "sample": lambda f: f.sample(5, random_state=1)[["age"]],
    "dropna": lambda f: f.dropna()[["age"]],
    "assigned": lambda f: f[f["age"] > 40].assign(x=lambda d: d["age"] * 2)[["x"]],
    "in place": lambda f: f[["age"]].rename(columns={"age": "years"}),
    "astype": lambda f: f[["age"]].astype(float).tail(2),
    "drop": lambda f: f.drop(columns="id").drop(index=[0, 1]),
    "array": lambda f: f[f["age"] > 40][["age"]].to_numpy(),
    "split": lambda f: train_test_split(f[["age"]], test_size=0.4, random_state=1)[0],
    "scaled": lambda f: StandardScaler().fit_transform(f[f["age"] > 40][["age", "id"]]),
    "merged": lambda f: f[["id", "age"]].merge(f[["id", "bad"]].head(4), on="id"),
    "grouped": lambda f: f[f["age"] > 40].groupby("id", as_index=False).agg({"age": "sum"}),
    "concatenated": lambda f: pd.concat([f.head(2), f.tail(2)], ignore_index=True),
}
ROWS = {
    "merged": lambda f: f["id"].head(4),
    "concatenated": lambda f: f["id"].iloc[[0, 1, -2, -1]],
    "iloc": lambda f: f["id"].iloc[2:5],
    "head": lambda f: f["id"].head(3),
    "sorted": lambda f: f.sort_values("age")["id"].head(4),
    "sample": lambda f: f.sample(5, random_state=1)["id"],
    "dropna": lambda f: f.dropna()["id"],
    "astype": lambda f: f["id"].tail(2),
    "drop": lambda f: f["id"].iloc[2:],
    "split": lambda f: train_test_split(f, test_size=0.4, random_state=1)[0]["id"],
    **dict.fromkeys(("all", "in place"), lambda f: f["id"]),
}


@pytest.mark.parametrize("case", KEPT)
def test_rows_are_followed(recording, people, case):
    expected = ROWS.get(case, lambda f: f.loc[f["age"] > 40, "id"])(people)
    assert known(recording, KEPT[case](people)) == those(expected)


NOT_FOLLOWED = {
    "new labels": lambda f: f[f["age"] > 40].reset_index(drop=True)[["age"]],
    "labels set by hand": lambda f: _relabelled(f[f["age"] > 40][["age"]]),
    "an aggregate over others": lambda f: f.groupby("job")["income"].mean().reset_index(),
    "identifiers computed with": lambda f: f.assign(id=f["id"] * 2).reset_index(drop=True)[["id"]],
    "identifiers shifted": lambda f: f.assign(id=f["id"].shift()).reset_index(drop=True)[["id"]],
    "a slice of an array": lambda f: f[["age"]].to_numpy()[:3],
    "sorted under new labels": lambda f: f[f["age"] > 40].sort_values("age", ignore_index=True)[["age"]],
    "emptied under new labels": lambda f: f[f["age"] > 40].dropna(ignore_index=True)[["age"]],
    "repeats left out under new labels": lambda f: f[f["age"] > 40].drop_duplicates(ignore_index=True)[
        ["age"]
    ],
    "sampled under new labels": lambda f: f[f["age"] > 40].sample(3, ignore_index=True)[["age"]],
    "sampled under new labels, by position": lambda f: f.tail(5).sample(3, None, False, None, 1, None, True)[
        ["age"]
    ],
    "labels renamed": lambda f: f.tail(2).rename(index={10: 0, 11: 1})[["age"]],
    "one row": lambda f: f.rename(columns={"age": 0}).loc[3],
    "identifiers made truth values": lambda f: f.astype({"id": bool}).reset_index(drop=True)[["id"]],
    "rows of nobody from a join": lambda f: f[["id", "age"]].merge(
        _OTHERS, left_on="id", right_on="pid", how="outer"
    ),
    "a transformer that makes new labels": lambda f: _new_labels().fit_transform(f[f["age"] > 40][["age"]]),
    "another table": lambda f: pd.DataFrame({"a": np.arange(3)}),
}


_OTHERS = pd.DataFrame({"pid": [1, 900], "x": [1, 2]})


def _new_labels():
    return FunctionTransformer(lambda frame: frame.reset_index(drop=True))


def _relabelled(frame):
    frame.index = range(len(frame))
    return frame


@pytest.mark.parametrize("case", NOT_FOLLOWED)
def test_nothing_is_claimed_where_rows_are_not_certain(recording, people, case):
    assert known(recording, NOT_FOLLOWED[case](people)) is None


def test_the_side_file_is_sealed_and_says_which_file_names_people(recording, people):
    known(recording, people.head(3))
    (path,) = (recording.root / ".lineproof" / "spool").glob("*.people")
    content = path.read_bytes()
    assert SubjectHash.parse(KEY).of(Subject.of("borrowers", 1)) not in content
    file, some = open_side(content, side_key(KEY))
    assert isinstance(file, PeopleOf)
    assert (file.name, file.column, file.space) == ("loan.csv", "id", "borrowers")
    assert isinstance(some, SetOfPeople)
    assert some.id == those([1, 2, 3])
    with pytest.raises(ValueError, match="does not open"):
        list(open_side(content, side_key("cd" * 32)))
    assert list(open_side(content[:-5], side_key(KEY))) == [file]


def test_what_is_written_and_fitted_says_whose_rows_it_has(recording, people):
    people[people["age"] > 40].to_csv("old.csv", index=False)
    outputs = [one for event in recording.events() for one in event.get("outputs", ())]
    written = next(
        one for one in outputs if one["name"] == "old.csv" and "lineproof_subjects" in one["facets"]
    )
    (kept,) = written["facets"]["lineproof_subjects"]["sets"]
    assert kept == {
        "set": those(people.loc[people["age"] > 40, "id"]),
        "space": "borrowers",
        "people": 6,
        "column": "id",
    }


def test_without_a_key_for_people_the_program_runs_as_ever(recording, loan):
    assert side_of(recording.session) is None
    assert lineproof.declare(loan, subject="id") is loan
    assert known(recording, loan) is None
    assert any("are not followed" in gap for gap in recording.coverage.gaps)


@pytest.mark.parametrize(
    ("ids", "space"),
    [
        (lambda f: f["id"], "borrowers"),
        (lambda f: f[f["age"] > 40]["id"], "borrowers"),
        (lambda f: f["id"] + 1, None),
        (lambda f: f["id"].tolist(), None),
        (lambda f: [f"p{number}" for number in range(len(f))], None),
    ],
)
def test_predictions_say_whose_they_are_where_their_ids_are_the_declared_ones(recording, people, ids, space):
    given = ids(people)
    lineproof.log_predictions("credit", ids=given, outputs=[0.5] * len(given))
    (segment,) = recording.entries("prediction.segment")
    assert segment.get("subject_space") == space
