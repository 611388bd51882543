"""What witnesses contribute to a verification: whether the log still holds what they have seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from lineproof.errors import CorruptLedgerError, LeafError, NoteError
from lineproof.ledger import VerifierKey, decode_leaf
from lineproof.model.entries import EntryType
from lineproof.store.database import Session
from lineproof.store.verify.report import Findings
from lineproof.store.witness import WitnessAnswer, ask_witnesses

__all__ = ["check_witnesses"]

_RECENT = timedelta(days=1)  # entries may wait so long for a witness before `verify` speaks of it
_UNWITNESSED = (
    "nobody outside has witnessed this ledger: whoever holds its key and its file can rewrite it whole; "
    "`lineproof witness add` keeps checkpoints elsewhere"
)


def check_witnesses(connection: Session, keys: Sequence[VerifierKey], findings: Findings) -> list[str]:
    """Ask the witnesses that need no network; give warnings of what they leave open.

    Args:
        connection: Snapshot of the ledger.
        keys: Those that sign or have signed for it.
        findings: Where contradictions go.
    """
    try:
        answers = ask_witnesses(connection, keys, nearby=True)
    except (CorruptLedgerError, NoteError):
        return [_UNWITNESSED]  # the head is among the failures
    for answer in answers:
        for failure in answer.failures:
            findings.add(failure)
    warnings = [f"the witness {one.name} was not asked: {one.problem}" for one in answers if one.problem]
    if not answers:
        warnings.append(_UNWITNESSED)
    elif len(warnings) < len(answers):
        warnings += _waiting(connection, answers)
    return warnings


def _waiting(connection: Session, answers: Sequence[WitnessAnswer]) -> list[str]:
    """Warn of entries that have waited too long for a witness."""
    newest = max((one.newest or 0 for one in answers), default=0)
    row = connection.execute(
        "SELECT seq, leaf FROM entry WHERE seq >= ? AND type NOT IN (?, ?) ORDER BY seq LIMIT 1",
        (newest, EntryType.WITNESS, EntryType.GRANT),
    ).fetchone()
    try:
        recorded = None if row is None else datetime.fromisoformat(decode_leaf(row[1]).recorded)
    except LeafError:
        return []  # it is among the failures
    if recorded is None or recorded > datetime.now(UTC) - _RECENT:
        return []
    warning = f"no witness has seen the entries from {row[0]} on, recorded since {recorded:%Y-%m-%d}"
    return [f"{warning}: `lineproof witness keep` shows them to it"]
