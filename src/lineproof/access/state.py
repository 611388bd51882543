"""One statement into the ledger, checked for what no control could use."""

from __future__ import annotations

import re
from datetime import date

import msgspec

from lineproof.errors import CommandError
from lineproof.model.entries import EntryType
from lineproof.model.identity import now
from lineproof.model.statements import STATEMENTS, Basis, Statement, Waiver
from lineproof.store import Ledger, NewEntry

__all__ = ["ART9_CONDITIONS", "ARTICLES", "check_day", "state"]

# Grounds of GDPR Art. 6(1), and of 45 CFR 164.506, 164.508, 164.512(i), 164.514(e).
ARTICLES = (
    *(f"6(1)({letter})" for letter in "abcdef"),
    "506_tpo",
    "508_authorization",
    "512i_waiver",
    "514e_limited_data_set",
)
ART9_CONDITIONS = tuple(f"9(2)({letter})" for letter in "abcdefghij")
_TYPES: dict[type[Statement], EntryType] = {kind: type_ for type_, kind in STATEMENTS.items()}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def state(ledger: Ledger, statement: Statement, *, acting_as: str | None = None) -> int:
    """Record a statement; give the number of its entry.

    Args:
        ledger: Where.
        statement: What is stated.
        acting_as: Name of the person who states it, as asserted; the user of this process when left out.

    Raises:
        CommandError: A date, ground or reason is none.
        StoreError: The ledger cannot be written.
    """
    if isinstance(statement, Basis):
        _check_basis(statement)
    if isinstance(statement, Waiver):
        _check_waiver(statement)
    kind = _TYPES[type(statement)]
    return ledger.append([NewEntry(kind, msgspec.json.encode(statement))], acting_as=acting_as).first


def check_day(text: str | None, what: str) -> None:
    """See that a text is a day such as 2026-12-31.

    Raises:
        CommandError: It is not.
    """
    if text is None:
        return
    try:
        if _DAY.fullmatch(text):
            date.fromisoformat(text)
            return
    except ValueError:
        pass  # said below, as for any other text
    raise CommandError(f"{what} {text!r} is not a day", "write it like 2026-12-31")


def _check_basis(basis: Basis) -> None:
    if basis.article not in ARTICLES:
        raise CommandError(f"{basis.article!r} is no lawful basis", f"one of {', '.join(ARTICLES)}")
    if basis.art9_condition is not None and basis.art9_condition not in ART9_CONDITIONS:
        raise CommandError(
            f"{basis.art9_condition!r} is no condition of Art. 9(2)", f"one of {', '.join(ART9_CONDITIONS)}"
        )
    check_day(basis.valid_from, "valid from")
    check_day(basis.valid_to, "valid to")


def _check_waiver(waiver: Waiver) -> None:
    check_day(waiver.expires, "the expiry")
    if waiver.expires < now()[:10]:
        raise CommandError(f"a waiver that expired on {waiver.expires} waives nothing", "give a later day")
    if not (waiver.reason or "").strip():
        raise CommandError("a waiver needs a reason", "say why the failure is accepted")
