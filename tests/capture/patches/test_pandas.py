"""pandas behaves as before while it is observed, and reads and writes are recorded."""

import inspect
import pickle
import time
import warnings

import numpy as np
import pandas as pd
import pytest

from lineproof.capture.provenance import table_of
from lineproof.capture.queries import expanded


@pytest.fixture
def visits(recording):
    (recording.root / "visits.csv").write_text(
        "pid,cost,days\n1,10.5,2\n2,20.0,\n3,5.0,1\n", encoding="utf-8"
    )
    return pd.read_csv("visits.csv")


def test_a_read_is_recorded_with_its_version_and_columns(recording, visits):
    (event,) = [event for event in recording.events() if event["inputs"]]
    dataset = event["inputs"][0]
    assert (dataset["namespace"], dataset["name"]) == ("file", "visits.csv")
    assert dataset["facets"]["version"]["datasetVersion"].startswith("sha256:")
    assert [field["name"] for field in dataset["facets"]["schema"]["fields"]] == ["pid", "cost", "days"]


@pytest.mark.parametrize("method", ["to_csv", "to_parquet", "to_json", "to_pickle", "to_feather"])
def test_a_write_is_recorded_with_the_columns_it_rests_on(recording, visits, method):
    visits["double"] = visits["cost"] * 2
    getattr(visits, method)("out.bin")
    outputs = {output["name"]: output for output in recording.events()[-1]["outputs"]}
    assert "out.bin" in outputs
    (memory,) = [output for output in outputs.values() if output["namespace"] == "memory"]
    sources = memory["facets"]["columnLineage"]["fields"]["double"]["inputFields"]
    assert [(each["name"], each["field"]) for each in sources] == [("visits.csv", "cost")]


@pytest.mark.parametrize(
    ("suffix", "read", "write"),
    [
        ("parquet", "read_parquet", "to_parquet"),
        ("pkl", "read_pickle", "to_pickle"),
        ("json", "read_json", "to_json"),
        ("feather", "read_feather", "to_feather"),
    ],
)
def test_columns_of_every_file_format_are_known(recording, visits, suffix, read, write):
    getattr(visits, write)(f"t.{suffix}")
    back = getattr(pd, read)(f"t.{suffix}")
    assert recording.origins(back)["cost"][0] == {"t.cost"}


def test_a_file_read_in_chunks_is_known(recording, visits):
    parts = list(pd.read_csv("visits.csv", chunksize=2))
    assert recording.origins(pd.concat(parts))["days"][0] == {"visits.days"}


def test_text_without_a_file_is_a_source_without_a_version(recording):
    import io

    table = table_of(pd.read_csv(io.StringIO("a\n1\n")))
    (source,) = table.columns["a"].direct
    assert (source.namespace, source.version) == ("memory", "unversioned")


def test_a_table_of_a_database_is_a_source(recording):
    import sqlite3

    connection = sqlite3.connect(":memory:")
    with connection:
        pd.DataFrame({"a": [1]}).to_sql("people", connection, index=False)
    found = pd.read_sql("select a from people", connection)
    connection.close()
    (source,) = expanded(table_of(found).columns["a"]).direct
    assert (source.name, source.column) == ("people", "a")


def test_wrapped_functions_look_like_their_originals(recording):
    assert inspect.signature(pd.DataFrame.merge).parameters["how"].default == "inner"
    assert pd.read_csv.__doc__.strip().startswith("Read a comma-separated values")
    assert pickle.loads(pickle.dumps(pd.concat)) is pd.concat
    assert pickle.loads(pickle.dumps(np.where)) is np.where
    assert isinstance(pd.DataFrame({"a": [1]}), pd.DataFrame)


def test_the_programs_own_exception_comes_through(recording, visits):
    with pytest.raises(KeyError, match="nothing"):
        visits["nothing"]
    with pytest.raises(ValueError, match="Length of values"):
        visits["short"] = [1]


def test_everything_is_as_before_after_the_recording(recording):
    recording.session.instrument.unwrap_all()
    assert not hasattr(pd.DataFrame.merge, "__lineproof__")
    assert not hasattr(pd.DataFrame.query, "__lineproof_inner__")
    assert isinstance(inspect.getattr_static(pd.DataFrame, "values"), property)


def test_variables_in_query_text_are_found_at_every_depth(recording, visits):
    limit = 6  # noqa: F841 -- named in the text below

    def dear(group):
        least = 6  # noqa: F841 -- named in the text below
        return group.query("cost > @least")

    assert len(visits.query("cost > @limit")) == 2
    assert len(visits.pipe(dear)) == 2
    assert len(visits.groupby("pid")[["cost"]].apply(dear)) == 2
    assert visits.eval("cost + @limit").tolist() == [16.5, 26.0, 11.0]
    assert pd.eval("visits.cost + limit").tolist() == [16.5, 26.0, 11.0]


def test_warnings_point_at_the_programs_line(recording, visits):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        visits.groupby("pid").apply(lambda group: group["cost"].sum())
        pd.to_datetime(pd.Series(["01/02/2024", "2024-13-01"]), errors="coerce")
    assert {each.filename for each in caught} <= {__file__}


def test_a_single_number_read_from_a_series_costs_nothing(recording):
    assert not hasattr(pd.Series.__getitem__, "__lineproof__")
    from pandas.core.indexing import _AtIndexer

    assert not hasattr(_AtIndexer.__getitem__, "__lineproof__")


def test_an_operation_without_a_rule_is_the_union_and_says_so(recording, visits):
    odd = visits["cost"].case_when([(visits["days"] > 1, visits["pid"])])
    direct, _, precision = recording.origins(odd)["cost"]
    assert direct == {"visits.cost", "visits.days", "visits.pid"}
    assert precision == "superset"
    assert recording.coverage.without_rule == {"pandas.Series.case_when": 1}


def test_a_rule_that_fails_leaves_no_stale_table(recording, visits, monkeypatch):
    from lineproof.capture.patches.pandas import assignment

    def broken(*_args, **_kwargs):
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(assignment, "_column_labels", broken)
    visits.loc[0, "cost"] = visits["pid"].sum()
    assert table_of(visits) is None
    assert recording.coverage.faults[0]["hook"] == "pandas._LocationIndexer.__setitem__"


def test_hooks_cost_little_beside_real_work(recording):
    rows = 300_000
    rng = np.random.default_rng(0)
    data = pd.DataFrame(
        {"k": rng.integers(0, 1000, rows), "x": rng.normal(size=rows), "y": rng.normal(size=rows)}
    )
    script = """
t = data[data['x'] > -2].copy()
t['z'] = t['x'] * t['y']
g = t.groupby('k').agg(n=('x', 'count'), s=('z', 'sum'), m=('y', 'median')).reset_index()
t = t.merge(g, on='k', how='left').sort_values(['k', 'x'])
t['r'] = t.groupby('k')['y'].rank()
t['b'] = np.where(t['x'] > 0, t['s'], t['m'])
"""
    code = compile(script, str(recording.root / "s.py"), "exec")
    exec(code, {"data": data, "np": np})
    shares = []
    for _ in range(3):
        before = recording.session.instrument.spent_ns
        started = time.process_time_ns()
        exec(code, {"data": data, "np": np})
        shares.append((recording.session.instrument.spent_ns - before) / (time.process_time_ns() - started))
    assert min(shares) < 0.05
