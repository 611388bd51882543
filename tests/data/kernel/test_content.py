"""What the content fingerprint promises: one content, one name, whatever holds it."""

import datetime as dt
import decimal
import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lineproof.data
from lineproof.data.kernel import ContentState, Workspace
from lineproof.data.reading import fingerprint
from lineproof.data.sources.columnar import no_rows
from lineproof.errors import DataTypeError, SchemaChangeError

VECTORS = Path(lineproof.data.__file__).parent / "vectors" / "fingerprint.json"


ARROW = {"int64-list": pa.list_(pa.int64())}


def name(**columns):
    return fingerprint(pa.table(columns)).fingerprint


def state_of(table, chunk=None):
    state, space = ContentState(columns={}), Workspace()
    for batch in table.to_batches(max_chunksize=chunk) or [no_rows(table.schema)]:
        state.update(batch, space)
    return state


KINDS = {
    "bool": (pa.bool_(), st.booleans()),
    "int": (pa.int64(), st.integers(-(1 << 63), (1 << 63) - 1)),
    "float": (pa.float64(), st.floats()),
    "string": (pa.string(), st.text(st.characters(codec="utf-8"), max_size=40)),
    "binary": (pa.binary(), st.binary(max_size=40)),
    "date": (pa.date32(), st.dates()),
    "timestamp": (pa.timestamp("us"), st.datetimes()),
    "time": (pa.time64("us"), st.times()),
    "decimal": (pa.decimal128(12, 3), st.decimals(-(10**8), 10**8, places=3)),
    "list<int>": (pa.list_(pa.int64()), st.lists(st.none() | st.integers(-9, 9), max_size=4)),
}


@st.composite
def tables(draw):
    kinds = {f"c{at}": draw(st.sampled_from(sorted(KINDS))) for at in range(draw(st.integers(1, 4)))}
    rows = draw(
        st.lists(st.fixed_dictionaries({c: st.none() | KINDS[k][1] for c, k in kinds.items()}), max_size=12)
    )
    return kinds, rows


def arrow(kinds, rows):
    return pa.table({c: pa.array([row[c] for row in rows], KINDS[k][0]) for c, k in kinds.items()})


@settings(max_examples=150, deadline=None)
@given(tables())
def test_it_is_what_the_page_defines(reference, made):
    kinds, rows = made
    found = fingerprint(arrow(kinds, rows))
    assert (found.fingerprint, found.columns) == reference.fingerprint(kinds, rows)


@settings(max_examples=60, deadline=None)
@given(tables(), st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_and_chunks_do_not_count(made, chance, chunk):
    kinds, rows = made
    shuffled = rows[:]
    chance.shuffle(shuffled)
    assert state_of(arrow(kinds, rows), chunk).content() == state_of(arrow(kinds, shuffled)).content()


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(0, 12))
def test_rows_can_be_added_and_taken_out(made, cut):
    kinds, rows = made
    whole, head, tail = (state_of(arrow(kinds, part)) for part in (rows, rows[:cut], rows[cut:]))
    expected = whole.content()
    whole.remove(head)
    assert whole.content() == tail.content()
    whole.add(head)
    assert whole.content() == expected


def test_the_published_vectors_hold():
    for vector in json.loads(VECTORS.read_text()):
        table = pa.table(
            {
                c: pa.array(v["values"], ARROW.get(v["arrow"], v["arrow"]))
                for c, v in vector["columns"].items()
            }
        )
        found = fingerprint(table)
        assert found.fingerprint == vector["fingerprint"], vector["name"]
        assert found.columns == {c: v["fingerprint"] for c, v in vector["columns"].items()}, vector["name"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": [None, "b"], "b": ["a", "b"]}, {"a": ["a", "b"], "b": [None, "b"]}),
        ({"a": [None], "b": ["a"]}, {"a": ["a"], "b": [None]}),
        ({"a": [None, "x"]}, {"a": ["", "x"]}),
        ({"a": [0.0]}, {"a": [-0.0]}),
        ({"a": [math.nan, 1.0]}, {"a": [None, 1.0]}),
        ({"a": [1]}, {"a": [1.0]}),
        ({"a": [1]}, {"a": ["1"]}),
        ({"a": [1]}, {"a": [True]}),
        ({"a": ["x"]}, {"a": [b"x"]}),
        ({"a": [1]}, {"b": [1]}),
        ({"a": [1, 1, 2]}, {"a": [1, 2, 2]}),
        ({"a": [1]}, {"a": [1, 1]}),
        ({"a": [10, 20]}, {"a": [11, 19]}),
        ({"a": [1, 2], "b": [3, 4]}, {"a": [1, 2], "b": [4, 3]}),
        ({"a": [1, 2], "b": [3, 4]}, {"a": [3, 4], "b": [1, 2]}),
        ({"a": ["aaaaaaaabbbbbbbb", "ccccccccdddddddd"]}, {"a": ["aaaaaaaadddddddd", "ccccccccbbbbbbbb"]}),
        ({"a": ["ab", "c"]}, {"a": ["a", "bc"]}),
        ({"a": ["a"]}, {"a": ["a\0"]}),
        ({"a": [dt.date(2020, 1, 1)]}, {"a": [dt.datetime(2020, 1, 1, tzinfo=dt.UTC)]}),
        ({"a": [[1, 2]]}, {"a": [[2, 1]]}),
        ({"a": [[None]]}, {"a": [[]]}),
        ({"a": [{"x": 1, "y": 2}]}, {"a": [{"x": 2, "y": 1}]}),
    ],
)
def test_different_contents_have_different_names(one, other):
    assert name(**one) != name(**other)


