"""`lineproof verify FILE`: a report, checked with nothing but the file and a key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineproof.ledger import VerifierKey
    from lineproof.store import Failure, VerifyReport

__all__ = ["verify_file"]

_LARGEST = 64 << 20  # bytes; reports are a tenth of it


def verify_file(file: Path, key: str | None, *, json: bool) -> bool:
    """Check a report's file, tell what was found, and say whether all of it holds.

    Args:
        file: The report, HTML or JSON.
        key: A verifier key or a file that holds one; None to take the report's own.
        json: Tell it as JSON.

    Raises:
        CommandError: File or key cannot be read.
        NotAReportError: The file is no report, or not a whole one.
    """
    from lineproof.cli.text import write_json
    from lineproof.reports.offline import verify_report

    report = verify_report(_read(file), None if key is None else _key(key))
    if json:
        write_json(report)
    else:
        _print(report)
    return report.ok


def _read(file: Path) -> bytes:
    from lineproof.errors import CommandError, NotAReportError

    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except OSError as error:
        raise CommandError(f"cannot read {file}: {error.strerror}", "name a report's file") from error
    if len(data) > _LARGEST:
        raise NotAReportError(f"{file} is larger than any report: more than {_LARGEST >> 20} MiB")
    return data


def _key(given: str) -> VerifierKey:
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


def _print(report: VerifyReport) -> None:
    from lineproof.cli.text import console, counted, literal

    out = console()
    if report.ok:
        cited = counted(report.total, "cited entry").replace("entrys", "entries")
        out.print(
            f"verified: {cited} (leaf, proof, payload), the signed checkpoint, the document, each section, every byte",
            style="green",
            soft_wrap=True,
        )
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
