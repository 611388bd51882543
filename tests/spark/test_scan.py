"""The same table gives the same state from one machine and from Spark, however Spark cuts it."""

from __future__ import annotations

import datetime as dt
import decimal
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lineproof.data.scanning import scan as scan_here
from lineproof.errors import EmptyDataError
from lineproof.spark import scan as scan_on_spark

# PySpark 3.5 compares versions the old way, and leaves sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A table of all common types, with nulls, odd numbers and e-mail addresses."""
    rows = 20_000
    table = pa.table(
        {
            "id": pa.array(range(rows), pa.int32()),
            "amount": pa.array([None if n % 97 == 0 else n / 7 for n in range(rows)], pa.float64()),
            "odd": pa.array([float("nan") if n % 501 == 0 else -0.0 if n % 2 else n for n in range(rows)]),
            "email": [f"person{n}@example.org" for n in range(rows)],
            "grade": [("a", "b", None)[n % 3] for n in range(rows)],
            "open": [n % 2 == 0 for n in range(rows)],
            "day": [dt.date(2020, 1, 1) + dt.timedelta(days=n % 900) for n in range(rows)],
            "price": [decimal.Decimal(n) / 100 for n in range(rows)],
        }
    )
    path = tmp_path_factory.mktemp("data") / "orders.parquet"
    pq.write_table(table, path, row_group_size=3_000)
    return path


def close(one, other):
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(close(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(close, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-9, nan_ok=True)
    return one == other


def test_a_table_has_one_state_on_one_machine_and_on_many(spark, file):
    frame = spark.read.parquet(str(file)).repartition(7)
    here, there = scan_here(file).document(), scan_on_spark(frame, name="orders").document()
    assert there["fingerprint"] == here["fingerprint"]
    assert there["rows"] == here["rows"] == 20_000
    for name, expected in here["columns"].items():
        assert close(expected, there["columns"][name]), (name, expected, there["columns"][name])
    assert there["columns"]["email"]["class"] == "EMAIL"


def test_a_frame_without_rows_has_the_state_of_an_empty_table(spark, file):
    frame = spark.read.parquet(str(file)).filter("id < 0")
    found = scan_on_spark(frame).document()
    assert found["rows"] == 0
    assert list(found["columns"]) == ["id", "amount", "odd", "email", "grade", "open", "day", "price"]


def test_a_frame_without_columns_is_refused(spark, file):
    with pytest.raises(EmptyDataError):
        scan_on_spark(spark.read.parquet(str(file)).select())


def test_the_command_has_the_same_answer_from_both_engines(file, command):
    here = json.loads(command(file.parent, "scan", file.name, "--json"))
    there = json.loads(command(file.parent, "scan", file.name, "--engine", "spark", "--json"))
    assert there["fingerprint"] == here["fingerprint"]
    assert {name: one["class"] for name, one in there["columns"].items()} == {
        name: one["class"] for name, one in here["columns"].items()
    }
