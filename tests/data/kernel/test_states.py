"""States of parts merge in any order into the state of the whole."""

import datetime as dt
import functools
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineproof.data.kernel import TableState, Workspace, from_bytes, profile, to_bytes
from lineproof.data.kernel.distinct import Sizes
from lineproof.errors import StateError

SPACE = Workspace()


def state_of(table, chunk=None):
    state = TableState()
    for batch in table.to_batches(max_chunksize=chunk):
        state.update(batch, SPACE)
    return state


def merged(states):
    def add(one, other):
        one.merge(other)
        return one

    return functools.reduce(add, states, TableState())


def exact(state):
    """The bytes of a state without its float moments, and the moments."""
    moments = {}
    for name, column in state.columns.items():
        moments[name] = (column.moments.count, column.moments.mean, column.moments.squares)
        column.moments.mean = column.moments.mean_rest = column.moments.squares = 0.0
    return to_bytes(state), moments


def same(one, other):
    left, right = exact(one), exact(other)
    assert left[0] == right[0]
    for name, (count, mean, squares) in left[1].items():
        other = right[1][name]
        assert count == other[0]
        spread = math.sqrt(squares / count) if count else 0.0
        assert mean == pytest.approx(other[1], rel=1e-9, abs=1e-9 * spread)
        assert squares == pytest.approx(other[2], rel=1e-9, abs=1e-300)


def profiled(**columns):
    state = state_of(pa.table(columns))
    return {name: profile(one, state.content.columns[name]) for name, one in state.columns.items()}


VALUES = st.fixed_dictionaries(
    {
        "i": st.none() | st.integers(-5, 5) | st.integers(-(2**63), 2**63 - 1),
        "f": st.none() | st.floats(-1e150, 1e150) | st.sampled_from([math.nan, math.inf, 0.0, -0.0]),
        "s": st.none() | st.text(st.characters(codec="utf-8"), max_size=12),
        "t": st.none() | st.datetimes(),
        "b": st.none() | st.booleans(),
    }
)
TYPES = {"i": pa.int64(), "f": pa.float64(), "s": pa.string(), "t": pa.timestamp("us"), "b": pa.bool_()}


def arrow(rows):
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in TYPES.items()})


@settings(max_examples=80, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=30), st.integers(1, 7), st.randoms(use_true_random=False))
def test_chunks_order_and_the_tree_of_merges_do_not_count(rows, chunk, chance):
    whole = state_of(arrow(rows))
    parts = [state_of(arrow(rows[at : at + chunk])) for at in range(0, len(rows), chunk)]
    chance.shuffle(parts)
    while len(parts) > 1:  # any tree: two neighbours at a time
        at = chance.randrange(len(parts) - 1)
        parts[at : at + 2] = [merged(parts[at : at + 2])]
    shuffled = rows[:]
    chance.shuffle(shuffled)
    same(state_of(arrow(rows)), parts[0])
    same(whole, state_of(arrow(shuffled), chunk))


def large(rows=200_000, seed=3):
    chance = np.random.default_rng(seed)
    return pa.table(
        {
            "key": chance.permutation(rows),
            "offset": 1e9 + chance.normal(0, 1e-3, rows),
            "few": [f"group {n}" for n in chance.integers(0, 40, rows)],
            "some": chance.integers(0, 5_000, rows),
            "word": pa.array([f"w{n}" for n in chance.integers(0, 30_000, rows)]).dictionary_encode(),
        }
    )


def test_large_parts_merge_in_any_order_beyond_what_the_sample_holds():
    table = large()
    shuffled = table.take(np.random.default_rng(0).permutation(len(table)))
    parts = [state_of(shuffled.slice(at, 33_000), 10_000) for at in range(0, len(table), 33_000)]
    parts = [from_bytes(to_bytes(part)) for part in parts]
    same(state_of(table), merged(reversed(parts)))


def test_a_state_survives_being_stored():
    state = state_of(large(20_000))
    again = from_bytes(to_bytes(state))
    assert to_bytes(again) == to_bytes(state)
    again.merge(state_of(large(5_000, seed=9)))
    state.merge(state_of(large(5_000, seed=9)))
    assert to_bytes(again) == to_bytes(state)


@pytest.mark.parametrize("data", [b"", b"\x93", b"\x93\xa1x\xc0\xc0", b"\xff" * 40])
def test_bytes_that_are_no_state_are_refused(data):
    with pytest.raises(StateError):
        from_bytes(data)


def test_distinct_values_are_exact_while_few_and_close_when_many():
    found = profiled(**{name: large()[name] for name in ("few", "some", "key", "word")})
    assert (found["few"].distinct, found["few"].distinct_exact) == (40, True)
    for name, truth in (("some", 5_000), ("word", 30_000), ("key", 200_000)):
        assert not found[name].distinct_exact
        assert found[name].distinct == pytest.approx(truth, rel=0.03)


