"""What a fingerprint promises: same content, same name; other content, other name; no harm to the data."""

import datetime as dt
import time

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from lineproof.data.fingerprint import frame_fingerprint


def name(obj):
    return frame_fingerprint(obj).fingerprint


FRAME = pd.DataFrame(
    {"n": [1, 2, 3], "x": [0.5, np.nan, -1.0], "s": ["a", None, "ü"], "b": [True, False, True]}
)


def test_the_same_content_has_the_same_fingerprint():
    assert name(FRAME) == name(FRAME.copy())
    assert name(FRAME).startswith("frame0:")
    assert len(name(FRAME)) == len("frame0:") + 32


@pytest.mark.parametrize("edit", [("n", 0, 9), ("x", 1, 0.0), ("s", 1, ""), ("s", 0, "b"), ("b", 2, False)])
def test_any_changed_cell_changes_it(edit):
    column, row, value = edit
    changed = FRAME.copy()
    changed.loc[row, column] = value
    assert name(changed) != name(FRAME)


def test_a_change_deep_in_a_long_table_is_seen():
    long = pd.DataFrame({"x": np.zeros(600_000)})
    changed = long.copy()
    changed.iloc[599_999, 0] = 1e-9
    assert name(changed) != name(long)


def test_column_names_order_and_row_order_count():
    assert name(FRAME.rename(columns={"n": "m"})) != name(FRAME)
    assert name(FRAME[["x", "n", "s", "b"]]) != name(FRAME)
    assert name(FRAME.iloc[::-1]) != name(FRAME)


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "uint8", "uint32", "Int64", "Int8"])
def test_the_width_of_integers_does_not_count(dtype):
    values = pd.Series([0, 1, 127])
    assert name(values.astype(dtype)) == name(values.astype("int64"))


def test_the_width_and_the_zeros_of_floats_do_not_count():
    assert name(np.array([0.5, 0.0], "f4")) == name(np.array([0.5, -0.0], "f8"))
    odd_nan = np.array([0x7FF8000000000001], "u8").view("f8")
    assert name(odd_nan) == name(np.array([np.nan]))


def test_integers_floats_and_truth_values_are_told_apart():
    assert len({name(np.array([1, 0], kind)) for kind in ("i8", "f8", "?")}) == 3
    assert name(np.array([1 << 63], "u8")) != name(np.array([-(1 << 63)], "i8"))


def test_memory_layout_and_chunks_do_not_count():
    table = np.arange(12.0).reshape(3, 4)
    assert name(np.asfortranarray(table)) == name(table)
    assert name(np.repeat(table, 2, axis=1)[:, ::2]) == name(table)
    parts = pd.concat([pd.Series(["a", "b"]), pd.Series(["", "ccc"])], ignore_index=True)
    assert name(parts) == name(pd.Series(["a", "b", "", "ccc"]))


def test_text_is_text_whatever_holds_it():
    for values in (["a", "bb", ""], ["ä", None, "日本"], ["a", None, "b"]):
        plain = pd.Series(values, dtype=object)
        assert name(plain) == name(pd.Series(values, dtype="str")) == name(pd.Series(values, dtype="string"))
    assert name(pd.Series(["ab", "c"])) != name(pd.Series(["a", "bc"]))


def test_the_unit_of_times_does_not_count_but_the_zone_does():
    times = pd.Series(pd.to_datetime(["2020-01-01", None, "2021-05-05"]))
    assert name(times.astype("M8[ns]")) == name(times.astype("M8[s]"))
    assert name(times) != name(times.dt.tz_localize("UTC"))
    assert name(times.dt.tz_localize("UTC")) == name(times.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"))
    assert name(times + pd.Timedelta(1, "ns")) != name(times)


def test_mixed_objects_are_told_apart_by_type():
    mixed = [1, 1.0, True, None, "1", dt.date(2020, 1, 1)]
    assert name(pd.Series(mixed, dtype=object)) == name(pd.Series(list(mixed), dtype=object))
    assert name(pd.Series([1, 1.0], dtype=object)) != name(pd.Series([1.0, 1], dtype=object))


def test_what_cannot_be_read_is_named_opaque():
    frame = pd.DataFrame({"ok": [1, 2], "lists": [[1], [2]], "things": [object(), object()]})
    found = frame_fingerprint(frame)
    assert found.opaque == ("lists", "things")
    assert found.rows == 2


class Hostile:
    def __hash__(self):
        raise RuntimeError("no")

    __repr__ = __eq__ = __hash__


def test_values_that_raise_do_not_raise_here():
    values = np.empty(2, dtype=object)
    values[:] = [Hostile(), Hostile()]
    assert frame_fingerprint(values).opaque


@pytest.mark.parametrize(
    "obj",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.Series([], dtype="str"),
        np.zeros((0, 3)),
        np.zeros((3, 0)),
        np.array(5),
        pd.Series([pd.Period("2020-01"), None]),
        pd.Series(pd.Categorical(["a", None, "b"])),
        pd.Series(np.array([1 + 2j])),
        np.array(["a", "bb"]),
        np.array(["2020-01-01"], "M8[D]"),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
        [0, 1, 1],
    ],
)
def test_every_kind_of_table_has_one(obj):
    found = frame_fingerprint(obj)
    assert found == frame_fingerprint(obj)
    assert not found.opaque


def test_other_objects_have_none():
    assert frame_fingerprint(object()) is None
    assert frame_fingerprint(None) is None


def test_sparse_matrices_by_content():
    dense = np.array([[0, 1.5], [2, 0]])
    rows = scipy.sparse.csr_matrix(dense)
    assert name(rows) == name(scipy.sparse.csc_matrix(dense)) == name(scipy.sparse.coo_array(dense))
    stored_zero = scipy.sparse.csr_matrix(([1.5, 2.0, 0.0], ([0, 1, 1], [1, 0, 1])), shape=(2, 2))
    assert name(stored_zero) == name(rows)
    assert stored_zero.nnz == 3  # the user's matrix keeps its stored zero


def test_a_named_index_is_data():
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index([10, 20], name="id"))
    other = frame.set_axis(pd.Index([10, 30], name="id"))
    assert name(frame) != name(other)
    assert name(frame.rename_axis(None)) == name(other.rename_axis(None))


def test_the_data_is_left_as_it_was():
    array = np.array([-0.0, np.nan, 1.0])
    before = array.tobytes()
    frame_fingerprint(array)
    frame_fingerprint(pd.DataFrame({"a": array}))
    assert array.tobytes() == before


def test_numbers_are_hashed_about_as_fast_as_the_hash_alone():
    import hashlib

    table = np.random.default_rng(0).normal(size=(500_000, 10))
    # In turns: what a machine is busy with changes.
    ratios = [
        _cpu(lambda: frame_fingerprint(table)) / _cpu(lambda: hashlib.sha256(table).digest())
        for _ in range(5)
    ]
    assert min(ratios) < 3


def _cpu(action):
    started = time.process_time()
    action()
    return time.process_time() - started


def test_ten_thousand_columns_take_well_under_a_second():
    wide = pd.DataFrame(np.zeros((5, 10_000)))
    assert min(_cpu(lambda: frame_fingerprint(wide)) for _ in range(3)) < 1.0
