"""Statements that were executed: what they read, made and changed, and where fetched rows come from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lineproof.capture.patches.databases import text as texts
from lineproof.capture.patches.databases.known import Database
from lineproof.capture.patches.databases.text import ALTERS, CHANGES, DROPS, MAKES, READS, folded
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.model.lineage import Precision
from lineproof.sql.parameters import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["executed"]

_QUERY = re.compile(r"\b(?:select|values|table)\b", re.IGNORECASE)
_RENAMED = re.compile(r"rename\s+(?:column\s+)?([\w\"]+)\s+to\s+([\w\"]+)", re.IGNORECASE)
_MOVED = re.compile(r"rename\s+to\s+([\w\"]+)", re.IGNORECASE)
_COMPUTES = re.compile(r"\b(?:using|default|generated|as\s*\()", re.IGNORECASE)
_RULE = "sql"


class Execution:
    """One call that executed statements.

    Args:
        database: Where.
        connection: To ask for columns: the driver's own, or SQLAlchemy's.
        labels: Columns of the rows that can be fetched.
        given: Gives where the parameters come from; None for none.
    """

    def __init__(
        self,
        database: Database,
        connection: Any,
        labels: Sequence[str],
        given: Callable[[], Table | None],
    ) -> None:
        self.database = database
        self.connection = connection
        self.labels = tuple(labels)
        self.given = given

    def follow(self, statement: str) -> Table | None:
        """Follow one statement, without values; give where its rows come from."""
        made, changed = MAKES.match(statement), CHANGES.match(statement)
        altered, dropped = ALTERS.match(statement), DROPS.match(statement)
        if made is not None:
            self._made(statement, folded(made.group(1)), made.group(2))
        elif changed is not None:
            return self._changed(statement, folded(changed.group(1)))
        elif altered is not None:
            self._altered(folded(altered.group(1)), altered.group(2))
        elif dropped is not None:
            self.database.gone(folded(dropped.group(1)))
        elif self.labels and READS.match(statement):
            return self._read(statement)
        return None

    def _read(self, statement: str) -> Table:
        known = self.database.answers.get(statement)
        if known is not None and len(known.labels) == len(self.labels):
            return known
        self.database.learn(self.connection, texts.names_in(statement))
        tables = self.database.reading(statement)
        given = self.given()
        if given is not None:
            tables[PARAMETERS] = given
        found = self.database.asked(statement, tables, self.labels)
        if given is None:
            self.database.answers[statement] = found
        return found

    def _made(self, statement: str, name: str, definition: str) -> None:
        """`CREATE TABLE`: one that is there already stays what it is."""
        fresh = name not in self.database.tables
        if not fresh and re.search(r"\bif\s+not\s+exists\b", statement, re.IGNORECASE):
            return
        query = _QUERY.search(definition) if re.search(r"\bas\b", definition, re.IGNORECASE) else None
        names = texts.names_in(definition if query is not None else "") - {name}
        self.database.learn(self.connection, names)
        self.database.tables.pop(name, None)
        tables = self.database.reading(statement, name)
        labels = self.database.columns(self.connection, name)
        if labels is None:
            self.database.session.gap(
                f"the columns of the table {name} could not be read; it counts as unknown"
            )
            return
        if query is None:
            if re.search(r"\bif\s+not\s+exists\b", statement, re.IGNORECASE):
                self.database.learn(self.connection, {name})  # it may have been there
                return
            computed = _COMPUTES.search(definition) is not None and "generated" in definition.lower()
            origin = CONSTANT.at_best(Precision.UNKNOWN) if computed else CONSTANT
            self.database.empty(name, Table(labels, [origin] * len(labels)))
            return
        given = self.given()
        if given is not None:
            tables[PARAMETERS] = given
        self.database.changed(name, statement, tables, labels, fresh=True)

    def _changed(self, statement: str, name: str) -> Table | None:
        """`INSERT`, `UPDATE`, `DELETE`, `MERGE`; rows that come back are those of the table."""
        self.database.learn(self.connection, texts.names_in(statement))
        tables = self.database.reading(statement, name)
        before = self.database.tables.get(name)
        if before is None:
            self.database.session.gap(f"{name} was changed, and its columns could not be read")
            return None
        given = self.given()
        if given is not None:
            tables[PARAMETERS] = given
        if re.match(r"\s*copy\b", statement, re.IGNORECASE):
            if re.search(r"\bfrom\b", statement, re.IGNORECASE):
                self.database.doubt(name)
            return None
        labels = tuple(str(label) for label in before.labels)
        self.database.changed(name, _inserting(statement), tables, labels, fresh=False)
        if not self.labels:
            return None
        every = combined(self.database.tables[name].origins, _RULE, Precision.SUPERSET)
        return Table(self.labels, [every] * len(self.labels))

    def _altered(self, name: str, change: str) -> None:
        """`ALTER TABLE`: columns that stay keep their origin, under whatever name."""
        before = self.database.tables.get(name)
        moved = _MOVED.match(change)
        if moved is not None:
            self.database.gone(name)
            name = folded(moved.group(1))
        labels = self.database.columns(self.connection, name)
        if before is None or labels is None:
            self.database.gone(name)
            return
        columns: dict[str, ColumnOrigin] = {
            str(label).lower(): each for label, each in before.columns.items()
        }
        renamed = _RENAMED.match(change)
        if renamed is not None and moved is None:
            old, new = (folded(each) for each in renamed.groups())
            columns[new] = columns.pop(old, before.flat)
        computed = _COMPUTES.search(change) is not None
        fresh = combined((before.flat,), "alter", Precision.SUPERSET) if computed else CONSTANT
        self.database.empty(name, Table(labels, [columns.get(label.lower(), fresh) for label in labels]))


def _inserting(statement: str) -> str:
    """Write `REPLACE INTO` and its like as the `INSERT` that they are for lineage."""
    return re.sub(
        r"^(\s*)(?:replace\s+into|insert\s+(?:or\s+\w+|ignore)\s+into)\b",
        r"\1insert into",
        statement,
        flags=re.IGNORECASE,
    )


def executed(execution: Execution, text: str) -> Table | None:
    """Follow the statements of a text, in order; give where the rows of the last one come from."""
    found = None
    for statement in texts.statements(text):
        found = execution.follow(statement)
    return found
