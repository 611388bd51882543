"""Column lineage of the SQL queries of a run, worked out after it: nothing is parsed while a program runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import msgspec

from lineproof.intake.account import DatasetKey, RunAccount
from lineproof.model.facets import Query
from lineproof.model.lineage import How, Precision
from lineproof.model.openlineage import (
    ColumnLineage,
    Dataset,
    DatasetVersion,
    InputField,
    OutputField,
    Transformation,
)
from lineproof.sql import Lineage, resolve

__all__ = ["QUERIES_AT_MOST", "Resolved", "resolved_queries"]

QUERIES_AT_MOST = 2000  # of one run; a program that makes more makes them in a loop
_RULE = "sql"
_Key = tuple[str, str, str, str]  # namespace, name, column, version


class Resolved(msgspec.Struct, frozen=True):
    """The result of a query with the lineage of its columns.

    Attributes:
        purpose: What tells this event from the others of the run; the same for a repeat.
        output: The dataset that the query made.
    """

    purpose: str
    output: Dataset


def resolved_queries(account: RunAccount) -> tuple[list[Resolved], list[str]]:
    """Say where the columns of each query's result came from.

    Args:
        account: What the processes of the run said.

    Returns:
        One for each query; and gaps, in words.
    """
    if not account.queries:
        return [], []
    if find_spec("sqlglot") is None:
        return [], [
            f"queries whose columns were not followed: {len(account.queries)}; install lineproof[sql]"
        ]
    gaps = []
    if len(account.queries) > QUERIES_AT_MOST:
        gaps.append(f"queries beyond the first {QUERIES_AT_MOST}: their columns were not followed")
    listed = list(account.queries.items())[:QUERIES_AT_MOST]
    return [Resolved(f"query/{key.name}/{key.content}", _output(key, body)) for key, body in listed], gaps


def _output(key: DatasetKey, body: tuple[msgspec.Raw, list[str]]) -> Dataset:
    query = msgspec.json.decode(body[0], type=Query)
    tables = {name: dict(_lineages(columns)) for name, columns in query.tables.items()}
    found = resolve(query.text, tables, body[1], query.dialect)
    facets: dict[str, Any] = {
        "columnLineage": ColumnLineage(fields={name: _field(each) for name, each in found})
    }
    if key.content is not None:
        facets["version"] = DatasetVersion(dataset_version=key.content)
    return Dataset(namespace=key.namespace, name=key.name, facets=facets)


def _lineages(columns: Mapping[str, OutputField]) -> Iterator[tuple[str, Any]]:
    for name, field in columns.items():
        kinds: dict[str, set[_Key]] = {"DIRECT": set(), "INDIRECT": set()}
        masked: set[_Key] = set()
        for source in field.input_fields:
            kind = source.transformations[0].type if source.transformations else "DIRECT"
            version = source.version if isinstance(source.version, str) else ""
            key = (source.namespace, source.name, source.field, version)
            kinds[kind].add(key)
            if source.transformations and source.transformations[0].masking is True:
                masked.add(key)
        yield (
            name,
            Lineage(
                frozenset(kinds["DIRECT"]),
                frozenset(kinds["INDIRECT"]),
                field.precision is Precision.EXACT,
                field.precision is not Precision.UNKNOWN,
                frozenset(masked),
            ),
        )


def _field(lineage: Any) -> OutputField:
    precision = Precision.EXACT if lineage.exact else Precision.SUPERSET
    fields = [_source(key, "DIRECT", masking=key in lineage.masked) for key in sorted(lineage.direct)]
    fields += [_source(key, "INDIRECT") for key in sorted(lineage.indirect)]
    return OutputField(
        input_fields=fields,
        how=How.STATIC,
        precision=precision if lineage.known else Precision.UNKNOWN,
        rule=_RULE,
    )


def _source(key: _Key, kind: str, *, masking: bool = False) -> InputField:
    namespace, name, column, version = key
    transformation = Transformation(type=kind)
    if masking:
        transformation.masking = True
    field = InputField(namespace=namespace, name=name, field=column, transformations=[transformation])
    if version and version != "unversioned":
        field.version = version
    return field
