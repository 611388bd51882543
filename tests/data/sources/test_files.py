"""The same rows in any file have the same fingerprint; text becomes types by one rule."""

import bz2
import datetime as dt
import decimal
import gzip
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from lineproof.data.reading import fingerprint
from lineproof.data.scanning import scan
from lineproof.data.sources import open_source
from lineproof.data.sources.duck import DuckSource

ROWS = 5_000
CHANCE = np.random.default_rng(5)
TABLE = pa.table(
    {
        "id": np.arange(ROWS),
        "code": [f"{n % 97:05d}" for n in range(ROWS)],
        "score": pa.array(CHANCE.normal(size=ROWS), mask=CHANCE.random(ROWS) < 0.1),
        "name": pa.array([None if n % 7 == 0 else f"näme, {n}" for n in range(ROWS)]),
        "ok": pa.array([None if n % 5 == 0 else n % 2 == 0 for n in range(ROWS)]),
        "day": pa.array([dt.date(2020, 1, 1) + dt.timedelta(days=n % 900) for n in range(ROWS)]),
        "at": pa.array(np.datetime64("2020-01-01T00:00:00.000001", "us") + np.arange(ROWS) * 7_000_001),
        "nothing": pa.nulls(ROWS),
    }
)
EXPECTED = fingerprint(TABLE)


def every_type(rows):
    """A table with a column of each type that Parquet files hold, nested ones included."""
    numbers, start = range(rows), dt.datetime.fromisoformat("2020-01-01T00:00:00")
    return pa.table(
        {
            "small": pa.array([None if k % 11 == 0 else k % 100 for k in numbers], pa.int8()),
            "unsigned": pa.array([k + 2**63 if k % 5 == 0 else k for k in numbers], pa.uint64()),
            "single": pa.array([k / 3 for k in numbers], pa.float32()),
            "odd": pa.array([(float("nan"), -0.0, float("inf"), None)[k % 4] for k in numbers]),
            "price": pa.array([decimal.Decimal(k) / 100 for k in numbers], pa.decimal128(20, 4)),
            "large": pa.array([decimal.Decimal(k) * 10**30 for k in numbers], pa.decimal128(38, 0)),
            "bytes": pa.array([bytes([k % 256, k % 7]) for k in numbers]),
            "fixed": pa.array([k.to_bytes(4, "little") for k in numbers], pa.binary(4)),
            "zoned": pa.array(
                [start + dt.timedelta(minutes=k) for k in numbers], pa.timestamp("us", "Europe/Berlin")
            ),
            "millis": pa.array([start + dt.timedelta(minutes=k) for k in numbers], pa.timestamp("ms")),
            "nanos": pa.array(np.datetime64("2020-01-01T00:00:00.000000001", "ns") + np.arange(rows)),
            "time": pa.array([dt.time(k % 24, k % 60) for k in numbers]),
            "day": pa.array([dt.date(2020, 1, 1) + dt.timedelta(days=k % 900) for k in numbers]),
            "flag": pa.array([None if k % 4 == 0 else k % 3 == 0 for k in numbers]),
            "text": pa.array([f"é{k}" for k in numbers], pa.large_string()),
            "coded": pa.array([("a", "b", None)[k % 3] for k in numbers]).dictionary_encode(),
            "nothing": pa.nulls(rows),
            "list": pa.array([None if k % 7 == 0 else list(range(k % 4)) for k in numbers]),
            "pair": pa.array([[k, k + 1] for k in numbers], pa.list_(pa.int32(), 2)),
            "struct": pa.array(
                [None if k % 9 == 0 else {"a": k, "b": None if k % 3 else str(k)} for k in numbers]
            ),
            "deep": pa.array([[{"x": [k, None], "y": {"z": k / 2}}] * (k % 3) for k in numbers]),
            "map": pa.array([[("k", k), ("l", None)] for k in numbers], pa.map_(pa.string(), pa.int64())),
        }
    )


def csv(path):
    pcsv.write_csv(TABLE, path)


def csv_gz(path):
    with gzip.open(path, "wb") as file:
        pcsv.write_csv(TABLE, file)


def csv_zst(path):
    with pa.CompressedOutputStream(str(path), "zstd") as file:
        pcsv.write_csv(TABLE, file)


def csv_bz2(path):
    with bz2.open(path, "wb") as file:
        pcsv.write_csv(TABLE, file)


def pandas_csv(path):
    TABLE.to_pandas().to_csv(path, index=False)