@pytest.mark.parametrize("width", ["int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64"])
def test_the_width_of_integers_does_not_count(width):
    assert name(a=pa.array([0, 7, None], width)) == name(a=pa.array([0, 7, None], "int64"))


def test_encodings_units_and_scales_do_not_count():
    text = pa.array(["a", None, "long enough for two words", "a"])
    assert name(a=text) == name(a=text.dictionary_encode()) == name(a=text.cast(pa.large_string()))
    assert name(a=text) == name(a=text.cast(pa.string_view()))
    with_null = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 0]), pa.array(["a", None, text[2].as_py()]))
    assert name(a=text) == name(a=with_null)
    assert name(a=pa.array([0.5, None], "float32")) == name(a=pa.array([0.5, None], "float64"))
    assert name(a=pa.array([np.float16(0.5)])) == name(a=[0.5])
    time = dt.datetime(2024, 2, 29, 12, 0, 1)  # noqa: DTZ001 - a time without zone is the case
    names = {name(a=pa.array([time, None], pa.timestamp(unit))) for unit in ("s", "ms", "us", "ns")}
    names.add(name(a=pa.array([time.replace(tzinfo=dt.UTC), None], pa.timestamp("us", "Asia/Tokyo"))))
    assert len(names) == 1
    assert name(a=pa.array([decimal.Decimal("12.5")], pa.decimal128(5, 1))) == name(
        a=pa.array([decimal.Decimal("12.50")], pa.decimal256(40, 2))
    )


def test_nans_are_one_value_and_what_lies_under_a_null_is_none():
    odd = pa.array(np.array([0xFFF8000000000001, 0x7FF8000000000000], "u8").view("f8"))
    assert name(a=odd) == name(a=[math.nan, math.nan])
    values = pa.py_buffer(np.array([1, 99], "i8").tobytes())
    hidden = pa.Array.from_buffers(pa.int64(), 2, [pa.py_buffer(b"\x01"), values])
    assert name(a=hidden) == name(a=[1, None])


def test_values_beyond_a_word_keep_their_identity():
    large = [(1 << 64) - 1, (1 << 63), 1]
    assert name(a=pa.array(large, "uint64")) != name(a=pa.array([-1, -(1 << 63), 1], "int64"))
    nanos = pa.array([1_000, 1_001, 1_002], pa.timestamp("ns"))
    assert len({name(a=nanos.slice(at, 1)) for at in range(3)}) == 3


def test_a_change_deep_in_long_text_is_seen():
    long = ["x" * 100_000, "y" * 70_001, "short"]
    assert name(a=long) != name(a=["x" * 100_000, "y" * 70_000 + "z", "short"])


def test_long_values_are_what_the_page_defines(reference):
    rows = [{"a": "äb" * size} for size in (0, 1, 3, 4, 170, 171, 5_000, 200_000)]
    assert name(a=[row["a"] for row in rows]) == reference.fingerprint({"a": "string"}, rows)[0]


def test_a_column_keeps_its_fingerprint_under_another_name():
    assert (
        fingerprint(pa.table({"a": [1, 2]})).columns["a"] == fingerprint(pa.table({"b": [2, 1]})).columns["b"]
    )


def test_the_order_of_columns_does_not_count_and_the_answer_keeps_it():
    table = pa.table({"b": [1], "a": ["x"]})
    assert name(b=[1], a=["x"]) == name(a=["x"], b=[1])
    assert list(fingerprint(table).columns) == ["b", "a"]


def test_maps_structs_and_runs_are_read():
    entries = pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64()))
    assert name(a=entries) == name(a=entries.take(pa.array([2, 1, 0])))
    assert name(a=entries) == name(a=pa.concat_arrays([entries.slice(1), entries.slice(0, 1)]))
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["a", "b"]))
    assert name(a=runs) == name(a=["a", "a", "b"])


def test_parts_with_other_columns_are_refused():
    state = state_of(pa.table({"a": [1]}))
    with pytest.raises(SchemaChangeError):
        state.add(state_of(pa.table({"b": [1]})))
    with pytest.raises(SchemaChangeError):
        state.add(state_of(pa.table({"a": ["x"]})))


def test_a_type_without_comparable_values_is_refused():
    union = pa.UnionArray.from_dense(
        pa.array([0], pa.int8()), pa.array([0], pa.int32()), [pa.array([1]), pa.array(["a"])]
    )
    with pytest.raises(DataTypeError):
        fingerprint(pa.table({"a": union}))