def test_quantiles_are_within_the_stated_error():
    chance = np.random.default_rng(1)
    numbers = chance.lognormal(3, 4, 100_001) * chance.choice([-1, 1], 100_001)
    quantiles = profiled(a=numbers)["a"].quantiles
    for share, value in quantiles.items():
        truth = np.quantile(numbers, float(share), method="lower")
        assert value == pytest.approx(truth, rel=1 / 128)


def test_moments_keep_their_digits_far_from_zero():
    numbers = 1e9 + np.random.default_rng(2).normal(0, 1e-3, 100_000)
    found = profiled(a=numbers)["a"]
    assert found.std == pytest.approx(float(np.std(numbers - 1e9, ddof=1)), rel=1e-6)
    assert found.mean == pytest.approx(1e9, rel=1e-12)


def test_a_profile_says_what_is_there():
    found = profiled(
        n=[1, 2, None, 4],
        x=[0.5, math.nan, math.inf, None],
        s=["Ab-12", "Cd-34", "x", None],
        d=[dt.date(2024, 1, 1), dt.date(2024, 2, 1), None, None],
        b=[True, True, False, None],
    )
    assert (found["n"].min, found["n"].max, found["n"].nulls, found["n"].distinct) == (1, 4, 1, 3)
    assert found["n"].mean == pytest.approx(7 / 3)
    assert (found["x"].nan, found["x"].infinite, found["x"].max) == (1, 1, "inf")
    assert found["s"].patterns == {"Aa-99": 0.6667, "a": 0.3333}
    assert found["s"].lengths == {"min": 1.0, "mean": pytest.approx(11 / 3), "max": 5.0}
    assert (found["d"].min, found["d"].max) == ("2024-01-01", "2024-02-01")
    assert found["b"].top == [(True, 2), (False, 1)]


def test_shapes_of_text_are_the_same_whether_or_not_a_neighbour_is_ascii():
    text = ["Ab-12", "xY_9", "", "a b", None, "Ab-34"]
    plain, mixed = profiled(s=text)["s"].patterns, profiled(s=[*text, "É١"])["s"].patterns
    assert plain == {"Aa-99": 0.4, "aA_9": 0.2, "a a": 0.2, "": 0.2}
    assert mixed == {**{shape: round(size * 5 / 6, 4) for shape, size in plain.items()}, "A9": 0.1667}
    sliced = pa.table({"s": ["left out", "Ab", "é"]}).slice(1, 1)
    assert profile(state_of(sliced).columns["s"], state_of(sliced).content.columns["s"]).patterns == {"Aa": 1}


def test_frequent_values_are_counted_exactly():
    words = ["a"] * 70_000 + ["b"] * 50_000 + [f"c{n}" for n in range(1_500)]
    top = profiled(s=words)["s"].top
    assert top[:2] == [("a", 70_000), ("b", 50_000)]
    assert len(top) == 10


def test_a_redacted_state_holds_no_value_and_still_merges():
    names = [f"secret person {n}" for n in range(500)]
    born = [dt.date(1950, 1, 1) + dt.timedelta(days=37 * n) for n in range(500)]
    table = pa.table({"name": names, "born": born, "age": np.arange(500) % 90 + 0.25, "n": np.arange(500)})
    hidden, other = state_of(table), state_of(table.slice(0, 100))
    hidden.redact(["name", "born", "age"])
    other.redact(["name", "born", "age"])
    stored = to_bytes(hidden)
    assert b"secret" not in stored
    assert hidden.columns["name"].distinct.hashes.size == 0
    shown = profile(hidden.columns["name"], hidden.content.columns["name"])
    assert (shown.min, shown.max, shown.top, shown.patterns, shown.distinct) == (None, None, None, None, 500)
    assert min(hidden.columns["born"].numbers.counts.values()) >= 5
    ends = sorted(hidden.columns["age"].numbers.counts.items())
    assert ends[0][1] >= 10
    assert ends[-1][1] >= 10
    again = from_bytes(stored)
    again.merge(other)
    assert again.content.rows == 600
    assert again.columns["name"].distinct.count() == pytest.approx(500, rel=0.05)


def test_odd_columns_have_profiles():
    found = profiled(
        nothing=pa.nulls(3),
        nested=[[1], None, [2, 3]],
        big=pa.array([1, 2**63, 2**64 - 1], "uint64"),
        bytes=[b"\xff", b"", None],
        time=[dt.time(1), None, dt.time(2)],
        span=[dt.timedelta(days=1), None, dt.timedelta(0)],
        category=pa.array(["a", None, "a"]).dictionary_encode(),
    )
    assert (found["nothing"].type, found["nothing"].nulls, found["nothing"].distinct) == ("null", 3, 0)
    assert found["nested"].distinct == 2
    assert found["big"].max == 2**64 - 1
    assert found["category"].top == [("a", 2)]


def test_wide_tables_keep_less_of_each_column():
    assert Sizes.for_columns(10_000).sample * 10_000 <= 2048 * 512
