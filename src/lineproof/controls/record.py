"""What controls look at, read once for an evaluation: all that people stated, and all tags.

Reading goes in batches: its cost follows the number of statements and tagged columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from lineproof.graph.facts import Facts, VersionFacts
from lineproof.graph.said import FOUND, classified_versions
from lineproof.graph.said import said as said_of_columns
from lineproof.graph.statements import Stated, Statements
from lineproof.graph.tags import Tags
from lineproof.graph.view import View
from lineproof.model.entries import EntryType
from lineproof.model.statements import Approval, Basis, Document, Hold, Retention, Tag
from lineproof.store.schema import (
    statement,
    tombstone,
)

__all__ = ["LEDGER", "Record"]

LEDGER = "ledger"


class Record:
    """The ledger as an evaluation sees it.

    Args:
        connection: Snapshot of the ledger's tables.
        seen: What counts.
        moment: The moment that is judged for, RFC 3339.
    """

    def __init__(self, connection: Connection, seen: View, moment: str) -> None:
        self.connection = connection
        self.view = seen
        self.moment = moment
        self.facts = Facts(connection, seen)
        self.statements = Statements(connection, seen)
        self.systems = self.statements.systems()
        self.purposes = self.statements.purposes()

    @property
    def day(self) -> str:
        """Day of the moment."""
        return self.moment[:10]

    @cached_property
    def tags(self) -> Tags:
        """Tags by column."""
        return Tags.of(self.connection, self.view)

    @cached_property
    def personal(self) -> dict[int, dict[str, set[int]]]:
        """Personal tags by dataset version, each with the entries that state it."""
        tags = self.tags
        owners = {one: column.version for one, column in self.facts.columns(tags.carried).items()}
        found: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for node in tags.carried:
            for tag in tags.personal(node):
                stated = {tags.direct[origin][tag] for origin in tags.carried[node][tag]}
                found[owners.get(node, node)][tag] |= stated
        return found

    @cached_property
    def classified(self) -> dict[tuple[str, str], int]:
        """The datasets of which a person or program said what a column holds or not, and the first entry."""
        said: dict[tuple[str, str], int] = {}
        for one in self.statements.of(EntryType.TAG):
            if isinstance(one.body, Tag):
                said.setdefault((one.body.namespace, one.body.dataset), one.entry)
        declared = {
            one: min(entries)
            for one, words in said_of_columns(self.connection, self.view).items()
            if (entries := [word.entry for word in words.values() if word.state != FOUND])
        }
        columns = self.facts.columns(declared)
        owners = self.facts.versions({column.version for column in columns.values()})
        for column in columns.values():
            owner, first = owners[column.version], declared[column.id]
            key = (owner.namespace, owner.name)
            said[key] = min(said.get(key, first), first)
        return said

    @cached_property
    def looked_at(self) -> dict[int, int]:
        """The dataset versions whose columns were classified by their values, and the entry that says so."""
        return classified_versions(self.connection, self.view)

    def spoken_of(self, version: VersionFacts) -> int | None:
        """Give the first entry that says what a version's columns hold: a person's word, or its values."""
        entries = (self.classified.get((version.namespace, version.name)), self.looked_at.get(version.id))
        return min((one for one in entries if one is not None), default=None)

    @cached_property
    def bases(self) -> dict[str, list[Stated]]:
        """Lawful bases by purpose, in order."""
        return _grouped(self.statements.of(EntryType.BASIS), Basis, lambda body: body.purpose)

    @cached_property
    def approvals(self) -> dict[int, list[Stated]]:
        """Approvals by model version, in order."""
        found: dict[int, list[Stated]] = defaultdict(list)
        for one in self.statements.of(EntryType.APPROVAL):
            if one.node is not None and (one.body is None or isinstance(one.body, Approval)):
                found[one.node].append(one)
        return found

    @cached_property
    def documents(self) -> list[Stated]:
        """Documents, in order; destroyed ones are left out."""
        return [one for one in self.statements.of(EntryType.DOCUMENT) if isinstance(one.body, Document)]

    @cached_property
    def retentions(self) -> list[Stated]:
        """Retention policies, the last of each name."""
        last = {
            one.body.name: one
            for one in self.statements.of(EntryType.RETENTION)
            if isinstance(one.body, Retention)
        }
        return list(last.values())

    @cached_property
    def holds(self) -> list[Stated]:
        """Legal holds in force, the last statement of each name."""
        last = {
            one.body.name: one for one in self.statements.of(EntryType.HOLD) if isinstance(one.body, Hold)
        }
        return [one for one in last.values() if isinstance(one.body, Hold) and one.body.action == "added"]

    def hold_over(self, *names: str) -> Stated | None:
        """Give a legal hold over a dataset of one of these names."""
        for one in self.holds:
            assert isinstance(one.body, Hold)
            if one.body.everything or any(
                fnmatchcase(name, pattern) for pattern in one.body.datasets for name in names
            ):
                return one
        return None

    @cached_property
    def destroyed(self) -> list[int]:
        """Entries whose payload was destroyed."""
        query = select(tombstone.c.entry).where(tombstone.c.destroyed_by <= self.view.as_of)
        return list(self.connection.scalars(query.order_by(tombstone.c.entry)))

    @cached_property
    def witnessed(self) -> list[int]:
        """Entries that say that somebody outside holds a checkpoint."""
        query = select(statement.c.entry).where(
            statement.c.type == EntryType.WITNESS.value,
            statement.c.subject.startswith("witness:"),
            self.view.known(statement),
        )
        return list(self.connection.scalars(query.order_by(statement.c.entry)))

    def documents_of(self, kind: str, subjects: Collection[str]) -> list[Stated]:
        """Give the documents of a kind that are in date and cover one of these subjects."""
        return [
            one
            for one in self.documents
            if isinstance(one.body, Document)
            and one.body.kind == kind
            and (one.body.valid_until is None or one.body.valid_until >= self.day)
            and not set(subjects).isdisjoint(one.body.covers)
        ]

    def retention_of(self, *names: str) -> Stated | None:
        """Give the policy stated last that covers one of these names."""
        for one in reversed(self.retentions):
            assert isinstance(one.body, Retention)
            if any(fnmatchcase(name, pattern) for pattern in one.body.covers for name in names):
                return one
        return None

    def purposes_of_job(self, job: str) -> dict[str, tuple[int, ...]]:
        """Give the purposes that a person assigned a job to."""
        return {
            name: tuple(entries)
            for name, (purpose, entries) in self.purposes.items()
            if any(fnmatchcase(job, pattern) for pattern in purpose.jobs or ())
        }


def _grouped(stated: Iterable[Stated], kind: type[Any], key: Any) -> dict[str, list[Stated]]:
    found: dict[str, list[Stated]] = defaultdict(list)
    for one in stated:
        if isinstance(one.body, kind):
            found[key(one.body)].append(one)
    return found
