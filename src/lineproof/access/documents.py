"""Documents that people supply: kept as objects, their digest in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lineproof.access.state import check_day, state
from lineproof.errors import CommandError
from lineproof.model.identity import now, uuid7
from lineproof.model.statements import Document
from lineproof.store import Ledger

__all__ = ["add_document"]


def add_document(
    ledger: Ledger,
    kind: str,
    *,
    file: Path | None = None,
    title: str | None = None,
    covers: Sequence[str] = (),
    valid_until: str | None = None,
    fields: Mapping[str, str] | None = None,
    reason: str | None = None,
    acting_as: str | None = None,
) -> int:
    """Record a document that a person supplies and answers for.

    Args:
        ledger: Where.
        kind: `dpia`, `technical_file`, `instructions_for_use`, `transfer_instrument`, ...
        file: The document itself; a copy is kept with the ledger.
        title: Its title; the name of the file when left out.
        covers: What it is about, for example `purpose:scoring`.
        valid_until: Last day on which it holds.
        fields: Named parts of it.
        reason: Why it is added.
        acting_as: Name of who answers for it, as asserted.

    Returns:
        Number of the entry.

    Raises:
        CommandError: The file cannot be read, or the day is none.
    """
    check_day(valid_until, "valid until")
    digest = None
    if file is not None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(
                f"cannot read {file}: {error.strerror}", "give a file that is there"
            ) from error
        digest = ledger.objects.put(content)
    return state(
        ledger,
        Document(
            document=uuid7(),
            kind=kind,
            title=title or (None if file is None else file.name),
            digest=digest,
            covers=tuple(covers),
            valid_until=valid_until,
            fields=dict(fields or {}),
            reason=reason,
            time=now(),
        ),
        acting_as=acting_as,
    )
