"""Whether the database has the tables, indexes and nothing else that a ledger has, and is sound."""

from __future__ import annotations

from lineproof.store.database import Database, Session
from lineproof.store.verify.report import Failure, Findings

__all__ = ["check_structure"]


def check_structure(database: Database, ledger: Session, findings: Findings) -> None:
    """Find what could make a query answer other than from the rows that are compared.

    An index that lies about its table, a trigger, a view, a table of another form.
    """
    expected, found = database.expected_structure(), database.structure(ledger)
    for kind, name in sorted(expected.keys() | found.keys()):
        should, there = expected.get((kind, name)), found.get((kind, name))
        if should != there:
            findings.add(Failure(kind="schema", table=name, field=kind, expected=should, found=there))
    for problem in database.damage(ledger):
        findings.add(Failure(kind="schema", field="integrity", expected="ok", found=problem))
