"""Makes a report: builds the document, records it, writes the file with its evidence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
from sqlalchemy import Connection, and_, or_, select

from lineproof.errors import CommandError, CorruptLedgerError, ReportFileError, UnknownReferenceError
from lineproof.graph import View, view
from lineproof.ledger import VerifierKey, open_checkpoint
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.statements import Report
from lineproof.reports.canonical import canonical, sha256
from lineproof.reports.check_entries import Found, check_entries
from lineproof.reports.document import Document
from lineproof.reports.dossier import model_dossier
from lineproof.reports.envelope import Body, json_body
from lineproof.reports.evidence import Evidence, Format
from lineproof.reports.gather import gather
from lineproof.reports.html_form import html_body
from lineproof.store import Ledger, NewEntry
from lineproof.store.keyring import stated_keys
from lineproof.store.keys import verifier_key
from lineproof.store.location import KEYS
from lineproof.store.schema import entry, statement

__all__ = ["Made", "make_report"]

# What a report, or the question for one, itself leaves in the log: two reports made one after the other rest
# on the same entries. A `grant` names a person to the ledger at the first entry that the person makes.
_OWN_TRACES = (EntryType.REPORT, EntryType.ACCESS, EntryType.CONTROL_RESULT, EntryType.GRANT)

_OF_VERIFICATIONS = "ledger"  # subject of their entries
_AGAIN = "free space, then make the report again"


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was made.

    Attributes:
        path: The file.
        entry: The entry that records it.
        as_of: The last entry it rests on.
        cited: How many entries it cites.
        draft: What people must still state.
        size: Bytes of the file.
    """

    path: str
    format: Format
    subject: str
    entry: int
    as_of: int
    content_sha256: str
    cited: int
    draft: tuple[str, ...]
    size: int


def make_report(
    ledger: Ledger,
    reference: str,
    path: Path,
    *,
    format: str = Format.HTML,  # noqa: A002 - the word of the command line
    as_of: int | str | None = None,
    acting_as: str | None = None,
) -> Made:
    """Write the dossier of a model version, and record that it was made.

    Args:
        ledger: Where it is recorded.
        reference: `model:NAME@N`.
        path: File to write; one that is there is replaced.
        format: HTML, or the JSON twin.
        as_of: Entry number or time: what was known then.
        acting_as: Name of who makes it, as asserted.

    Raises:
        UsageError: The reference names no model, nothing recorded, or several things.
        ReportFileError: The file cannot be written; nothing was recorded.
        MissingRendererError: jinja2 is not installed; nothing was recorded.
        CorruptLedgerError: A cited entry is not what the log says; nothing was recorded.
    """
    # 1. See that the file can be written, before anything is recorded.
    # 2. Build the document from one snapshot, and check what it cites: nobody vouches for altered entries.
    # 3. Record it: content, sections and body by their hashes.
    # 4. Cut the evidence at the checkpoint that covers that entry; write the file in one step.
    if format not in set(Format):
        raise CommandError(f"no report is written as {format!r}", f"one of {', '.join(Format)}")
    key = verifier_key(ledger.folder / KEYS)
    with _file(path) as file:
        with ledger.connection() as connection:
            document = _document(connection, ledger, reference, as_of, key)
            _require_sound(gather(connection, document.cited(), key=key, report=0), key)
        body = json_body(document) if format == Format.JSON else html_body(document)
        number = ledger.append([_recorded(document, body)], acting_as=acting_as).first
        with ledger.connection() as connection:
            with ledger.snapshot() as session:
                stated = stated_keys(session)
            evidence = gather(connection, document.cited(), key=key, report=number, stated=stated)
        data = body.with_evidence(evidence)
        file.write(data)
    return Made(
        path=str(path),
        format=body.format,
        subject=document.subject,
        entry=number,
        as_of=document.as_of,
        content_sha256=sha256(canonical(document)),
        cited=len(document.cited()),
        draft=document.draft,
        size=len(data),
    )


def _document(
    connection: Connection, ledger: Ledger, reference: str, as_of: int | str | None, key: VerifierKey
) -> Document:
    return model_dossier(
        connection,
        reference,
        _seen(connection, as_of),
        ledger=ledger.id,
        day=now()[:10],
        fingerprint=key.fingerprint,
    )


def _seen(connection: Connection, as_of: int | str | None) -> View:
    """Give the view up to the last entry that reports do not leave behind themselves."""
    asked = view(connection, as_of=as_of)
    own = [one.value for one in _OWN_TRACES]
    # What a verification found is recorded as a `report` too, about the ledger: that is a fact to report on.
    verified = and_(entry.c.type == EntryType.REPORT.value, statement.c.subject == _OF_VERIFICATIONS)
    query = (
        select(entry.c.seq)
        .outerjoin(statement, statement.c.entry == entry.c.seq)
        .where(entry.c.seq <= asked.as_of, or_(entry.c.type.not_in(own), verified))
        .order_by(entry.c.seq.desc())
        .limit(1)
    )
    last = connection.scalar(query)
    if last is None:
        raise UnknownReferenceError("nothing was recorded by then")
    return View(as_of=last)


def _require_sound(evidence: Evidence, key: VerifierKey) -> None:
    found = Found()
    check_entries(evidence.entries, open_checkpoint(evidence.checkpoint, [key]), found)
    if found.findings.count:
        first = found.findings.failures[0]
        raise CorruptLedgerError(f"no report: {first.kind} of entry:{first.entry} is not what the log says")


def _recorded(document: Document, body: Body) -> NewEntry:
    report = Report(
        report=uuid7(),
        kind=document.kind,
        subject=document.subject,
        format=body.format,
        as_of=document.as_of,
        content_sha256=sha256(canonical(document)),
        sections=body.sections,
        body_sha256=body.sha256,
        time=now(),
    )
    return NewEntry(EntryType.REPORT, msgspec.json.encode(report))


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    """Give a file that takes the place of `path` when all went well."""
    if path.exists() and not path.is_file():
        raise ReportFileError(f"{path} is no file")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        file = part.open("xb")
    except OSError as error:
        raise ReportFileError(f"cannot write {path}: {error.strerror}") from error
    try:
        with file:
            yield file
        part.replace(path)
    except OSError as error:
        raise ReportFileError(f"cannot write {path}: {error.strerror}", _AGAIN) from error
    finally:
        part.unlink(missing_ok=True)
