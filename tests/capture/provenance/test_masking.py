"""`masking` of OpenLineage's column lineage: said of hashes and counts, and of nothing that lets values through."""

from __future__ import annotations

import pytest

from lineproof.capture.provenance.attachment import table_of
from lineproof.capture.queries import expanded

HASHES = """
import hashlib
import pandas as pd
frame = pd.read_csv("people.csv")

def digest(text):
    hashed = hashlib.sha256()
    hashed.update(text.encode())
    return hashed.hexdigest()[:12]

def half(text):
    return text if len(text) > 3 else hashlib.md5(text.encode()).hexdigest()

out = pd.DataFrame({
    "lambda": frame["name"].apply(lambda text: hashlib.md5(text.encode()).hexdigest()),
    "function": frame["name"].map(digest),
    "builtin": frame["name"].apply(hash),
    "series": pd.util.hash_pandas_object(frame["name"], index=False),
    "array": pd.util.hash_array(frame["name"].to_numpy()),
    "loop": [hashlib.sha1(text.encode()).hexdigest() for text in frame["name"]],
    "part": frame["name"].map(digest).str[:4],
    "both": frame["name"].map(digest) + frame["name"],
    "some": frame["name"].map(half),
    "upper": frame["name"].str.upper(),
})
out.to_csv("out.csv", index=False)
"""

COUNTS = """
import pandas as pd
frame = pd.read_csv("people.csv")
grouped = frame.groupby("team", as_index=False).agg(people=("name", "count"), names=("name", "nunique"), pay=("pay", "sum"))
grouped.to_csv("out.csv", index=False)
"""

SQL = """
import sqlite3
import pandas as pd
base = sqlite3.connect(":memory:")
base.create_function("sha1", 1, lambda text: text[:1])
pd.read_csv("people.csv").to_sql("person", base, index=False)
out = pd.read_sql("select sha1(name) as hashed, count(name) as people, max(name) as name from person group by pay", base)
out.to_csv("out.csv", index=False)
"""

POLARS = """
import polars as pl
frame = pl.read_csv("people.csv")
out = frame.select(hashed=pl.col("name").hash(), people=pl.col("name").n_unique(), name=pl.col("name").max())
"""


def masking(recording, program: str) -> dict[str, set[bool]]:
    """Give for each column of what was made whether its direct sources are masked."""
    (recording.root / "people.csv").write_text("name,team,pay\nAnn,a,1\nBob,a,2\nCyd,b,3\n", encoding="utf-8")
    recording.script(program)
    found = {}
    for event in recording.events():
        for output in event.get("outputs", ()):
            if output["name"].endswith("/write"):
                for name, field in output["facets"]["columnLineage"]["fields"].items():
                    kinds = [each for source in field["inputFields"] for each in source["transformations"]]
                    found[name] = {each.get("masking", False) for each in kinds if each["type"] == "DIRECT"}
    return found


def test_hashes_mask_however_they_are_made(recording):
    found = masking(recording, HASHES)
    passing = {name for name, kinds in found.items() if kinds == {False}}
    assert passing == {"both", "some", "upper"}
    assert {name for name, kinds in found.items() if kinds == {True}} == set(found) - passing


def test_counts_mask_and_sums_and_keys_do_not(recording):
    found = masking(recording, COUNTS)
    assert found == {"team": {False}, "people": {True}, "names": {True}, "pay": {False}}


def test_expressions_of_polars_mask_likewise(recording):
    polars = pytest.importorskip("polars")
    from lineproof.capture import patches

    patches.install("polars", polars, recording.session)
    (recording.root / "people.csv").write_text("name,team,pay\nAnn,a,1\nBob,a,2\n", encoding="utf-8")
    origins = table_of(recording.script(POLARS)["out"]).columns
    assert {name for name, origin in origins.items() if origin.masked == origin.direct} == {
        "hashed",
        "people",
    }


def test_hashes_and_counts_in_sql_mask(recording):
    (recording.root / "people.csv").write_text("name,team,pay\nAnn,a,1\nBob,a,2\n", encoding="utf-8")
    table = table_of(recording.script(SQL)["out"])
    origins = {label: expanded(origin) for label, origin in table.columns.items()}
    assert origins["hashed"].masked == origins["hashed"].direct != frozenset()
    assert origins["people"].masked == origins["people"].direct
    assert not origins["name"].masked
