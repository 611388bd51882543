"""What a column holds, in a person's word: it stays with all versions, and wins over any guess."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lineproof.access.data import dataset_named
from lineproof.access.state import state
from lineproof.errors import CommandError
from lineproof.graph import view
from lineproof.graph.facts import Facts
from lineproof.graph.said import PERSONAL, said
from lineproof.model.identity import now
from lineproof.model.references import Kind, Reference
from lineproof.model.statements import Tag
from lineproof.store import Ledger

__all__ = ["add_tags", "confirm_tags", "reject_tags"]

_WORD = re.compile(r"[A-Z][A-Z0-9_]*")


def add_tags(
    ledger: Ledger,
    reference: str,
    tags: Sequence[str],
    *,
    rejected: bool = False,
    reason: str | None = None,
    acting_as: str | None = None,
) -> int:
    """Record what a column, or every column of a dataset, holds.

    Args:
        ledger: Where.
        reference: `column:DATASET#COLUMN` or `dataset:NAME`.
        tags: PII, PHI, SPECIAL, or a class such as BIRTH_DATE, which makes it PII too; case does not matter.
        rejected: It does not hold that, whatever else says so.
        reason: Why.
        acting_as: Name of who states it, as asserted; the user of this process when left out.

    Returns:
        Number of the entry.

    Raises:
        CommandError: A tag is no word, or there is none.
        UsageError: There is no such dataset or column.
    """
    words = _words(tags)
    if not rejected:
        words = tuple(dict.fromkeys((*words, *(more for word in words for more in _following(word)))))
    with ledger.connection() as connection:
        found = dataset_named(connection, reference, view(connection))
    return state(
        ledger,
        Tag(
            namespace=found.namespace,
            dataset=found.name,
            column=Reference.parse(reference).column,
            tags=words,
            state="rejected" if rejected else "confirmed",
            reason=reason,
            time=now(),
        ),
        acting_as=acting_as,
    )


def confirm_tags(
    ledger: Ledger, reference: str, *, reason: str | None = None, acting_as: str | None = None
) -> dict[str, int]:
    """Record that a person stands for what was found in a column, or in every column of a dataset.

    Returns:
        The entry of each column, by its name.

    Raises:
        CommandError: Nothing was found there.
        UsageError: There is no such dataset or column.
    """
    return {
        name: add_tags(ledger, str(one), tags, reason=reason, acting_as=acting_as)
        for name, one, tags in _found(ledger, reference)
    }


def reject_tags(
    ledger: Ledger,
    reference: str,
    tags: Sequence[str] = (),
    *,
    reason: str | None = None,
    acting_as: str | None = None,
) -> dict[str, int]:
    """Record that a column does not hold what was found in it, or what these tags say.

    Args:
        ledger: Where.
        reference: `column:DATASET#COLUMN` or `dataset:NAME`.
        tags: What it does not hold; left out, nothing of a person at all.
        reason: Why.
        acting_as: Name of who states it.

    Returns:
        The entry of each column, by its name.

    Raises:
        CommandError: A tag is no word; or none is given, and nothing was found there.
        UsageError: There is no such dataset or column.
    """
    if tags:
        parsed = Reference.parse(reference)
        entry = add_tags(ledger, reference, tags, rejected=True, reason=reason, acting_as=acting_as)
        return {parsed.column or "*": entry}
    return {
        name: add_tags(ledger, str(one), ("PII", *there), rejected=True, reason=reason, acting_as=acting_as)
        for name, one, there in _found(ledger, reference)
    }


def _words(tags: Sequence[str]) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(tag.strip().upper() for tag in tags))
    wrong = [word for word in words if not _WORD.fullmatch(word)]
    if wrong or not words:
        raise CommandError(
            f"{', '.join(map(repr, wrong)) or 'nothing'} is no tag",
            "tags are words such as PII, PHI, BIRTH_DATE",
        )
    return words


def _following(word: str) -> tuple[str, ...]:
    """Give the tags that follow from a class by law: who says e-mail says personal data."""
    if word in PERSONAL:
        return ()
    try:
        from lineproof.data.classification.result import CLASSES  # noqa: PLC0415 - imports numpy
    except ImportError:
        return ()  # without the extra `data` nothing is classified either
    gdpr = CLASSES[word].gdpr if word in CLASSES else "none"
    return {"none": (), "personal": ("PII",), "special": ("PII", "SPECIAL")}[gdpr]


def _found(ledger: Ledger, reference: str) -> list[tuple[str, Reference, tuple[str, ...]]]:
    """Give the columns that a reference names and in which something was found: name, reference, tags."""
    with ledger.connection() as connection:
        seen = view(connection)
        owner = dataset_named(connection, reference, seen)
        asked = Reference.parse(reference).column
        columns = Facts(connection, seen).columns_of([owner.id])[owner.id]
        words = said(connection, seen, [one.id for one in columns])
    found = [
        (
            one.name,
            Reference(kind=Kind.COLUMN, namespace=owner.namespace, name=owner.name, column=one.name),
            tuple(sorted(words[one.id])),
        )
        for one in columns
        if one.id in words and asked in {None, one.name}
    ]
    if not found:
        raise CommandError(
            f"nothing was found in {reference} that could be confirmed or rejected",
            "say what it holds with `lineproof tag add`, or what not with `lineproof tag reject REF TAG`",
        )
    return found
