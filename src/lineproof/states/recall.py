"""What is kept of a dataset version, read back."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from lineproof.errors import StateError
from lineproof.graph.facts import Facts, VersionFacts, batches, plain_facet
from lineproof.store import Ledger
from lineproof.store.schema import facet

if TYPE_CHECKING:
    from lineproof.data.drift.summary import TableSummary
    from lineproof.data.kernel import TableState

__all__ = ["Recalled", "profiles", "recall"]

_PROFILE = "lineproof_profile"


class Recalled(msgspec.Struct, frozen=True):
    """What is kept of a version.

    Attributes:
        version: The version.
        profile: Fields of the facet `lineproof_profile` as last recorded.
        entry: Entry that says so.
    """

    version: VersionFacts
    profile: dict[str, Any]
    entry: int

    def state(self, ledger: Ledger) -> TableState:
        """Give the state of the table.

        Raises:
            StateError: It was written by another version of lineproof, or is damaged.
            ObjectError: It is not in the store any more.
        """
        from lineproof.data.kernel import from_bytes  # noqa: PLC0415 - imports numpy

        return from_bytes(ledger.objects.get(self._named("state")))

    def drift(self, ledger: Ledger) -> TableSummary:
        """Give the summary that drift is measured from; see `state` for what it raises."""
        from lineproof.data.drift.kept import from_bytes  # noqa: PLC0415 - imports numpy

        return from_bytes(ledger.objects.get(self._named("drift")))

    def has(self, what: str) -> bool:
        """Tell whether its `state`, or its summary for `drift`, is kept."""
        return isinstance(self.profile.get(what), str)

    def _named(self, what: str) -> str:
        named = self.profile.get(what)
        if not isinstance(named, str):
            why = self.profile.get("missing") or "there was nothing to keep"
            raise StateError(f"nothing is kept of {self.version.ref} to measure {what} from: {why}")
        return named


def recall(facts: Facts, version: VersionFacts) -> Recalled | None:
    """Give what is kept of a version; None where nothing was recorded of it."""
    return profiles(facts, [version]).get(version.id)


def profiles(facts: Facts, versions: Collection[VersionFacts]) -> dict[int, Recalled]:
    """Give what is kept of versions, by their nodes."""
    by_node = {one.id: one for one in versions}
    found: dict[int, Recalled] = {}
    for piece in batches(by_node):
        query = (
            select(facet.c.owner, facet.c.entry, facet.c.body)
            .where(facet.c.owner.in_(piece), facet.c.name == _PROFILE, facts.view.known(facet))
            .order_by(facet.c.entry)
        )
        for owner, entry, body in facts.connection.execute(query):
            found[owner] = Recalled(by_node[owner], plain_facet(body), entry)
    return found
