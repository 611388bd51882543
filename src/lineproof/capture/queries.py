"""Results of SQL queries: recorded as datasets with the query's text, taken apart when somebody asks.

Parsing SQL takes milliseconds, so it is not done while the program runs: a column of a result comes from
the column of that name of the query's dataset. Intake says after the run where that one comes from; in
the program it is worked out when `lineproof.origins` is asked.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lineproof.capture.columns import column_names
from lineproof.capture.edges import lineage_facet, source_datasets, versioned
from lineproof.capture.provenance.table import (
    NOTHING,
    ColumnOrigin,
    SourceColumn,
    Table,
    combined,
    source_origin,
)
from lineproof.capture.redaction import scrubbed
from lineproof.model.facets import Query
from lineproof.model.lineage import How, Precision
from lineproof.model.openlineage import MEMORY_NAMESPACE, DatasetType, Schema, SchemaField

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["asked", "expanded"]

_RULE = "sql"


class _Asked:
    """A query that was executed, and what is known of the tables it read."""

    def __init__(self, text: str, dialect: str, tables: Mapping[str, Table], labels: Sequence[str]) -> None:
        self.text = text
        self.dialect = dialect
        self.tables = dict(tables)
        self.labels = tuple(labels)
        self.origins: dict[str, ColumnOrigin] | None = None


_asked: dict[tuple[str, str, str], _Asked] = {}
_recorded: weakref.WeakKeyDictionary[Any, set[tuple[str, str, str]]] = weakref.WeakKeyDictionary()


def asked(
    session: Session,
    text: str,
    tables: Mapping[str, Table],
    labels: Sequence[str],
    *,
    dialect: str,
    made: tuple[str, str] | None = None,
) -> Table:
    """Record a query, once for each text and input; give where the columns of its result come from.

    Args:
        session: The recording.
        text: One statement.
        tables: What is known of the tables that it reads, by name or path in the text.
        labels: Columns of the result.
        dialect: Name of the SQL dialect, as sqlglot calls it.
        made: Namespace and name of the table that it makes; by default the result is one in memory.
    """
    namespace, name = made or (MEMORY_NAMESPACE, f"{session.site()}/query")
    known = [(key, table.labels, table.origins) for key, table in sorted(tables.items())]
    version = f"query0:{hashlib.sha256(repr((text, known)).encode()).hexdigest()[:32]}"
    key = (namespace, name, version)
    names = column_names(labels)
    if key not in _asked:
        _asked[key] = _Asked(text, dialect, tables, names)
    recorded = _recorded.setdefault(session, set())
    if key not in recorded:
        recorded.add(key)
        _record(session, key, _asked[key])
    origins = [source_origin(SourceColumn(*key, each), _RULE) for each in names]
    return Table(labels, origins)


def _record(session: Session, key: tuple[str, str, str], query: _Asked) -> None:
    output = versioned(*key)
    output.facets["schema"] = Schema(fields=[SchemaField(name=each) for each in query.labels])
    output.facets["datasetType"] = DatasetType(dataset_type="TABLE", sub_type="QUERY")
    tables = {
        name: lineage_facet([str(label) for label in table.labels], table.origins).fields
        for name, table in query.tables.items()
    }
    output.facets["lineproof_query"] = Query(
        text=scrubbed(query.text)[0], dialect=query.dialect, tables=tables
    )
    origins = [origin for table in query.tables.values() for origin in table.origins]
    session.emit("RUNNING", inputs=source_datasets(origins), outputs=[output])


def expanded(origin: ColumnOrigin) -> ColumnOrigin:
    """Give an origin with results of queries replaced by what they came from."""
    pending = [
        source for source in origin.sources if (source.namespace, source.name, source.version) in _asked
    ]
    if not pending:
        return origin
    flowing = [
        found.masking() if source in origin.masked else found
        for source in pending
        if source in origin.direct
        for found in (_origin_of(source),)
    ]
    deciding = [_origin_of(source) for source in pending if source in origin.indirect]
    kept = ColumnOrigin(
        origin.direct.difference(pending),
        origin.indirect.difference(pending),
        origin.precision,
        origin.rule,
        origin.how,
        origin.masked.difference(pending),
    )
    found = combined([kept, *flowing], origin.rule)
    return found.under(combined(deciding, origin.rule))


def _origin_of(source: SourceColumn) -> ColumnOrigin:
    query = _asked[source.namespace, source.name, source.version]
    if query.origins is None:
        query.origins = {}  # a table that is made of itself
        query.origins = _resolved(query)
    return query.origins.get(source.column) or _lost(query)


def _lost(query: _Asked) -> ColumnOrigin:
    everything = [expanded(origin) for table in query.tables.values() for origin in table.origins]
    return combined(everything, _RULE, Precision.UNKNOWN)


def _resolved(query: _Asked) -> dict[str, ColumnOrigin]:
    try:
        from lineproof.sql import resolve

        found = resolve(query.text, _tables(query), query.labels, query.dialect)
    except ImportError:
        return {}
    return {label: expanded(_origin(lineage)) for label, lineage in found}


def _tables(query: _Asked) -> dict[str, dict[str, Any]]:
    from lineproof.sql import Lineage

    return {
        name: {
            str(label): Lineage(
                origin.direct,
                origin.indirect,
                origin.precision is Precision.EXACT,
                origin.precision is not Precision.UNKNOWN,
                origin.masked,
            )
            for label, origin in zip(table.labels, map(expanded, table.origins), strict=True)
        }
        for name, table in query.tables.items()
    }


def _origin(lineage: Any) -> ColumnOrigin:
    precision = Precision.EXACT if lineage.exact else Precision.SUPERSET
    if not lineage.known:
        precision = Precision.UNKNOWN
    return ColumnOrigin(
        lineage.direct or NOTHING,
        lineage.indirect or NOTHING,
        precision,
        _RULE,
        How.STATIC,
        lineage.masked or NOTHING,
    )
