"""The dataset versions and columns that one event names, each added once."""

from __future__ import annotations

from lineproof.store.project.rows import UNVERSIONED, Rows

__all__ = ["Key", "Nodes"]

Key = tuple[str, str, str]  # namespace, name, content


class Nodes:
    """The nodes of one event on their way into rows.

    Args:
        entry: Number of the event's entry.
        time: When it happened, as it says.
        rows: Where rows go.
    """

    def __init__(self, entry: int, time: str | None, rows: Rows) -> None:
        self._entry = entry
        self._time = time
        self._rows = rows
        self._versions: dict[Key, int] = {}
        self._columns: dict[tuple[int, str], int] = {}
        self._read: dict[tuple[str, str], list[Key]] = {}
        self._named: dict[tuple[str, str], list[Key]] = {}

    def version(self, key: Key, type_: str | None = None) -> int:
        """Give the node of one content of a dataset."""
        node = self._versions.get(key)
        if node is None:
            node = self._rows.version(
                *key, type_=type_, entry=self._entry, ordinal=len(self._versions), time=self._time
            )
            self._versions[key] = node
        return node

    def column(
        self, key: Key, version: int, name: str, type_: str | None = None, position: int | None = None
    ) -> int:
        """Give the node of a column of that content."""
        node = self._columns.get((version, name))
        if node is None:
            node = self._rows.column(key, version, name, type_=type_, position=position, entry=self._entry)
            self._columns[version, name] = node
        return node

    def note(self, key: Key, *, read: bool) -> None:
        """Remember that the event names this content, as an input or otherwise."""
        for known in (self._named, self._read) if read else (self._named,):
            contents = known.setdefault(key[:2], [])
            if key not in contents[-1:]:
                contents.append(key)

    def contents(self, namespace: str, name: str) -> list[Key]:
        """Give the contents that a source column without a stated one may be of.

        Those the event reads; else those it names at all; else the one nobody has stated.
        """
        dataset = (namespace, name)
        return self._read.get(dataset) or self._named.get(dataset) or [(namespace, name, UNVERSIONED)]
