"""Checks a report's file with nothing but a public key: no ledger, no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from lineproof.errors import NoteError
from lineproof.ledger import Checkpoint, VerifierKey, open_checkpoint
from lineproof.model.entries import EntryType
from lineproof.model.statements import Report
from lineproof.reports.canonical import canonical, sha256
from lineproof.reports.check_entries import Found, Held, check_entries
from lineproof.reports.envelope import Opened, open_report
from lineproof.reports.evidence import Evidence, Format, LeftOut
from lineproof.reports.visible import section_hashes
from lineproof.store.keyring import chain_of
from lineproof.store.verify.report import ScopeCovered, VerifyReport

__all__ = ["verify_report"]

_LISTED = 10  # entries named in a warning


def verify_report(data: bytes, key: VerifierKey | None = None) -> VerifyReport:
    """Check everything that a report's file claims of itself.

    Args:
        data: The file.
        key: The log's verifier key, had by another way than the file; None to take the file's own, which
            shows that the file agrees with itself and not who made it.

    Returns:
        The outcome; failures are of kind `key`, `checkpoint`, `entry`, `leaf`, `tree`, `payload`, `report`,
        `document`, `section` (its id in `key`), `body` or `evidence`.

    Raises:
        NotAReportError: The bytes are no report, or not a whole one.
    """
    opened = open_report(data)
    evidence, found = opened.evidence, Found()
    # 1. The evidence in its one spelling; the key, and the checkpoint it signed.
    if not opened.spelled:
        found.fail("evidence", expected="JSON as lineproof writes it", found="another spelling of it")
    checkpoint = _checkpoint(evidence, key, found)
    # 2. Every entry: canonical leaf of this log, in the tree under the signed root, payload as committed to.
    held = check_entries(evidence.entries, checkpoint, found)
    # 3. The report's own entry, which says what the rest of the file must be: document, sections, body.
    _check_claim(opened, held, found)
    # 4. Everything cited is there.
    there = {one.entry for one in evidence.entries}
    for number in sorted(_cited(opened.document) - there):
        found.fail("entry", entry=number, expected="the evidence of an entry that is cited")
    found.findings.sort()
    return VerifyReport(
        ok=found.findings.count == 0,
        scope=ScopeCovered(log=True, payloads=True, tables=False),
        checked=0 if checkpoint is None else len(held),
        total=len(evidence.entries),
        rows_checked=0,
        failures=found.findings.failures,
        failure_count=found.findings.count,
        checkpoint=None if checkpoint is None else evidence.checkpoint,
        warnings=list(_warnings(evidence, key)),
    )


def _checkpoint(evidence: Evidence, key: VerifierKey | None, found: Found) -> Checkpoint | None:
    """Open the checkpoint with the given key, or with the file's own."""
    own = found.holds(lambda: VerifierKey.parse(evidence.key), "key", "a verifier key")
    if own is not None and evidence.keys and chain_of(evidence.keys, _first(evidence, own))[-1] != own:
        expected = f"keys of which each signed for the next, up to {own.fingerprint}"
        found.fail("key", field="keys", expected=expected, found="one that was not signed for")
    # Whoever has an old key can follow the log to this one; nothing is believed that it has not signed for.
    trusted = own if key is None else chain_of(evidence.keys, key)[-1]
    if trusted is not None and own is not None and trusted != own:
        found.fail("key", field="fingerprint", expected=trusted.fingerprint, found=own.fingerprint)
    if trusted is None:
        return None
    return found.holds(
        lambda: open_checkpoint(evidence.checkpoint, [trusted]),
        "checkpoint",
        f"a checkpoint signed by {trusted.name}",
    )


def _first(evidence: Evidence, own: VerifierKey) -> VerifierKey:
    try:
        return VerifierKey.parse(evidence.keys[0].key)
    except NoteError:
        return own


def _check_claim(opened: Opened, held: dict[int, Held], found: Found) -> None:
    """Hold the file against what the report's own entry says of it."""
    number = opened.evidence.report
    claim = _claim(held.get(number))
    if claim is None:
        expected = "the entry that records this file"
        found.fail("report", entry=number, expected=expected, found="it does not hold, or records none")
        return
    content, body = sha256(canonical(opened.document)), sha256(opened.body)
    if opened.format != claim.format:
        found.fail("report", entry=number, field="format", expected=claim.format, found=opened.format)
    if content != claim.content_sha256:
        found.fail("document", field="content_sha256", expected=claim.content_sha256, found=content)
    sections = dict(_sections(opened))
    for name in sorted({*claim.sections, *sections}):
        recorded, seen = claim.sections.get(name), sections.get(name)
        if recorded != seen:
            found.fail("section", key={"section": name}, expected=recorded, found=seen)
    if body != claim.body_sha256:
        found.fail("body", field="body_sha256", expected=claim.body_sha256, found=body)


def _claim(held: Held | None) -> Report | None:
    if held is None or held.payload is None or held.leaf.type is not EntryType.REPORT:
        return None
    try:
        return msgspec.json.decode(held.payload, type=Report)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _sections(opened: Opened) -> Iterator[tuple[str, str]]:
    """Give the hash of each section: of its visible text in HTML, of its canonical JSON in JSON."""
    if opened.format is Format.HTML:
        yield from section_hashes(opened.body.decode(errors="replace")).items()
        return
    sections = opened.document.get("sections") if isinstance(opened.document, dict) else None
    for section in sections if isinstance(sections, list) else ():
        if isinstance(section, dict):
            yield str(section.get("id")), sha256(canonical(section))


def _cited(value: Any) -> set[int]:
    """Give all entry numbers of a document, whatever form of document it is."""
    if isinstance(value, dict):
        own = value.get("entries")
        numbers = {one for one in own if isinstance(one, int)} if isinstance(own, list) else set()
        return numbers.union(*(_cited(one) for one in value.values()))
    return set().union(*(_cited(one) for one in value)) if isinstance(value, list) else set()


def _warnings(evidence: Evidence, key: VerifierKey | None) -> Iterator[str]:
    if key is None:
        try:
            fingerprint = VerifierKey.parse(evidence.key).fingerprint
        except NoteError:
            fingerprint = "unreadable"
        yield (
            f"the key was taken from the file itself ({fingerprint}): compare it with the one you were given "
            "by another way, or pass that with --key"
        )
    for reason, words in (
        (LeftOut.DESTROYED, "destroyed: what they said can no longer be learnt or checked"),
        (LeftOut.SIZE, "left out for their size: the ledger has them"),
    ):
        gone = [f"entry:{one.entry}" for one in evidence.entries if one.left_out is reason]
        if gone:
            more = f" and {len(gone) - _LISTED} more" if len(gone) > _LISTED else ""
            yield f"payloads {words} ({', '.join(gone[:_LISTED])}{more})"
