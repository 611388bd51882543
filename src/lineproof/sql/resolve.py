"""From the text of a statement to the lineage of each column that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lineproof.sql.lineage import Lineage, Relation, joined, unread

__all__ = ["resolve"]


def resolve(
    text: str,
    tables: Mapping[str, Mapping[str, Lineage]],
    labels: Sequence[str] | None = None,
    dialect: str = "duckdb",
) -> list[tuple[str, Lineage]]:
    """Say where the columns of what a statement makes come from.

    Never raises for what a statement holds: what cannot be read is a superset of all columns of all
    tables, and marked as not known.

    Args:
        text: The statement.
        tables: Columns of each table that it may read: by name, or by path for files. A table without
            columns is one whose columns are not known.
        labels: Columns that the result really has; by default those that the statement names.
        dialect: Name of its SQL dialect, as sqlglot calls it.

    Raises:
        ImportError: sqlglot is not installed (`lineproof[sql]`).
    """
    from lineproof.sql.statement import Statement  # noqa: PLC0415 -- brings sqlglot

    everything = [each for columns in tables.values() for each in columns.values()]
    try:
        found = Statement(tables, dialect).relation(text)
    except Exception:  # noqa: BLE001 -- a dialect or a form that cannot be read
        found = None
    if found is None:
        lost = unread(everything)._replace(known=False)
        return [(label, lost) for label in labels or ()]
    return found.columns if labels is None else _labelled(found, labels, everything)


def _labelled(found: Relation, labels: Sequence[str], everything: list[Lineage]) -> list[tuple[str, Lineage]]:
    """Columns by place if there are as many, else by name."""
    if len(found.columns) == len(labels):
        return [(label, each) for label, (_, each) in zip(labels, found.columns, strict=True)]
    other = unread([*everything, joined(each for _, each in found.columns)])._replace(known=False)
    return [(label, found.get(label) or found.other(label) or other) for label in labels]
