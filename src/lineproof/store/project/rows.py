"""Rows on their way into the tables, collected per table in column order."""

from __future__ import annotations

from typing import Any

from lineproof.errors import NodeCollisionError
from lineproof.model.identity import node_id
from lineproof.model.openlineage import MODEL_NAMESPACE
from lineproof.store import schema

__all__ = ["NAMED", "UNVERSIONED", "Row", "Rows", "check_name", "version_node"]

UNVERSIONED = "unversioned"  # content of a dataset whose version nobody stated
# Tables whose key is a hash of a name: how many columns id and name are together.
NAMED = {"dataset": 3, "version": 3, "col": 3, "job": 3, "run": 2}

Row = tuple[Any, ...]


def version_node(namespace: str, name: str, content: str) -> int:
    """Give the node id of one content of a dataset."""
    return node_id("version", namespace, name, content)


def check_name(table: str, one: Row, other: Row) -> None:
    """See that two rows of one id are of one name.

    Raises:
        NodeCollisionError: They are not.
    """
    stop = NAMED[table]
    if one[:stop] != other[:stop]:
        raise NodeCollisionError(f"two {table} names share one identity: {one[1:stop]} and {other[1:stop]}")


class Rows:
    """The rows that some entries project. Where two share a key, the first stays.

    Attributes:
        nodes: Rows of the tables of nodes, by table name and id.
        others: Rows of the other tables, by table name.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, dict[int, Row]] = {name: {} for name in NAMED}
        self.others: dict[str, list[Row]] = {
            table.name: [] for table in schema.PROJECTED if table.name not in NAMED
        }

    def add(self, table: str, *values: Any) -> None:
        """Add one row, its values in the order of the table's columns."""
        self.others[table].append(values)

    @property
    def tables(self) -> dict[str, list[Row]]:
        """All rows by table name."""
        return {name: list(nodes.values()) for name, nodes in self.nodes.items()} | self.others

    def node(self, table: str, *values: Any) -> None:
        """Add one row of a table of nodes.

        Raises:
            NodeCollisionError: Its id is that of another name.
        """
        before = self.nodes[table].setdefault(values[0], values)
        if before is not values:
            check_name(table, before, values)

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
        self.node("job", node, namespace, name, entry)
        return node

    def run(self, uuid: str, job: int, entry: int) -> int:
        """Add a run; give its node id."""
        node = node_id("run", uuid)
        self.node("run", node, uuid, job, entry)
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
        self.node("dataset", owner, namespace, name, known, entry)
        self.node("version", node, owner, content, entry, ordinal, time)
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
        self.node("col", node, version, name, type_, position, entry)
        return node
