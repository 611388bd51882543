"""Every type of column gives one state from pyarrow, DuckDB and Spark: nested, decimal, with zone and without, binary."""

from __future__ import annotations

import datetime as dt
import decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lineproof.data.kernel import to_bytes
from lineproof.data.scanning import scan as scan_here
from lineproof.data.sources.duck import DuckSource
from lineproof.spark import scan as scan_on_spark

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ROWS = 12_000
UTC = dt.UTC
START = dt.datetime(2021, 3, 28, 0, 30)  # noqa: DTZ001 - times without a zone; beside a change of the clocks in Europe


def some(make):
    """Values by row, each eleventh missing."""
    return [None if n % 11 == 0 else make(n) for n in range(ROWS)]


def nested():
    person = pa.struct([("name", pa.string()), ("ages", pa.list_(pa.int32()))])
    return {
        "struct": pa.array(
            some(lambda n: {"name": (f"p{n % 50}", None)[n % 7 == 0], "ages": [n % 5] * (n % 3)}), person
        ),
        "list": pa.array(
            some(lambda n: [None if m % 4 == 3 else n + m for m in range(n % 5)]), pa.list_(pa.int64())
        ),
        "texts": pa.array(some(lambda n: [f"t{n % 9}", "é", None][: n % 4]), pa.list_(pa.string())),
        "people": pa.array(
            some(lambda n: [{"name": "x", "ages": None}, {"name": None, "ages": [1, None]}][: n % 3]),
            pa.list_(person),
        ),
        "map": pa.array(
            some(lambda n: [(f"k{m}", n * m / 7) for m in range(n % 4)]), pa.map_(pa.string(), pa.float64())
        ),
        "map_of_lists": pa.array(
            some(lambda n: [("a", [n, None])] * (n % 2)), pa.map_(pa.string(), pa.list_(pa.int32()))
        ),
    }


def plain():
    return {
        "money": pa.array(some(lambda n: decimal.Decimal(n - 6_000) / 100), pa.decimal128(10, 2)),
        "exact": pa.array(some(lambda n: decimal.Decimal(n) ** 5 / 10**9), pa.decimal128(38, 10)),
        "zoned": pa.array(
            some(lambda n: (START + dt.timedelta(minutes=7 * n)).replace(tzinfo=UTC)),
            pa.timestamp("us", "UTC"),
        ),
        "local": pa.array(
            some(lambda n: START + dt.timedelta(minutes=7 * n, microseconds=n)), pa.timestamp("us")
        ),
        "bytes": pa.array(some(lambda n: bytes([n % 256, 255, 0]) * (n % 3)), pa.binary()),
        "small": pa.array(some(lambda n: n % 100 - 50), pa.int8()),
        "short": pa.array(some(lambda n: n / 8), pa.float32()),
        "day": pa.array(some(lambda n: dt.date(1965, 1, 1) + dt.timedelta(days=n)), pa.date32()),
        "open": pa.array(some(lambda n: n % 2 == 0), pa.bool_()),
    }


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("types") / "types.parquet"
    pq.write_table(pa.table(plain() | nested()), path, row_group_size=2_500)
    return path


def exact(made):
    """The bytes of a state without its float moments, and the moments."""
    moments = {}
    for name, column in made.state.columns.items():
        one = column.moments
        moments[name] = (one.count, one.mean, one.squares)
        one.mean = one.mean_rest = one.squares = 0.0
    return to_bytes(made.state), moments


def test_all_types_have_one_state_fingerprint_and_class_from_three_engines(spark, file):
    here, duck = scan_here(file), scan_here(DuckSource(file))
    there = scan_on_spark(spark.read.parquet(str(file)).repartition(5), name="types")
    documents = [one.document() for one in (here, duck, there)]
    assert documents[0]["rows"] == ROWS
    for other in documents[1:]:
        assert other["fingerprint"] == documents[0]["fingerprint"]
        for name, column in documents[0]["columns"].items():
            assert other["columns"][name]["fingerprint"] == column["fingerprint"], name
            assert other["columns"][name]["class"] == column["class"], name
            assert other["columns"][name]["type"] == column["type"], name
    state, moments = exact(here)
    for other in (duck, there):
        others, of_other = exact(other)
        for name, values in moments.items():
            assert of_other[name] == pytest.approx(values, rel=1e-9), name
        assert others == state


def test_the_zone_of_the_session_does_not_move_times(spark, file):
    expected = scan_here(file).document()["columns"]
    zone = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        found = scan_on_spark(spark.read.parquet(str(file)).select("zoned", "local", "day")).document()[
            "columns"
        ]
    finally:
        spark.conf.set("spark.sql.session.timeZone", zone)
    for name in found:
        assert found[name]["fingerprint"] == expected[name]["fingerprint"], name
