"""What a column holds, in a person's word: it stays with all versions, and wins over any guess."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lineproof.access.data import dataset_named
from lineproof.access.state import state
from lineproof.errors import CommandError
from lineproof.graph import view
from lineproof.model.identity import now
from lineproof.model.references import Reference
from lineproof.model.statements import Tag
from lineproof.store import Ledger

__all__ = ["add_tags"]

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
        tags: PII, PHI, SPECIAL, or a class such as BIRTH_DATE; case does not matter.
        rejected: It does not hold that, whatever else says so.
        reason: Why.
        acting_as: Name of who states it, as asserted; the user of this process when left out.

    Returns:
        Number of the entry.

    Raises:
        CommandError: A tag is no word, or there is none.
        UsageError: There is no such dataset or column.
    """
    words = tuple(dict.fromkeys(tag.strip().upper() for tag in tags))
    wrong = [word for word in words if not _WORD.fullmatch(word)]
    if wrong or not words:
        raise CommandError(
            f"{', '.join(map(repr, wrong)) or 'nothing'} is no tag",
            "tags are words such as PII, PHI, BIRTH_DATE",
        )
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
