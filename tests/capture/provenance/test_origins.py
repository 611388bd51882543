"""`origins` and `declare`: what a program may ask and say about its data."""

import numpy as np
import pandas as pd
import pytest

import lineproof
from lineproof.errors import CaptureUsageError
from lineproof.model.lineage import ColumnRef, How, Precision


def test_the_columns_of_a_frame_a_series_an_array_and_a_model_are_answered(recording, loan):
    from sklearn.linear_model import LinearRegression

    found = lineproof.origins(loan[["age"]].assign(twice=loan["debt"] * 2))
    assert list(found) == ["age", "twice"]
    assert found["twice"].direct == {ColumnRef("loan.csv", "debt")}
    assert lineproof.origins(loan["age"])["age"].direct == {ColumnRef("loan.csv", "age")}
    assert lineproof.origins(loan["age"].to_numpy())["0"].direct == {ColumnRef("loan.csv", "age")}
    model = LinearRegression().fit(loan[["id"]], loan["bad"])
    assert lineproof.origins(model)["id"].direct == {ColumnRef("loan.csv", "id")}


def test_values_from_nowhere_are_unknown_and_name_all_that_is_in_scope(recording):
    (recording.root / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (recording.root / "v.json").write_text("[1.5]", encoding="utf-8")
    made = recording.script(
        """
import json, pathlib
import pandas as pd
t = pd.read_csv("t.csv")
values = json.loads(pathlib.Path("v.json").read_text())
out = pd.DataFrame({"x": values, "y": t["a"]})
"""
    )["out"]
    found = lineproof.origins(made)
    assert found["x"].precision is Precision.UNKNOWN
    assert found["x"].direct == {ColumnRef("t.csv", "a"), ColumnRef("t.csv", "b")}
    assert found["y"].precision is Precision.EXACT


def test_what_is_not_tabular_is_refused(recording):
    with pytest.raises(CaptureUsageError, match="has no columns"):
        lineproof.origins(object())


def test_data_from_nowhere_becomes_the_declared_dataset(recording):
    data = lineproof.declare(
        pd.DataFrame({"name": ["x"], "born": ["y"]}), dataset="register", source={"licence": "CC0-1.0"}
    )
    assert lineproof.origins(data)["born"].direct == {ColumnRef("register", "born")}
    assert lineproof.origins(data)["born"].how is How.DECLARED
    (event,) = [event for event in recording.events() if event["inputs"]]
    facet = event["inputs"][0]["facets"]["lineproof_source"]
    assert facet["licence"] == "CC0-1.0"


def test_a_declaration_of_file_data_names_the_file(recording, loan):
    returned = lineproof.declare(loan, dataset="loans", subject="id", purpose="scoring")
    assert returned is loan
    described = recording.events()[-1]["inputs"][0]
    assert described["name"] == "loan.csv"
    assert described["facets"]["lineproof_source"]["subject"] == "id"
    assert described["facets"]["symlinks"]["identifiers"][0]["name"] == "loans"


@pytest.mark.parametrize(
    "wrong", [{"source": {"colour": "red"}}, {"subject": "shoe"}, {"tags": {"shoe": ["PII"]}}]
)
def test_a_declaration_about_what_is_not_there_is_refused(recording, loan, wrong):
    with pytest.raises(CaptureUsageError):
        lineproof.declare(loan, **wrong)


def test_literals_have_no_sources_and_are_exact(recording):
    found = lineproof.origins(pd.DataFrame({"a": [1, 2], "b": np.zeros(2)}))
    assert {(origin.direct, origin.precision) for origin in found.values()} == {
        (frozenset(), Precision.EXACT)
    }


def test_arrays_that_no_hook_saw_are_followed_into_a_fit(recording):
    (recording.root / "t.csv").write_text("a,b,y\n1,2,3\n3,4,1\n5,5,2\n", encoding="utf-8")
    model = recording.script(
        """
import pandas as pd
from sklearn.linear_model import LinearRegression
t = pd.read_csv("t.csv")
x = t[["a", "b"]].values * 2
model = LinearRegression().fit(x, [y + 1 for y in t["y"]])
"""
    )["model"]
    found = lineproof.origins(model)
    assert [found[name].direct for name in ("x0", "x1")] == [
        {ColumnRef("t.csv", "a")},
        {ColumnRef("t.csv", "b")},
    ]
    assert {origin.precision for origin in found.values()} == {Precision.SUPERSET}