def parquet(path):
    pq.write_table(TABLE.take(np.random.default_rng(1).permutation(ROWS)), path, row_group_size=700)


def feather(path):
    pyarrow.feather.write_feather(TABLE, path, compression="zstd")


def stream(path):
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, TABLE.schema) as writer:
        writer.write_table(TABLE, max_chunksize=333)


def json_lines(path):
    rows = TABLE.to_pylist()
    path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows))


@pytest.mark.parametrize(
    ("ending", "write"),
    [
        ("csv", csv),
        ("csv.gz", csv_gz),
        ("csv.zst", csv_zst),
        ("csv.bz2", csv_bz2),
        ("csv", pandas_csv),
        ("parquet", parquet),
        ("feather", feather),
        ("arrow", stream),
        ("jsonl", json_lines),
    ],
)
def test_the_format_does_not_count(tmp_path, ending, write):
    path = tmp_path / f"data.{ending}"
    write(path)
    found = fingerprint(path)
    assert found.columns == EXPECTED.columns
    assert found.fingerprint == EXPECTED.fingerprint
    assert found.digest.startswith("sha256:")


def test_a_folder_of_parquet_is_one_table(tmp_path):
    table = TABLE.append_column("part", pa.array(np.arange(ROWS) % 3))
    pq.write_to_dataset(table, tmp_path / "data", partition_cols=["part"])
    (tmp_path / "data" / "_SUCCESS").write_text("")
    found = fingerprint(tmp_path / "data")
    assert found.fingerprint == fingerprint(table).fingerprint
    assert found.digest.startswith("sha256-folder:")


def test_objects_in_memory_are_tables_too():
    duckdb = pytest.importorskip("duckdb")
    small = TABLE.drop_columns(["nothing"])
    frame = small.to_pandas()
    expected = fingerprint(small).fingerprint
    assert fingerprint(frame).fingerprint == expected
    assert fingerprint(duckdb.from_arrow(small)).fingerprint == expected
    assert fingerprint(small.to_batches()[0]).fingerprint == expected
    assert (
        fingerprint(np.ones((3, 2))).fingerprint
        == fingerprint(pd.DataFrame(np.ones((3, 2)), columns=["0", "1"])).fingerprint
    )
    assert fingerprint(small).digest is None


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "-7", ""], "int64"),
        (["007", "010"], "string"),
        (["0", "10"], "int64"),
        (["1", "2.5"], "double"),
        (["1", "1e3", "-.5", "2."], "double"),
        (["nan", "inf", "-inf", "1.0"], "double"),
        (["1.5", "00.5"], "string"),
        (["+49", "+50"], "string"),
        (["1e999", "1"], "string"),
        (["-nan", "1"], "string"),
        (["-0", "1"], "double"),
        (["9223372036854775807"], "int64"),
        (["9223372036854775808"], "double"),
        (["0x1F"], "string"),
        ([" 1"], "string"),
        (["1,5"], "string"),
        (["true", "FALSE"], "bool"),
        (["true", "1"], "string"),
        (["2020-02-29", ""], "date32[day]"),
        (["2021-02-29"], "string"),
        (["2020-02-29", "2020-02-29 12:00:00"], "timestamp[us]"),
        (["2020-02-29T12:00:00.123456789"], "timestamp[ns]"),
        (["2020-02-29T12:00:00Z", "2020-02-29T12:00:00+02:00"], "timestamp[us, tz=UTC]"),
        (["2020-02-29T12:00:00Z", "2020-02-29T12:00:00"], "string"),
        (["", ""], "null"),
    ],
)
def test_text_becomes_types_by_the_published_rule(tmp_path, texts, kind):
    path = tmp_path / "one.csv"
    path.write_text("a,b\n" + "".join(f'"{text}",x\n' for text in texts))
    *_, batch = open_source(path).batches()
    assert str(batch.schema.field("a").type) == kind


