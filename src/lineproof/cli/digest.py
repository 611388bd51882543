"""`lineproof digest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lineproof.cli.options import Json

__all__ = ["digest"]


def digest(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or a folder with all that is in it.")],
    record: Annotated[
        bool, typer.Option("--record", help="Record it as a dataset version in the nearest ledger.")
    ] = False,
    json: Json = False,
) -> None:
    """Give the digest of the bytes of a file or folder; what has not changed since is not read again."""
    from lineproof.cli.text import console, write_json
    from lineproof.data.digest import file_digest, whole_folder

    found: dict[str, Any]
    if path.is_dir():
        whole = whole_folder(path)
        found = {"digest": whole.digest, "files": whole.files, "size": whole.size_bytes, "read": whole.read}
    else:
        found = {"digest": file_digest(path), "files": 1, "size": path.stat().st_size}
    if record:
        from lineproof.cli.opening import warn
        from lineproof.questions import open_ledger
        from lineproof.states.record import record_content

        found["entry"] = record_content(open_ledger(tell=warn).stored, path, found["digest"])
    if json:
        write_json(found)
        return
    out = console()
    for name, value in found.items():
        out.print(f"{name:<7} {value}", soft_wrap=True)
