"""What people said of the columns of a dataset, as classes: it wins over what their values show."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from lineproof.graph.statements import Stated, Statements
from lineproof.graph.view import View
from lineproof.model.entries import EntryType
from lineproof.model.statements import Tag

if TYPE_CHECKING:
    from lineproof.data.classification import Classification

__all__ = ["words_on"]

_LAW = frozenset({"PII", "PHI", "SPECIAL"})
_UNNAMED = "PERSONAL"  # class of what a person calls personal without saying what it is


def words_on(
    connection: Connection, seen: View, namespace: str, dataset: str
) -> Callable[[dict[str, Classification]], dict[str, Classification]]:
    """Give what turns the classes that values show into those that people stand for.

    Args:
        connection: Snapshot of the ledger's tables.
        seen: What counts.
        namespace: Namespace of the dataset.
        dataset: Its name; what was said holds for all its versions.
    """
    words = [
        (one, one.body)
        for one in Statements(connection, seen).of(EntryType.TAG)
        if isinstance(one.body, Tag) and (one.body.namespace, one.body.dataset) == (namespace, dataset)
    ]

    def said(found: dict[str, Classification]) -> dict[str, Classification]:
        if not words:
            return found
        return {name: _corrected(name, one, words) for name, one in found.items()}

    return said


def _corrected(name: str, found: Classification, words: list[tuple[Stated, Tag]]) -> Classification:
    """Let one word after the other change the class of a column."""
    now = found
    for stated, tag in words:
        if tag.column is not None and tag.column != name:
            continue
        who = f"{stated.name or 'a person whose name is destroyed'} (entry {stated.entry})"
        tags = {one.upper() for one in tag.tags}
        now = _confirmed(now, tags, who) if tag.state == "confirmed" else _rejected(now, tags, who)
    return now


def _confirmed(now: Classification, tags: set[str], who: str) -> Classification:
    from lineproof.data.classification.result import (  # noqa: PLC0415 - imports numpy
        CLASSES,
        Classification,
        classification,
    )

    evidence = (f"confirmed by {who}",)
    named = sorted((tags - _LAW) & CLASSES.keys())
    if named:
        return classification(named[0], 1.0, evidence)
    if not tags & _LAW:
        return now
    gdpr = "special" if "SPECIAL" in tags or now.gdpr == "special" else "personal"
    class_ = now.class_ if now.personal else _UNNAMED
    return Classification(class_, now.hipaa, gdpr, 1.0, evidence, now.contains)  # type: ignore[arg-type]  # one of Gdpr


def _rejected(now: Classification, tags: set[str], who: str) -> Classification:
    from lineproof.data.classification.result import classification  # noqa: PLC0415 - imports numpy

    if "PII" in tags or now.class_ in tags:
        return classification("NONE", 1.0, (f"rejected by {who}: {now.class_}",))
    return now
