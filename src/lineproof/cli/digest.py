"""`lineproof digest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lineproof.cli.options import Json

__all__ = ["digest"]

_NAMED = 20  # of what was left out, on a terminal


def digest(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or a folder with all that is in it.")],
    record: Annotated[
        bool, typer.Option("--record", help="Record it as a dataset version in the nearest ledger.")
    ] = False,
    json: Json = False,
) -> None:
    """Give the digest of the bytes of a file or folder; what has not changed since is not read again."""
    from lineproof.cli.text import console, write_json

    found: dict[str, Any]
    left_out: dict[str, str] = {}
    if path.is_dir():
        from lineproof.data.folder_digest import whole_folder

        whole = whole_folder(path)
        left_out = whole.left_out
        found = {"digest": whole.digest, "files": whole.files, "size": whole.size_bytes, "read": whole.read}
        found |= {"complete": not left_out, "left_out": left_out}
    else:
        from lineproof.data.digest import file_digest

        found = {"digest": file_digest(path), "files": 1, "size": path.stat().st_size}
    if record:
        from lineproof.cli.opening import open_for_writing
        from lineproof.intake.content import record_content

        found["entry"] = record_content(open_for_writing(), path, found["digest"], left_out)
    if json:
        write_json(found)
        return
    out = console()
    for name in ("digest", "files", "size", "read", "entry"):
        if name in found:
            out.print(f"{name:<7} {found[name]}", soft_wrap=True)
    _tell_left_out(left_out)


def _tell_left_out(left_out: dict[str, str]) -> None:
    from lineproof.cli.opening import warn

    for place, what in list(left_out.items())[:_NAMED]:
        warn(f"{place} has no part in the digest: it is {what}")
    if len(left_out) > _NAMED:
        warn(f"and {len(left_out) - _NAMED} others; `--json` names all")