@pytest.mark.parametrize(
    ("head", "last", "same"),
    [
        ("1", "2.5", "1.0"),
        ("1", "x", None),
        ("2020-01-01", "2020-01-01 10:00:00", "2020-01-01 00:00:00"),
        ("true", "0", None),
        ("", "7", None),
    ],
)
def test_a_value_late_in_a_file_decides_for_the_whole_column(tmp_path, head, last, same):
    filler = "y" * 2_000
    lines = [f"{head},{filler}\n"] * 9_000  # more than a block
    early, late, typed = tmp_path / "early.csv", tmp_path / "late.csv", tmp_path / "typed.csv"
    late.write_text("a,b\n" + "".join(lines) + f"{last},{filler}\n")
    early.write_text("a,b\n" + f"{last},{filler}\n" + "".join(lines))
    found = fingerprint(late)
    assert found.fingerprint == fingerprint(early).fingerprint
    if same is not None:
        typed.write_text("a,b\n" + f"{last},{filler}\n" + f"{same},{filler}\n" * 9_000)
        assert found.fingerprint == fingerprint(typed).fingerprint


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_read_from_the_header(tmp_path, delimiter):
    path = tmp_path / "data.csv"
    path.write_text(f"\ufeffa{delimiter}b\n1{delimiter}x\n\n2{delimiter}y\n")
    assert fingerprint(path).fingerprint == fingerprint(pa.table({"a": [1, 2], "b": ["x", "y"]})).fingerprint


def test_a_name_that_occurs_twice_gets_a_number(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("a,a,a.1\n1,2,3\n")
    assert list(fingerprint(path).columns) == ["a", "a.2", "a.1"]


def test_a_column_of_json_that_appears_late_is_a_column_of_all_rows(tmp_path):
    filler = "y" * 4_000
    early = "".join(json.dumps({"a": 1, "f": filler}) + "\n" for _ in range(5_000))  # more than two blocks
    (tmp_path / "late.jsonl").write_text(early + json.dumps({"a": 2, "b": [1.5], "f": ""}) + "\n")
    (tmp_path / "first.jsonl").write_text(json.dumps({"a": 2, "b": [1.5], "f": ""}) + "\n" + early)
    found = fingerprint(tmp_path / "late.jsonl")
    assert found.fingerprint == fingerprint(tmp_path / "first.jsonl").fingerprint
    expected = pa.table({"a": [1] * 5_000 + [2], "f": [filler] * 5_000 + [""], "b": [None] * 5_000 + [[1.5]]})
    assert found.fingerprint == fingerprint(expected).fingerprint


@pytest.mark.parametrize("gap", [0, 5_000])
def test_a_column_of_json_whose_values_change_their_type_is_text_or_wider(tmp_path, gap):
    filler = [{"m": 1, "n": 1, "s": {"x": 1}, "f": "y" * 4_000}] * gap
    rows = [
        {"m": 1, "n": 1, "s": {"x": 1}, "f": ""},
        *filler,
        {"m": "x", "n": 2.5, "s": {"x": None, "y": "z"}, "f": ""},
        {"m": {"k": [1, "é"]}, "n": None, "s": None, "f": ""},
        {"m": True, "n": 3, "s": {"x": 2}, "f": ""},
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    kind = pa.struct([("x", pa.int64()), ("y", pa.string())])
    expected = pa.table(
        {
            "m": ["1", *["1"] * gap, "x", '{"k":[1,"é"]}', "true"],
            "n": pa.array([row["n"] for row in rows], pa.float64()),
            "s": pa.array([row["s"] for row in rows], kind),
            "f": [row["f"] for row in rows],
        }
    )
    assert fingerprint(tmp_path / "a.jsonl").columns == fingerprint(expected).columns


def test_series_arrays_and_records_are_tables_too():
    polars = pytest.importorskip("polars")
    one = fingerprint(pa.table({"0": [1, 2, 3]})).fingerprint
    assert fingerprint(pa.array([1, 2, 3])).fingerprint == one
    assert fingerprint(np.array([1, 2, 3])).fingerprint == one
    assert fingerprint(pd.Series([1, 2, 3], name="0")).fingerprint == one
    assert fingerprint(polars.DataFrame({"0": [1, 2, 3]})).fingerprint == one
    assert fingerprint(polars.Series("0", [1, 2, 3])).fingerprint == one
    record = np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f4")])
    assert fingerprint(record).fingerprint == fingerprint(pa.table({"a": [1], "b": [2.5]})).fingerprint


def test_pyarrow_and_duckdb_find_the_same_in_a_file_of_all_types(tmp_path):
    pq.write_table(every_type(2_000), tmp_path / "all.parquet", row_group_size=700)
    here = scan(tmp_path / "all.parquet").document()
    there = scan(DuckSource(tmp_path / "all.parquet")).document()
    assert there == here
    (tmp_path / "parts" / "k=1").mkdir(parents=True)
    pq.write_table(TABLE, tmp_path / "parts" / "k=1" / "a.parquet")
    parts = tmp_path / "parts"
    assert scan(DuckSource(parts)).document()["fingerprint"] == scan(parts).document()["fingerprint"]
