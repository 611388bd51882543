"""SQLite and PostgreSQL agree: the same history gives the same tables and the same answers."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_case import RUN, dataset, dump, event, facet, source

from lineproof.errors import UsageError
from lineproof.graph import Ledger as Asked
from lineproof.model.entries import EntryType
from lineproof.store import Ledger, NewEntry

# What sorts otherwise in most locales, what is no letter at all.
_NAMES = st.sampled_from(
    ["a", "B", "b", "ä", "Z", "É", "a.csv", "A.csv", "%", "_", "?", "'", "\\", "𐍈", "  "]
)
_FREE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@st.composite
def _event(draw: Any) -> NewEntry:
    name, field, other = draw(_NAMES), draw(_NAMES), draw(_NAMES)
    content = f"sha256:{draw(st.integers(0, 2))}"
    made = dataset(
        name,
        content,
        columns=[field, other],
        sources={field: {"inputFields": [source(other, field, rule=draw(_FREE))]}},
    )
    value = draw(st.one_of(st.none(), st.floats(), st.integers(-(2**40), 2**40)))
    metrics = facet(metrics=[{"name": draw(_FREE), "value": value, "step": draw(st.integers(0, 2**40))}])
    return event(
        draw(st.sampled_from(["START", "RUNNING", "COMPLETE", "FAIL"])),
        run=f"{RUN[:-1]}{draw(st.integers(0, 3))}",
        job=draw(_NAMES),
        inputs=[dataset(other, content)],
        outputs=[made],
        lineproof_metrics=metrics,
    )


_APPEND = st.tuples(st.just("append"), st.lists(_event(), min_size=1, max_size=4))
_ANYTHING = st.tuples(
    st.just("append"),
    st.lists(st.binary(max_size=60).map(lambda body: NewEntry(EntryType.LINEAGE_EVENT, body)), max_size=2),
)
_DESTROY = st.tuples(st.just("destroy"), st.integers(0, 12))
_AGAIN = st.tuples(st.just("again"), st.none())
_REBUILD = st.tuples(st.just("rebuild"), st.none())
_HISTORIES = st.lists(
    st.one_of(_APPEND, _APPEND, _ANYTHING, _DESTROY, _AGAIN, _REBUILD), min_size=1, max_size=6
)


def _live(ledger: Ledger, history: list[tuple[str, Any]]) -> list[Any]:
    """Do what a history says; give what was answered."""
    answers: list[Any] = []
    last: list[NewEntry] = []
    for what, value in history:
        if what == "append":
            last = value
            answers.append(ledger.append(value))
        elif what == "again":
            answers.append(ledger.append([item for item in last if item.id is not None]))
        elif what == "rebuild":
            answers.append(ledger.rebuild())
        else:
            try:
                answers.append(ledger.destroy_payload(value, "drawn"))
            except UsageError as error:
                answers.append(str(error))
    return answers


def _same(value: Any) -> Any:
    return value.replace("\x00", "\u2400") if isinstance(value, str) else value


def _tables(ledger: Ledger) -> dict[str, Any]:
    """Give all rows, but for references of people and times of the machine."""
    tables = {name: [tuple(map(_same, row)) for row in rows] for name, rows in dump(ledger).items()}
    tables["principal"] = [row[1:] for row in tables["principal"]]
    tables["activity"] = [(row[0], row[1], *row[3:]) for row in tables["activity"] if row[1] != "key"]
    return tables


def _answers(ledger: Ledger) -> list[Any]:
    asked = Asked(ledger)
    runs = [
        (row.run, row.job, row.state, row.inputs, row.outputs, row.metrics) for row in asked.log(inner=True)
    ]
    with ledger.connection() as connection:
        names = sorted(row[0] for row in connection.exec_driver_sql("SELECT DISTINCT name FROM dataset"))
    traces: list[Any] = []
    for name, direction in itertools.product(names, ("up", "down")):
        try:
            traces.append(asked.trace(f"dataset:{_quoted(name)}", direction=direction, columns=True))
        except UsageError as error:
            traces.append(str(error))
    return [
        _same(msgspec.json.encode(answer).decode().replace("\\u0000", "\u2400"))
        for answer in (*runs, *traces)
    ]


def _quoted(name: str) -> str:
    return "".join(f"%{ord(sign):02x}" if sign in "%@#" else sign for sign in name)


@pytest.fixture(scope="module")
def schema_of(postgres):
    return postgres.new_schema


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=_HISTORIES)
def test_the_same_history_gives_the_same_tables_and_answers(schema_of, tmp_path_factory, history):
    place = tmp_path_factory.mktemp("agreement")
    one = Ledger.create(place / "one" / ".lineproof")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINEPROOF_STORE", schema_of())
        other = Ledger.create(place / "other" / ".lineproof")
    try:
        _compare(one, other, history)
    finally:
        one.close()
        other.close()


def _compare(one: Ledger, other: Ledger, history: list[tuple[str, Any]]) -> None:
    assert _live(one, history) == _live(other, history)
    assert _tables(one) == _tables(other)
    assert _answers(one) == _answers(other)
    for ledger in (one, other):
        report = ledger.verify()
        assert report.ok, report.failures


@pytest.mark.both_stores
def test_a_name_with_a_nul_is_the_same_name_each_time(store, folder):
    ledger = store(folder)
    for _ in range(2):
        ledger.append([event(outputs=[dataset("nul\0.csv", "sha256:1", columns=["a\0"])])])
    assert len(dump(ledger)["dataset"]) == 1
    assert ledger.verify().ok
