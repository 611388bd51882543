"""What a query's text says of its columns, and what is said where it cannot be read."""

from __future__ import annotations

import pytest

from lineproof.sql import Lineage, resolve


def table(name, *columns):
    return {column: Lineage(frozenset([f"{name}.{column}"])) for column in columns}


TABLES = {"t": table("t", "a", "b", "k"), "u": table("u", "k", "x")}


def said(text, *labels, dialect="duckdb"):
    return dict(resolve(text, TABLES, labels or None, dialect))


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "sqlite", "mysql", "snowflake"])
def test_a_join_decides_for_every_column(dialect):
    found = said("select t.a, sum(u.x) as s from t join u on t.k = u.k group by t.a", dialect=dialect)
    assert found["a"] == Lineage(frozenset({"t.a"}), frozenset({"t.k", "u.k"}))
    assert found["s"] == Lineage(frozenset({"u.x"}), frozenset({"t.a", "t.k", "u.k"}))


def test_what_cannot_be_read_names_everything_and_says_so():
    found = said("select gibberish from from where )", "out")["out"]
    assert found.direct == {"t.a", "t.b", "t.k", "u.k", "u.x"}
    assert not found.known


def test_a_column_that_is_nowhere_is_not_claimed_to_be_known():
    assert not said("select nowhere as out from t")["out"].known


def test_a_table_of_unknown_columns_makes_its_results_unknown():
    assert not dict(resolve("select a from lost", {"lost": {}}, ["a"]))["a"].known


def test_fields_of_records_are_a_superset():
    found = said("select s.a as a from (select {'a': a, 'b': b} as s from t)")["a"]
    assert found.direct == {"t.a", "t.b"}
    assert not found.exact


def test_changes_keep_what_was_there():
    found = dict(resolve("update t set a = b + 1 where k > 3", TABLES, ["a", "b", "k"]))
    assert found["a"] == Lineage(frozenset({"t.a", "t.b"}), frozenset({"t.k"}))
    assert found["b"] == Lineage(frozenset({"t.b"}))
