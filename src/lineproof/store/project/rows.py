"""Rows on their way into the tables, collected per table in column order."""

from __future__ import annotations

from typing import Any

from lineproof.model.identity import node_id
from lineproof.model.openlineage import MODEL_NAMESPACE
from lineproof.store import schema

__all__ = ["UNVERSIONED", "Rows", "version_node"]

UNVERSIONED = "unversioned"  # content of a dataset whose version nobody stated


def version_node(namespace: str, name: str, content: str) -> int:
    """Give the node id of one content of a dataset."""
    return node_id("version", namespace, name, content)


class Rows:
    """The rows that some entries project. Where two share a key, the first stays.

    Attributes:
        tables: Rows by table name, in the order of `schema.PROJECTED`.
    """

    def __init__(self) -> None:
        self.tables: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in schema.PROJECTED}

    def add(self, table: str, *values: Any) -> None:
        """Add one row, its values in the order of the table's columns."""
        self.tables[table].append(values)

    def activity(
        self,
        entry: int,
        type_: str,
        summary: str,
        *,
        time: str | None = None,
        run: str | None = None,
        model: str | None = None,
    ) -> None:
        """Add the line that says what the entry is about."""
        self.add("activity", entry, str(type_), time, run, None, model, summary)

    def job(self, namespace: str, name: str, entry: int) -> int:
        """Add a job; give its node id."""
        node = node_id("job", namespace, name)
        self.add("job", node, namespace, name, entry)
        return node

    def run(self, uuid: str, job: int, entry: int) -> int:
        """Add a run; give its node id."""
        node = node_id("run", uuid)
        self.add("run", node, uuid, job, entry)
        return node

    def version(
        self,
        namespace: str,
        name: str,
        content: str,
        *,
        type_: str | None = None,
        entry: int,
        ordinal: int,
        time: str | None,
    ) -> int:
        """Add a dataset and one content of it; give the node id of the content."""
        owner = node_id("dataset", namespace, name)
        node = version_node(namespace, name, content)
        known = type_ or ("MODEL" if namespace == MODEL_NAMESPACE else None)
        self.add("dataset", owner, namespace, name, known, entry)
        self.add("version", node, owner, content, entry, ordinal, time)
        return node

    def column(
        self,
        key: tuple[str, str, str],
        version: int,
        name: str,
        *,
        type_: str | None = None,
        position: int | None = None,
        entry: int,
    ) -> int:
        """Add a column of a version, given its (namespace, name, content); give its node id."""
        node = node_id("column", *key, name)
        self.add("col", node, version, name, type_, position, entry)
        return node
