"""`lineproof verify FILE`: a report, an exported log or a proof, checked with nothing but itself and a key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineproof.ledger import VerifierKey, WitnessKey
    from lineproof.store import Failure, VerifyReport

__all__ = ["verifier_key", "verify_file"]

_ZIP = b"PK"
_PROOF = b"c2sp.org/tlog-proof@"
_LARGEST = 64 << 20  # bytes; reports are a tenth of it


def verify_file(
    file: Path, key: str | None, *, witnesses: Sequence[str] = (), quorum: int | None = None, json: bool
) -> bool:
    """Check what a file or folder holds, tell what was found, and say whether all of it holds.

    Args:
        file: A report (HTML or JSON), an exported log (its folder, or a zip file of it), or a tlog-proof.
        key: A verifier key or a file that holds one; None to take the one in the file.
        witnesses: Keys of witnesses that are known, as text or files that hold one.
        quorum: How many of them must have cosigned the checkpoint; all of them when left out.
        json: Tell it as JSON.

    Raises:
        CommandError: File or key cannot be read, or the file holds no key and none was given.
        NotAReportError: The file is no report, or not a whole one.
        TileError: The log is damaged beyond reading.
        ProofError: The file is no whole tlog-proof.
    """
    from lineproof.cli.text import write_json

    trusted = None if key is None else verifier_key(key)
    known = [_witness_key(one) for one in witnesses]
    report, covered = _checked(file, trusted)
    if known:
        report, said = _cosigned(report, known, len(known) if quorum is None else quorum)
        covered += said
    if json:
        write_json(report)
    else:
        _print(report, covered)
    return report.ok


def _checked(file: Path, key: VerifierKey | None) -> tuple[VerifyReport, str]:
    """Check what is there by its kind; give the outcome, and what was covered, in words."""
    from lineproof.cli.text import counted

    if file.is_dir() or (file.is_file() and _starts_with(file, _ZIP)):
        report = _verify_log(file, key)
        payloads = ", all payloads" if report.scope.payloads else ""
        return report, f"{report.checked} of {report.total} entries, tree, signed checkpoint{payloads}"
    data = _read(file)
    if data.startswith(_PROOF):
        report = _verify_proof(file, data, key)
        payload = " and payload" if report.scope.payloads else ""
        return report, f"1 entry (leaf{payload}), its proof, the signed checkpoint"
    from lineproof.reports.offline import verify_report

    report = verify_report(data, key)
    cited = counted(report.total, "cited entry").replace("entrys", "entries")
    return report, (
        f"{cited} (leaf, proof, payload), the signed checkpoint, the document, each section, every byte"
    )


def _verify_log(path: Path, key: VerifierKey | None) -> VerifyReport:
    from lineproof.cli.progress import progress
    from lineproof.store import verify_export

    with progress("verifying") as step:
        return verify_export(path, key, progress=step)


def _verify_proof(file: Path, data: bytes, key: VerifierKey | None) -> VerifyReport:
    from lineproof.errors import CommandError, ProofError
    from lineproof.store import verify_entry_proof

    if key is None:
        raise CommandError(f"{file} holds no key to check it with", "pass the ledger's public key with --key")
    try:
        return verify_entry_proof(data.decode(), [key])
    except UnicodeError as error:
        raise ProofError(f"{file} is not a tlog-proof: it is not UTF-8") from error


def _cosigned(report: VerifyReport, known: list[WitnessKey], quorum: int) -> tuple[VerifyReport, str]:
    """Demand cosignatures under the checkpoint that was checked."""
    from lineproof.cli.text import literal
    from lineproof.errors import NoteError
    from lineproof.ledger import demand_cosignatures
    from lineproof.store import Failure

    expected = f"cosignatures of {quorum} of {len(known)} known witnesses"
    try:
        found = demand_cosignatures(report.checkpoint or "", known, quorum)
    except NoteError as error:
        failure = Failure(kind="witness", field="cosignature", expected=expected, found=str(error))
        return msgspec.structs.replace(
            report, ok=False, failures=[*report.failures, failure], failure_count=report.failure_count + 1
        ), ""
    return report, f", {expected}: {', '.join(literal(one.witness.name) for one in found)}"


def _witness_key(given: str) -> WitnessKey:
    from lineproof.errors import CommandError, NoteError
    from lineproof.ledger import WitnessKey

    try:
        text = Path(given).read_text(encoding="utf-8") if Path(given).is_file() else given
        return WitnessKey.parse(text.strip())
    except (OSError, UnicodeError, NoteError, ValueError) as error:
        raise CommandError(
            f"--witness {given!r:.80} is no key of a witness and no file that holds one",
            "give what `lineproof witness key` printed: name+id+base64",
        ) from error


def _starts_with(file: Path, start: bytes) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(start)) == start
    except OSError:
        return False  # said where it is read


def _read(file: Path) -> bytes:
    from lineproof.errors import CommandError, NotAReportError

    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except OSError as error:
        raise CommandError(
            f"cannot read {file}: {error.strerror}", "name a report, an exported log or a tlog-proof"
        ) from error
    if len(data) > _LARGEST:
        raise NotAReportError(f"{file} is larger than any report: more than {_LARGEST >> 20} MiB")
    return data


def verifier_key(given: str) -> VerifierKey:
    """Read a log's public key, given as a file or as its text.

    Raises:
        CommandError: It is none.
    """
    from lineproof.errors import CommandError, NoteError
    from lineproof.ledger import VerifierKey

    text = given
    try:
        if Path(given).is_file():
            with Path(given).open(encoding="utf-8") as opened:
                text = opened.read(_LARGEST >> 10)
        return VerifierKey.parse(text.strip())
    except (OSError, UnicodeError, NoteError, ValueError) as error:
        raise CommandError(
            f"--key {given!r:.80} is no verifier key and no file that holds one",
            "give the ledger.vkey of the ledger, or its text: name+id+base64",
        ) from error


def _print(report: VerifyReport, covered: str) -> None:
    from lineproof.cli.text import console, counted, literal

    out = console()
    if report.ok:
        out.print(f"verified: {covered}", style="green", soft_wrap=True)
    else:
        out.print(
            f"NOT VERIFIED: {counted(report.failure_count, 'failure')}", style="bold red", soft_wrap=True
        )
        for failure in report.failures:
            out.print(f"  {literal(_place(failure))}", style="bold", soft_wrap=True)
            out.print(f"    expected  {literal(_value(failure.expected))}", soft_wrap=True)
            out.print(f"    found     {literal(_value(failure.found))}", soft_wrap=True)
    for warning in report.warnings:
        out.print(f"warning: {literal(warning)}", style="yellow", soft_wrap=True)


def _place(failure: Failure) -> str:
    parts = [failure.kind]
    parts += [] if failure.entry is None else [f"entry:{failure.entry}"]
    parts += [str(value) for value in (failure.key or {}).values()]
    parts += [] if failure.field is None else [failure.field]
    return "  ".join(parts)


def _value(value: object) -> str:
    return "nothing" if value is None else str(value)
