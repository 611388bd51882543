"""Checks of drift that were recorded, read back."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from lineproof.graph.facts import Facts, VersionFacts
from lineproof.graph.statements import Stated, Statements
from lineproof.model.entries import EntryType
from lineproof.model.references import Kind, Reference
from lineproof.model.statements import Compared, DriftCheck

__all__ = ["DriftRow", "drift_checks"]


class DriftRow(msgspec.Struct, kw_only=True):
    """One check of how far a table was from another.

    Attributes:
        reference: What was normal: a dataset version by its content, or a file that is not on record.
        current: What was judged, likewise.
        columns: Those that had drifted.
    """

    entry: int
    time: str
    reference: str
    current: str
    drifted: bool
    columns: list[str]


def drift_checks(facts: Facts, versions: Collection[VersionFacts]) -> list[DriftRow]:
    """Give the checks that any of these versions was a side of, in order."""
    wanted = {(one.namespace, one.name, one.content) for one in versions}
    found = Statements(facts.connection, facts.view).of(EntryType.DRIFT_CHECK)
    return [
        _row(one, one.body)
        for one in found
        if isinstance(one.body, DriftCheck)
        and not wanted.isdisjoint(
            (side.namespace, side.name, side.version) for side in (one.body.reference, one.body.current)
        )
    ]


def _row(stated: Stated, check: DriftCheck) -> DriftRow:
    return DriftRow(
        entry=stated.entry,
        time=check.time,
        reference=_named(check.reference),
        current=_named(check.current),
        drifted=check.drifted,
        columns=[name for name, one in check.columns.items() if one.get("drifted")],
    )


def _named(side: Compared) -> str:
    if side.version is None:
        return side.name
    return str(
        Reference(kind=Kind.DATASET, namespace=side.namespace, name=side.name, version=side.version[:19])
    )
