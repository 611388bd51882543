"""Promises about payloads that others write: all are kept, none stops the log or makes it look altered."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_case import dump, event

from lineproof.model.entries import EntryType
from lineproof.model.identity import node_id
from lineproof.store import Ledger, NewEntry
from lineproof.store.project import Rows, project
from lineproof.store.project.nesting import DEEPEST, nests_too_deep

EVENT = EntryType.LINEAGE_EVENT
BASE = {
    "eventTime": "2026-01-01T00:00:00Z",
    "run": {"runId": "r"},
    "job": {"namespace": "n", "name": "j"},
}


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def with_facet(text: bytes, name: bytes = b"f") -> bytes:
    return b'{"run":{"runId":"r","facets":{"%b":%b}},"job":{"namespace":"n","name":"j"}}' % (name, text)


def with_dataset(**described: Any) -> bytes:
    return json.dumps({**BASE, "inputs": [{"namespace": "file", "name": "a", **described}]}).encode()


def kept(ledger: Ledger, *items: NewEntry) -> None:
    """Each must be kept as it came, and the ledger must verify and rebuild to the same tables."""
    done = ledger.append(items)
    assert [ledger.entry(seq).payload for seq in done.entries] == [item.payload for item in items]
    report = ledger.verify()
    assert report.ok, report.failures
    before = dump(ledger)
    ledger.rebuild()
    assert dump(ledger) == before
    assert {row[0] for row in before["activity"]} == set(range(report.total)), "a line for every entry"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"\xff\xfe\x00",
        b'"text"',
        b"1" * 5000,
        b'{"run": 7}',
        b'{"inputs": {"a": 1}}',
        nested(5000),
        b'{"zzz":' + nested(5000) + b"}",
        with_facet(nested(5000)),
        with_facet(b"[" * 200_000),
        with_facet(b'"\\ud800"'),
        with_facet(b"1", b"\\ud800"),
        with_facet(b'"\xff\xfe"'),
        with_facet(b"1", b"\xed\xa0\x80"),
        with_facet(b'{"metrics":[{"name":"a","value":1e999}]}', b"lineproof_metrics"),
        with_facet(b'{"metrics":[{"name":"a","value":%b}]}' % (b"9" * 400), b"lineproof_metrics"),
        with_facet(b'{"metrics":[{"name":"a","step":9223372036854775808}]}', b"lineproof_metrics"),
        with_facet(b'{"metrics":[{"name":"a","step":-9223372036854775808}]}', b"lineproof_metrics"),
        with_facet(b'{"run":{"runId":"r"},"job":{"namespace":"n","name":"j"}}', b"parent"),
        with_dataset(namespace="\0", name="a\0b", facets={"\0": 1}),
        with_dataset(facets={"schema": {"fields": [{"name": ""}, {"name": ""}, {"name": "\0"}]}}),
        with_dataset(facets={"schema": 1, "version": [], "symlinks": "x", "columnLineage": None}),
        with_dataset(facets={"version": {"datasetVersion": 5}}),
    ],
    ids=range(24),
)
def test_whatever_an_event_holds_it_is_kept_and_the_ledger_verifies(ledger, payload):
    kept(ledger, NewEntry(EVENT, payload))


@pytest.mark.parametrize(
    ("type_", "payload"),
    [
        (EntryType.DECISION, b"{}"),
        (EntryType.DECISION, b'{"decision":"d","kind":"k","time":"t","chosen":' + nested(5000) + b"}"),
        (EntryType.DECISION, b'{"decision":"d","kind":"k","time":"t","chosen":' + b"9" * 400 + b"}"),
        (EntryType.DECISION, b'{"decision":"d","kind":"k","time":"t","chosen":1e999}'),
        (EntryType.DECISION, b'{"decision":"d","kind":"k","time":"t","chosen":"\\ud800"}'),
        (EntryType.PREDICTION_SEGMENT, b'{"segment":"s","model_name":"m","ids":[1],"time":"t"}'),
        (
            EntryType.PREDICTION_SEGMENT,
            b'{"segment":"s","model_name":"m","ids":["1","1"],"outputs":{},"time":"t"}',
        ),
        (EntryType.GRANT, b'{"principal":"p","kind":"k","name":"n","auth_method":"trust me","time":"t"}'),
        (EntryType.WAIVER, b"\x00\xff"),
    ],
    ids=range(9),
)
def test_other_entries_need_not_be_readable_either(ledger, type_, payload):
    kept(ledger, NewEntry(type_, payload))


def test_an_unreadable_event_leaves_no_other_row_than_its_line_of_activity():
    rows = Rows()
    project(7, EVENT, with_dataset()[:-1], rows)
    assert {table for table, found in rows.tables.items() if found} == {"activity"}
    assert "kept as received" in rows.tables["activity"][0][-1]


def test_what_an_entry_projects_does_not_depend_on_who_asks(ledger):
    """A decoder's limit moves with the caller's stack: what append read, verify must read too."""
    decisions = [
        b'{"decision":"%d","kind":"k","time":"t","chosen":%b}' % (levels, nested(levels))
        for levels in (DEEPEST - 1, DEEPEST, *range(850, 1000, 10))
    ]
    ledger.append([NewEntry(EntryType.DECISION, payload) for payload in decisions])

    def deep_down(calls: int) -> bool:
        return ledger.verify().ok if calls == 0 else deep_down(calls - 1)

    assert all(deep_down(calls) for calls in (0, 20, 40, 80, 160))
    assert len(dump(ledger)["decision"]) == 1, "the one within the limit"


@pytest.mark.parametrize(
    ("payload", "deep"),
    [
        (nested(DEEPEST), False),
        (nested(DEEPEST + 1), True),
        (b'["' + b"[" * 500 + b'"]', False),
        (b'["\\"' + b"[" * 500 + b'"]', False),
        (b'["\\\\",' + nested(DEEPEST) + b"]", True),
        (b"[" + b"[]," * 500 + b"[]]", False),
        (b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST, False),
        (b'{"a":[' * DEEPEST, True),
    ],
)
def test_brackets_count_where_they_nest_and_not_in_strings(payload, deep):
    assert nests_too_deep(payload) is deep


@pytest.mark.parametrize("piece", [b'\\"', b'"\\', b"[", b"[]", b'"', b'["'])
def test_telling_how_deep_takes_time_by_length_alone(piece):
    payload = b'"' + piece * (1_000_000 // len(piece))
    started = time.process_time()
    nests_too_deep(payload)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a\x1fb", "c"), ("a", "b\x1fc")),
        (("a\x1e", "b"), ("a", "\x1eb")),
        (("a\x1e1b", "c"), ("a\x1fb", "c")),
    ],
)
def test_no_name_can_be_written_so_that_it_takes_the_identity_of_another(ledger, one, other):
    assert node_id("dataset", *one) != node_id("dataset", *other)
    kept(ledger, *(NewEntry(EVENT, with_dataset(namespace=a, name=b)) for a, b in (one, other)))


def test_ten_thousand_columns_are_projected_quickly(ledger):
    names = [f"column {number}" for number in range(10_000)]
    facets = {
        "schema": {"fields": [{"name": name} for name in names]},
        "columnLineage": {
            "fields": {
                name: {"inputFields": [{"namespace": "file", "name": "wide.csv", "field": name}]}
                for name in names
            }
        },
    }
    wide = event(outputs=[{"namespace": "file", "name": "out.csv", "facets": facets}])
    started = time.process_time()
    ledger.append([wide])
    assert time.process_time() - started < 10
    assert len(dump(ledger)["edge"]) == 10_001
    assert ledger.verify().ok


ODD = st.sampled_from(
    ["", "a", "b", "\0", "\x1f", "\x1e", "é", "\U0001f600", "a" * 300, "%", "@", "#", "::", "unversioned"]
)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ODD
ANYTHING = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD, inner, max_size=3),
    max_leaves=6,
)


def mostly(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).flatmap(lambda die: ANYTHING if die == 0 else right)


FIELD = st.fixed_dictionaries(
    {"namespace": mostly(ODD), "name": mostly(ODD), "field": mostly(ODD)},
    optional={
        "version": mostly(ODD),
        "transformations": mostly(
            st.lists(
                st.fixed_dictionaries({"type": st.sampled_from(["DIRECT", "INDIRECT", "x"])}), max_size=2
            )
        ),
    },
)
LINEAGE = st.fixed_dictionaries(
    {
        "fields": mostly(
            st.dictionaries(
                ODD,
                st.fixed_dictionaries(
                    {"inputFields": mostly(st.lists(FIELD, max_size=3))},
                    optional={
                        "how": mostly(st.just("declared")),
                        "precision": mostly(st.just("superset")),
                        "rule": mostly(ODD),
                    },
                ),
                max_size=3,
            )
        )
    },
    optional={"dataset": mostly(st.lists(FIELD, max_size=2))},
)
NAMED = {"namespace": mostly(ODD), "name": mostly(ODD)}
FACETS = st.fixed_dictionaries(
    {},
    optional={
        "version": mostly(st.fixed_dictionaries({"datasetVersion": mostly(ODD)})),
        "datasetType": mostly(st.fixed_dictionaries({"datasetType": mostly(st.just("MODEL"))})),
        "schema": mostly(
            st.fixed_dictionaries(
                {"fields": st.lists(st.fixed_dictionaries({"name": mostly(ODD)}), max_size=3)}
            )
        ),
        "symlinks": mostly(
            st.fixed_dictionaries({"identifiers": st.lists(st.fixed_dictionaries(NAMED), max_size=2)})
        ),
        "columnLineage": mostly(LINEAGE),
    },
)
DATASET = st.fixed_dictionaries(NAMED, optional={"facets": mostly(FACETS), "inputFacets": mostly(FACETS)})
RUN = st.fixed_dictionaries(
    {"runId": mostly(ODD)},
    optional={
        "facets": mostly(
            st.fixed_dictionaries(
                {},
                optional={
                    "parent": mostly(
                        st.fixed_dictionaries({"run": st.fixed_dictionaries({"runId": mostly(ODD)})})
                    ),
                    "lineproof_metrics": mostly(
                        st.fixed_dictionaries(
                            {
                                "metrics": st.lists(
                                    st.fixed_dictionaries({"name": ODD}, optional={"value": SCALAR}),
                                    max_size=3,
                                )
                            }
                        )
                    ),
                },
            )
        )
    },
)
EVENTS = st.fixed_dictionaries(
    {"run": mostly(RUN), "job": mostly(st.fixed_dictionaries(NAMED))},
    optional={
        "eventTime": mostly(st.just("2026-01-01T00:00:00Z")),
        "eventType": mostly(st.sampled_from(["START", "COMPLETE", "x"])),
        "inputs": mostly(st.lists(DATASET, max_size=3)),
        "outputs": mostly(st.lists(DATASET, max_size=3)),
        "dataset": mostly(DATASET),
    },
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    bodies=st.lists(st.lists(EVENTS, min_size=1, max_size=4), min_size=1, max_size=3),
    destroyed=st.lists(st.integers(1, 8), max_size=2, unique=True),
)
def test_no_ledger_that_nobody_altered_is_said_to_be_altered(tmp_path_factory, bodies, destroyed):
    ledger = Ledger.create(tmp_path_factory.mktemp("drawn") / ".lineproof")
    for group in bodies:
        ledger.append([NewEntry(EVENT, json.dumps(body).encode()) for body in group])
    for number in destroyed:
        if number < ledger.size() and ledger.entry(number).type not in {EntryType.KEY, EntryType.SHRED}:
            ledger.destroy_payload(number, "asked for")
    report = ledger.verify()
    assert report.ok, report.failures
    assert report.checked == report.total == ledger.size()
    before = dump(ledger)
    ledger.rebuild()
    assert dump(ledger) == before
