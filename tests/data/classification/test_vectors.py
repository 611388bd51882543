"""The labelled tables of the public conformance data, with their names and without."""

from __future__ import annotations

import csv

import pytest
import yaml

from lineproof.data.classification import Column, classify_table

TABLES = ("patients_us", "kunden_de", "users_ja", "clientes_br")
# Towns of this table are written as surnames; without a name or a neighbour nothing tells them apart.
UNKNOWABLE = {("clientes_br", "cidade")}


def read(folder, table):
    with (folder / "pii" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    labels = yaml.safe_load((folder / "pii" / f"{table}.labels.yaml").read_text("utf-8"))
    columns = {}
    for index, name in enumerate(head):
        present = [row[index] for row in rows if row[index]]
        columns[name] = Column(present, rows=len(rows), nulls=len(rows) - len(present))
    return columns, labels


@pytest.mark.parametrize("table", TABLES)
def test_named_columns_get_the_class_letter_and_article_of_their_label(vectors, table):
    columns, labels = read(vectors, table)
    found = classify_table(columns)
    got = {name: (one.class_, one.hipaa, one.gdpr) for name, one in found.items()}
    assert got == {name: (it["class"], it["hipaa_identifier"], it["gdpr"]) for name, it in labels.items()}


@pytest.mark.parametrize("table", TABLES)
def test_columns_without_a_telling_name_are_known_by_their_values(vectors, table):
    columns, labels = read(vectors, table)
    found = classify_table({f"f{number}": column for number, column in enumerate(columns.values())})
    wrong = {
        name: one.class_
        for name, one in zip(columns, found.values(), strict=True)
        if one.class_ != labels[name]["class"] and (table, name) not in UNKNOWABLE
    }
    assert not wrong
    for name, one in zip(columns, found.values(), strict=True):
        assert one.personal == (labels[name]["gdpr"] != "none")


@pytest.mark.parametrize("table", TABLES)
def test_evidence_never_holds_a_value(vectors, table):
    columns, _ = read(vectors, table)
    for name, one in classify_table(columns).items():
        text = " ".join(one.evidence)
        values = [value for value in columns[name].values if len(value) > 3]
        assert not [value for value in values if value in text]
