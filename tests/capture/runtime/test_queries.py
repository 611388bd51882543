"""Queries: the text is recorded in the program, what it means is worked out afterwards."""

from __future__ import annotations

import json

import pytest

DUCK = """
    import duckdb
    import pandas as pd
    frame = pd.read_csv("in.csv")

    def asked():
        picked = frame[["a", "b"]]
        return duckdb.connect().sql("select a * 2 as c from picked where b > 1 and 'ghp_012345678901234567890123' <> ''").df()

    found = asked()
    print(found.to_string(), "sqlglot" in __import__("sys").modules)
    try:
        duckdb.sql("select * from there_is_no_such_table")
    except duckdb.CatalogException as error:
        print(type(error).__name__)
"""

DATABASE = """
    import sqlite3
    import pandas as pd
    with sqlite3.connect("x.db") as base:
        pd.read_csv("in.csv").to_sql("t", base, index=False)
        print(pd.read_sql("select a + b as c from t", base).to_string())
"""


def queries(project):
    outputs = [each for event in project.events() for each in event.get("outputs", ())]
    return [each for each in outputs if "lineproof_query" in each.get("facets", {})]


def test_frames_that_sql_names_are_found_and_no_sql_is_parsed_in_the_program(project):
    project.write("in.csv", "a,b\n1,2\n3,0\n")
    name = project.script(DUCK)
    recorded = project.recorded(name)
    assert recorded.out == project.plain(name).out
    assert b"False" in recorded.out
    (query,) = queries(project)
    assert "ghp_" not in json.dumps(query)
    assert "in.csv" in json.dumps(query["facets"]["lineproof_query"]["tables"]["picked"])


def test_a_table_written_to_a_database_and_read_again_is_one_chain(project):
    project.write("in.csv", "a,b\n1,2\n")
    name = project.script(DATABASE)
    assert project.recorded(name).code == 0
    written = [each for event in project.events() for each in event.get("outputs", ()) if each["name"] == "t"]
    assert written[0]["namespace"] == "sqlite://x.db"
    assert set(written[0]["facets"]["columnLineage"]["fields"]) == {"a", "b"}
    (query,) = queries(project)
    assert query["facets"]["lineproof_query"]["dialect"] == "sqlite"


def test_lazy_frames_are_not_collected_and_generators_not_consumed(project):
    pytest.importorskip("polars")
    project.write("in.csv", "a,b\n1,2\n3,4\n")
    name = project.script("""
        import polars as pl
        calls = []
        lazy = pl.scan_csv("in.csv").with_columns(c=pl.col("a").map_batches(lambda s: calls.append(1) or s * 2, return_dtype=pl.Int64))
        names = (name for name in ("a", "c"))
        chosen = lazy.select(names)
        print(len(calls), chosen.collect().rows(), len(calls))
        import pickle, inspect
        print(pickle.loads(pickle.dumps(chosen.collect())).rows(), inspect.signature(pl.DataFrame.select), type(chosen).__name__)
    """)
    recorded = project.recorded(name)
    assert recorded.code == 0, recorded.err
    assert recorded.out == project.plain(name).out
