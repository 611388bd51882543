"""Kinds of columns, and input that is odd or unusable."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from lineproof.data.drift import compare_tables, open_table
from lineproof.data.drift.picture import draw
from lineproof.errors import DataError, DriftInputError, EmptyTableError, NothingToCompareError

RNG = np.random.default_rng(11)
NUMBERS = pa.array(RNG.normal(size=2000))


def column(report, name="x"):
    return report.columns[name]


def test_a_column_that_changed_its_type_is_named_so(compared):
    report = compared({"x": NUMBERS}, {"x": NUMBERS.cast(pa.string())})
    assert (column(report).drifted, column(report).kind) == (True, "type")
    assert report.schema.changed["x"].current == "string"


def test_a_wider_number_type_is_told_and_is_no_drift(compared):
    whole = pa.array(RNG.integers(0, 9, 2000), pa.int32())
    report = compared({"x": whole}, {"x": whole.cast(pa.float64())})
    assert not column(report).drifted
    assert list(report.schema.changed) == ["x"]


def test_columns_on_one_side_are_told(compared):
    report = compared({"x": NUMBERS, "old": NUMBERS}, {"x": NUMBERS, "new": NUMBERS})
    assert (report.schema.added, report.schema.removed) == (["new"], ["old"])
    assert report.drifted


def test_all_null_on_both_sides_is_nothing_and_on_one_side_is_a_drift(compared):
    empty = pa.nulls(2000, pa.float64())
    assert not column(compared({"x": empty}, {"x": empty})).drifted
    assert column(compared({"x": NUMBERS}, {"x": empty})).kind == "nulls"
    assert column(compared({"x": empty}, {"x": NUMBERS})).kind == "nulls"
    assert column(compared({"x": NUMBERS}, {"x": pa.nulls(2000)})).kind == "nulls"


def test_another_constant_is_a_drift(compared):
    report = compared({"x": pa.array([1.0] * 500)}, {"x": pa.array([2.0] * 500)})
    assert (column(report).drifted, column(report).kind) == (True, "mean")


def test_one_row_says_nothing_and_says_so(compared):
    report = compared(
        {"x": pa.array([1.0]), "c": pa.array(["a"])}, {"x": pa.array([9.0]), "c": pa.array(["b"])}
    )
    assert not report.drifted
    assert "too few" in column(report).notes[-1]


def test_infinite_values_are_the_largest_and_nan_is_missing(compared):
    odd = np.array(NUMBERS)
    odd[:200] = np.inf
    assert not column(compared({"x": pa.array(odd)}, {"x": pa.array(odd)})).drifted
    assert column(compared({"x": NUMBERS}, {"x": pa.array(odd)})).drifted
    odd[:200] = np.nan
    assert column(compared({"x": NUMBERS}, {"x": pa.array(odd)})).kind == "nulls"


def test_identifiers_and_row_numbers_differ_by_nature(compared):
    near = {"x": pa.array([f"id-{one}" for one in range(3000)]), "n": pa.array(range(3000))}
    far = {"x": pa.array([f"id-{one}" for one in range(3000, 6000)]), "n": pa.array(range(3000, 6000))}
    report = compared(near, far)
    assert not report.drifted
    assert (column(report).kind, column(report, "n").kind) == ("identifier", "order")


def test_thousands_of_postcodes_alarm_only_when_they_change(compared):
    near, far = (RNG.integers(0, 8000, 30_000) for _ in range(2))
    same = compared({"x": pa.array(near.astype(str))}, {"x": pa.array(far.astype(str))})
    assert not column(same).drifted
    moved = compared({"x": pa.array(near.astype(str))}, {"x": pa.array((far % 6000).astype(str))})
    assert column(moved).drifted


def test_bool_decimal_date_duration_binary_and_nested_columns_are_taken(compared):
    days = pa.array([dt.date(1950, 1, 1) + dt.timedelta(int(one)) for one in RNG.integers(0, 9999, 500)])
    table = pa.table({
        "bool": pa.array(RNG.random(500) < 0.5),
        "decimal": pa.array(np.round(RNG.random(500), 2)).cast(pa.decimal128(6, 2)),
        "date": days,
        "duration": pa.array(RNG.integers(0, 999, 500), pa.duration("s")),
        "binary": pa.array([b"\xff", b"\x00"] * 250),
        "list": pa.array([[1, 2]] * 500),
        "struct": pa.array([{"a": 1}] * 500),
        "dictionary": pa.array(["u", "v"] * 250).dictionary_encode(),
        "": NUMBERS.slice(0, 500),
    })  # fmt: skip
    report = compared(table, table)
    assert not report.drifted
    assert column(report, "list").kind == "not_compared"


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather", "jsonl", "csv.gz"])
def test_every_format_gives_the_same_verdicts(tmp_path, ending):
    near, far = (
        pa.table(
            {"x": RNG.normal(move, 1, 1500), "zip": [f"0{one}" for one in RNG.integers(1000, 1100, 1500)]}
        )
        for move in (0, 0.5)
    )
    paths = [tmp_path / f"{name}.{ending}" for name in ("near", "far")]
    for path, table in zip(paths, (near, far), strict=True):
        write(path, table)
    report = compare_tables(*map(open_table, paths)).report
    assert [name for name, one in report.columns.items() if one.drifted] == ["x"]


def test_text_of_one_side_keeps_the_digits_of_a_csv_text(tmp_path):
    table = pa.table({"zip": [f"0{one}" for one in RNG.integers(1000, 1100, 1500)]})
    write(tmp_path / "a.parquet", table)
    write(tmp_path / "b.csv", table)
    report = compare_tables(open_table(tmp_path / "a.parquet"), open_table(tmp_path / "b.csv")).report
    assert not report.drifted


def write(path, table):
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    elif path.suffix == ".feather":
        pyarrow.feather.write_feather(table, path)
    elif path.suffix == ".jsonl":
        table.to_pandas().to_json(path, orient="records", lines=True)
    else:
        table.to_pandas().to_csv(path, index=False)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.csv", b"", DataError),
        ("a.csv", b"x,y\n", EmptyTableError),
        ("a.csv", b"x,y\n1,2\n1,2,3\n", DataError),
        ("a.csv", b"x\n\xff\xfe\n", DataError),
        ("a.parquet", b"PAR1 cut short", DataError),
        ("a.parquet", b"", DataError),
        ("a.jsonl", b'{"x": 1}\n{"x": ', DataError),
        ("a.feather", b"none", DataError),
        ("a.data", b"x\n1\n", DataError),
    ],
)
def test_unusable_files_are_refused_with_something_to_do(tmp_path, name, content, error):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error) as refused:
        open_table(path)
    assert str(path) in refused.value.message
    assert refused.value.remedy


def test_a_missing_file_and_no_common_column_are_refused(tmp_path, compared):
    with pytest.raises(DataError):
        open_table(tmp_path / "none.csv")
    with pytest.raises(NothingToCompareError):
        compared({"x": NUMBERS}, {"y": NUMBERS})
    with pytest.raises(DriftInputError):
        compared({"x": NUMBERS}, {"x": NUMBERS}, order="when")


def test_a_picture_is_well_formed_whatever_the_names_are():
    import xml.etree.ElementTree as ET

    from lineproof.data.drift import table_of

    nasty = "<script>&\"'\x00\u202e"
    near = pa.table({nasty: ["a", "b"] * 500, "n": [1.0, np.inf] * 500, "z": pa.nulls(1000, pa.float64())})
    far = pa.table({nasty: ["</svg>", "b"] * 500, "n": [3.0, 4.0] * 500, "z": NUMBERS.slice(0, 1000)})
    found = compare_tables(table_of(near), table_of(far))
    for name, verdict in found.report.columns.items():
        assert verdict.drifted
        picture = draw(name, verdict, found.reference.columns[name], found.current.columns[name])
        root = ET.fromstring(picture)
        assert root.get("role") == "img"
        assert "script>" not in picture
        assert [child.tag.rpartition("}")[2] for child in root][:2] == ["title", "desc"]


def test_of_hundreds_of_thousands_of_values_the_same_sample_is_compared(compared):
    def text(values):
        return pa.array(values.astype("U")).dictionary_encode()

    rows = 400_000
    one, other = (RNG.integers(0, 300_000, rows) for _ in range(2))
    near, far = text(one), text(other)
    same = compared({"x": near}, {"x": far})
    assert not column(same).drifted
    assert column(same).reference["distinct"] > 200_000
    assert "one in 2 " in column(same).notes[0]
    assert column(compared({"x": near}, {"x": text(other % 200_000)})).drifted
    spiked = np.where(RNG.random(rows) < 0.02, -1, other)
    assert column(compared({"x": near}, {"x": text(spiked)})).drifted
