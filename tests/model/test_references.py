"""References mean the same thing in every room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineproof.errors import ReferenceSyntaxError
from lineproof.model.references import Kind, Reference, quote, unquote


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dataset:patients", Reference(kind=Kind.DATASET, name="patients")),
        ("dataset:patients@v3", Reference(kind=Kind.DATASET, name="patients", version="v3")),
        (
            "column:file::data/patients.csv#ssn@v2",
            Reference(
                kind=Kind.COLUMN, namespace="file", name="data/patients.csv", column="ssn", version="v2"
            ),
        ),
        ("model:credit@3", Reference(kind=Kind.MODEL, name="credit", version="3")),
        ("prediction:4711", Reference(kind=Kind.PREDICTION, name="4711")),
        (
            "prediction:credit@3/4711",
            Reference(kind=Kind.PREDICTION, name="4711", model="credit", version="3"),
        ),
        ("entry:1042", Reference(kind=Kind.ENTRY, name="1042")),
        (
            "dataset:postgres%3A%3Ax::a@sha256:9f2c",
            Reference(kind=Kind.DATASET, namespace="postgres::x", name="a", version="sha256:9f2c"),
        ),
        (
            "dataset:postgres://host:5432::db.schema.table",
            Reference(kind=Kind.DATASET, namespace="postgres://host:5432", name="db.schema.table"),
        ),
    ],
)
def test_a_reference_reads_as_written_and_back(text, expected):
    assert Reference.parse(text) == expected
    assert Reference.parse(str(expected)) == expected


@pytest.mark.parametrize(
    "text", ["", "patients", "thing:x", "dataset:", "column:patients", "column:p#", "dataset:a@"]
)
def test_what_is_not_a_reference_is_refused(text):
    with pytest.raises(ReferenceSyntaxError):
        Reference.parse(text)


names = st.text(min_size=1).filter(lambda name: "\x00" not in name)


@given(names)
def test_any_name_survives_quoting(name):
    assert unquote(quote(name)) == name


@given(namespace=names, name=names, column=names)
def test_any_names_make_a_reference_that_reads_back(namespace, name, column):
    # A colon at the border of namespace and name would join the separator.
    if namespace.endswith(":") or name.startswith(":"):
        return
    reference = Reference(kind=Kind.COLUMN, namespace=namespace, name=name, column=column, version="v1")
    assert Reference.parse(str(reference)) == reference
