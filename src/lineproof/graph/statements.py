"""What people stated, read back: who said it, when, and what holds of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from typing import Any, TypeVar

import msgspec
from msgspec import structs
from sqlalchemy import Connection, literal_column, select

from lineproof.graph.facts import Facts, batches, plain_facet
from lineproof.graph.view import View, recorded
from lineproof.model.entries import EntryType
from lineproof.model.statements import STATEMENTS, Deployment, Purpose, Statement, System, Waiver
from lineproof.store import readable
from lineproof.store.schema import entry, facet, payload, principal, statement, version

__all__ = ["Source", "Stated", "Statements", "serves"]

_Merged = TypeVar("_Merged", bound=System | Purpose)


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """One statement and who made it.

    Attributes:
        subject: What it is about, for example `system:credit`.
        node: Node of the model version it is about, or None.
        principal: Reference of who stated it.
        name: Name of the principal; None when it is destroyed.
        auth_method: How the identity is known; None when that is destroyed.
        recorded: When it was recorded.
        body: What was stated; None when the payload was destroyed.
    """

    entry: int
    type: EntryType
    subject: str
    node: int | None
    principal: str
    name: str | None
    auth_method: str | None
    recorded: str
    body: Statement | None


class Source(msgspec.Struct, frozen=True):
    """Where a dataset comes from, as stated by `declare(source=)` or `lineproof dataset source set`.

    Attributes:
        entries: Entries that say it.
        fields: Fields of the facet `lineproof_source`, those of later entries over earlier ones.
    """

    entries: tuple[int, ...]
    fields: dict[str, Any]


class Statements:
    """The statements known in a view.

    Args:
        connection: Snapshot of the ledger's tables.
        seen: What counts.
    """

    def __init__(self, connection: Connection, seen: View) -> None:
        self._connection = connection
        self._seen = seen

    def of(
        self, type_: EntryType, *, subject: str | None = None, nodes: Collection[int] | None = None
    ) -> list[Stated]:
        """Give the statements of a type in order, all or those about something."""
        query = (
            select(statement, entry.c.leaf, payload.c.body)
            .join(entry, entry.c.seq == statement.c.entry)
            .outerjoin(payload, payload.c.seq == statement.c.entry)
            .where(statement.c.type == type_.value, self._seen.held(statement))
            .order_by(statement.c.entry)
        )
        if subject is not None:
            query = query.where(statement.c.subject == subject)
        if nodes is None:
            rows = self._connection.execute(query).all()
        else:
            rows = [
                row
                for piece in batches(nodes)
                for row in self._connection.execute(query.where(statement.c.node.in_(piece)))
            ]
            rows.sort(key=lambda row: row.entry)
        return list(self._stated(rows))

    def systems(self) -> dict[str, tuple[System, list[int]]]:
        """Give each system as stated so far, and the entries that state it."""
        return self._merged(EntryType.SYSTEM, System)

    def purposes(self) -> dict[str, tuple[Purpose, list[int]]]:
        """Give each purpose as stated so far, and the entries that state it."""
        return self._merged(EntryType.PURPOSE, Purpose)

    def systems_of(self, model: str) -> dict[str, tuple[System, list[int]]]:
        """Give the systems that a model belongs to."""
        return {name: found for name, found in self.systems().items() if serves(found[0], model)}

    def deployments(self, model: str | None = None) -> list[Stated]:
        """Give deployments and retirements in order, of all models or one (by name)."""
        found = self.of(EntryType.DEPLOYMENT)
        return [
            one for one in found if isinstance(one.body, Deployment) and model in (None, one.body.model_name)
        ]

    def in_force(self, model: str) -> dict[str, Stated]:
        """Give for each environment the deployment of this model that is in force, in this view."""
        serving: dict[str, Stated] = {}
        for one in self.deployments(model):
            body = one.body
            assert isinstance(body, Deployment)
            if body.action == "deploy":
                serving[body.env] = one
            elif body.env in serving and serving[body.env].node == one.node:
                del serving[body.env]
        return serving

    def waivers(self, moment: str) -> list[Stated]:
        """Give the waivers that hold at a moment, RFC 3339."""
        found = self.of(EntryType.WAIVER)
        return [one for one in found if isinstance(one.body, Waiver) and one.body.expires >= moment[:10]]

    def sources(self, versions: Collection[int]) -> dict[int, Source]:
        """Give the stated sources of dataset versions; what was said of a dataset holds for all of them."""
        owners = {
            one.id: one.dataset for one in Facts(self._connection, self._seen).versions(versions).values()
        }
        by_dataset = self._sources_by_dataset()
        return {one: by_dataset[owner] for one, owner in owners.items() if owner in by_dataset}

    def _sources_by_dataset(self) -> dict[int, Source]:
        # A literal, so that the partial index serves it.
        declared = facet.c.name == literal_column("'lineproof_source'")
        query = (
            select(version.c.dataset, facet.c.entry, facet.c.body)
            .join(version, version.c.id == facet.c.owner)
            .where(declared, self._seen.known(facet))
            .order_by(facet.c.entry)
        )
        found: dict[int, Source] = {}
        for owner, number, body in self._connection.execute(query):
            before = found.get(owner, Source((), {}))
            found[owner] = Source((*before.entries, number), before.fields | plain_facet(body))
        return found

    def _merged(self, type_: EntryType, kind: type[_Merged]) -> dict[str, tuple[_Merged, list[int]]]:
        found: dict[str, tuple[_Merged, list[int]]] = {}
        for one in self.of(type_):
            if not isinstance(one.body, kind):
                continue  # destroyed
            known: _Merged = one.body
            entries: list[int] = [one.entry]
            if known.name in found:
                before = found[known.name]
                news = {name: value for name, value in structs.asdict(known).items() if value is not None}
                known = structs.replace(before[0], **news)
                entries = [*before[1], one.entry]
            found[known.name] = (known, entries)
        return found

    def _stated(self, rows: Collection[Any]) -> Iterator[Stated]:
        who = {row.ref: row for row in self._connection.execute(select(principal))}
        for row in rows:
            type_ = EntryType(row.type)
            reference = msgspec.json.decode(row.leaf)["principal"]
            known = who.get(reference)
            body = readable(self._connection, row.body)
            yield Stated(
                entry=row.entry,
                type=type_,
                subject=row.subject,
                node=row.node,
                principal=reference,
                name=None if known is None else known.name,
                auth_method=None if known is None else known.auth_method,
                recorded=recorded(row.leaf),
                body=None if body is None else msgspec.json.decode(body, type=STATEMENTS[type_]),
            )


def serves(system: System, model: str) -> bool:
    """Say whether a model is one of a system's."""
    return any(fnmatchcase(model, pattern) for pattern in system.models or ())
