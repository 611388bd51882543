"""What `lineproof digest` does, without a parser: the parser takes longer to load than most digests to take."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

__all__ = ["answer", "plainly"]

_NAMED = 20  # of what was left out, on a terminal
_SHOWN = ("digest", "files", "size", "read", "entry")
_FLAGS = frozenset({"--record", "--json"})


def plainly(words: list[str]) -> int | None:
    """Answer a command line that needs no parser; give its exit code.

    Args:
        words: Of the command line, without the program's name.

    Returns:
        None for what the parser must read: another command, help, a mistake.
    """
    flags = {word for word in words[1:] if word.startswith("-")}
    places = [word for word in words[1:] if not word.startswith("-")]
    if words[:1] != ["digest"] or len(places) != 1 or flags - _FLAGS or len(words) != 2 + len(flags):
        return None
    from lineproof.errors import LineproofError

    try:
        answer(Path(places[0]), record="--record" in flags, json="--json" in flags)
    except LineproofError as error:
        from lineproof.cli.failure import tell

        tell(error, as_json="--json" in flags)
        return error.exit_code
    return 0


def answer(path: Path, *, record: bool, json: bool) -> None:
    """Hash a file or folder, record it where that is wished, and write what was found.

    Raises:
        DataError: It cannot be read, or changed meanwhile.
        StoreError: There is no ledger, or it cannot be written.
    """
    if record:  # hashing leaves a processor to others most of the time
        threading.Thread(target=_load, daemon=True).start()
    found, left_out = _hashed(path)
    if record:
        from lineproof.cli.opening import open_for_writing
        from lineproof.intake.content import record_content

        found["entry"] = record_content(open_for_writing(), path, found["digest"], left_out)
    if json:
        import msgspec

        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return
    sys.stdout.writelines(f"{name:<7} {found[name]}\n" for name in _SHOWN if name in found)
    _tell_left_out(left_out)


def _hashed(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    if not path.is_dir():
        from lineproof.data.digest import file_digest

        return {"digest": file_digest(path), "files": 1, "size": path.stat().st_size}, {}
    from lineproof.data.folder_digest import whole_folder

    whole = whole_folder(path)
    found = {"digest": whole.digest, "files": whole.files, "size": whole.size_bytes, "read": whole.read}
    return found | {"complete": not whole.left_out, "left_out": whole.left_out}, whole.left_out


def _load() -> None:
    """Import what recording needs."""
    import lineproof.intake.content
    import lineproof.store.witness.contact  # noqa: F401 - is used later


def _tell_left_out(left_out: dict[str, str]) -> None:
    if not left_out:
        return
    from lineproof.cli.opening import warn

    for place, what in list(left_out.items())[:_NAMED]:
        warn(f"{place} has no part in the digest: it is {what}")
    if len(left_out) > _NAMED:
        warn(f"and {len(left_out) - _NAMED} others; `--json` names all")
