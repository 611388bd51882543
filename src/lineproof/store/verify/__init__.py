"""Verification of a whole ledger: the log, and the tables that people look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from lineproof.errors import NodeCollisionError
from lineproof.ledger import VerifierKey, origin_of
from lineproof.store.database import Database, Session
from lineproof.store.keyring import StatedKey, chain_of, stated_keys
from lineproof.store.keys import verifier_key
from lineproof.store.objects import Objects
from lineproof.store.rebuild import Progress, Unseal
from lineproof.store.seen import elsewhere, look
from lineproof.store.verify.keys import check_keys
from lineproof.store.verify.log import LogCheck
from lineproof.store.verify.objects import check_objects
from lineproof.store.verify.report import Failure, Findings, Scope, ScopeCovered, VerifyReport
from lineproof.store.verify.since import start_at
from lineproof.store.verify.structure import check_structure
from lineproof.store.verify.tables import check_tables
from lineproof.store.verify.witnessed import check_witnesses

__all__ = ["Failure", "Scope", "ScopeCovered", "VerifyReport", "verify_ledger"]

_LOG_ONLY = "the tables were not checked: what log, trace and show answer may differ from the log"
_SINCE = "the entries before {} were not read: that they are those signed for is known by stored hashes alone"
_TABLES_ONLY = "the log was not checked: the tables agree with payloads that may have been altered"


def verify_ledger(
    database: Database,
    keys_folder: Path,
    ledger: str,
    unseal: Unseal,
    *,
    place: str,
    objects: Callable[[], Objects] | None = None,
    scope: Scope = Scope.ALL,
    since: int | str | None = None,
    progress: Progress | None = None,
) -> VerifyReport:
    """Check a ledger on one snapshot of it, with memory that does not grow with its size.

    Args:
        database: Of the ledger.
        keys_folder: Where its keys are.
        ledger: Its id.
        place: Where it is, as the user's memory of checkpoints names it.
        unseal: Opens payloads that are encrypted for a person; only the tables need it.
        objects: Gives the place of its objects; None when they are not to be read. Only a whole verification reads them.
        scope: Both halves, the log alone, or the tables alone.
        since: Read of the log only what came after that many entries, or after a checkpoint (a signed note)
            that somebody kept; that the entries before are those of the signed tree is shown by stored hashes.
        progress: Called with (done, total) steps; an entry is one step in each half.

    Raises:
        KeyFileError: The verifier key is missing.
        UsageError: The log has not reached the place to start at.
        NoteError: The checkpoint to start at is not one of this log.
        CorruptLedgerError: The database cannot be read at all.
    """
    key = verifier_key(keys_folder)
    findings = Findings()
    halves = 2 if scope is Scope.ALL else 1
    warnings: list[str] = []
    entries = rows = 0
    with database.meaning_errors(), database.snapshot() as connection:
        stated: list[StatedKey] = []
        # A file that is damaged is among the failures of each half.
        with suppress(*database.errors), database.attempt(connection):
            stated = stated_keys(connection)
        keys = chain_of(stated, key)
        start = None if since is None else start_at(connection, keys, since, findings)
        check = LogCheck(connection, ledger, keys, findings, start)
        if scope is not Scope.TABLES:
            with _damage(database, connection, findings):
                check.run(_part(progress, 0, halves))
                check_keys(stated, key, findings)
                warnings += check_witnesses(connection, keys, findings)
                warnings += _check_seen(database, connection, place, key, findings)
        if scope is not Scope.LOG:
            with _damage(database, connection, findings):
                check_structure(database, connection, findings)
                step = _part(progress, halves - 1, halves)
                rows = check_tables(database, connection, unseal, findings, step)
                (entries,) = connection.execute("SELECT count(*) FROM entry").fetchone()
        if scope is Scope.ALL and objects is not None:
            with _damage(database, connection, findings):
                warnings += check_objects(connection, objects, findings)
    checked, total = (entries, entries) if scope is Scope.TABLES else (check.checked, check.total)
    covered = _Covered(scope, 0 if start is None else start.entry, checked, total, rows)
    return _report(covered, findings, check.checkpoint, warnings)


class _Covered(NamedTuple):
    scope: Scope
    first: int  # entry that the log was read from
    checked: int
    total: int
    rows: int


def _report(
    covered: _Covered, findings: Findings, checkpoint: str | None, warnings: list[str]
) -> VerifyReport:
    scope, first = covered.scope, covered.first
    said = [_SINCE.format(first)] if first else []
    if scope is not Scope.ALL:
        said.append(_LOG_ONLY if scope is Scope.LOG else _TABLES_ONLY)
    return VerifyReport(
        ok=not findings.count and covered.checked == covered.total - first,
        scope=ScopeCovered(
            log=scope is not Scope.TABLES,
            payloads=scope is not Scope.TABLES,
            tables=scope is not Scope.LOG,
            since=f"entry:{first}" if first else None,
        ),
        checked=covered.checked,
        total=covered.total,
        rows_checked=covered.rows,
        failures=findings.failures,
        failure_count=findings.count,
        checkpoint=checkpoint,
        warnings=[*said, *warnings],
    )


def _check_seen(
    database: Database, connection: Session, place: str, key: VerifierKey, findings: Findings
) -> list[str]:
    """Hold the log against what this user last saw of it, here and in other places; give warnings of those."""
    ledger = key.name.removeprefix(origin_of(""))
    with ExitStack() as held:
        # Seen after the memory was read: whoever appends meanwhile remembers more than the snapshot holds.
        found = look(lambda: held.enter_context(database.snapshot()), place, ledger, key)
    if found is not None:
        where = {"seen": found.seen.place}
        findings.add(Failure(kind=found.kind, key=where, expected=found.seen.checkpoint, found=found.present))
    return [
        f"another copy of this ledger, seen in {one.seen.place}, holds other entries: one of the two is not what "
        f"was recorded first, or both went on by themselves\nseen there:\n{one.seen.checkpoint}\nhere:\n"
        f"{one.present}"
        for one in elsewhere(connection, place, ledger, key)
    ]


@contextmanager
def _damage(database: Database, connection: Session, findings: Findings) -> Iterator[None]:
    """Make it a finding when a half cannot be checked to its end."""
    try:
        with database.attempt(connection):
            yield
    except Exception as error:
        if not isinstance(error, NodeCollisionError) and not database.is_damage(error):
            raise
        findings.add(Failure(kind="database", expected="can be read to its end", found=str(error)))


def _part(progress: Progress | None, number: int, parts: int) -> Progress | None:
    """Give the progress of one half as part of the whole."""
    if progress is None:
        return None
    return lambda done, total: progress(number * total + done, parts * total)
