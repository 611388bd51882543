"""How the program text of two runs differs."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from lineproof.errors import ObjectError
from lineproof.graph.diff.answer import Change, CodeDiff, TextDiff
from lineproof.graph.diff.side import Comparison, Side

__all__ = ["Objects", "code_diff"]

Objects = Callable[[str], bytes]  # gives the bytes of a digest, or raises ObjectError

_COMPARED = ("entry_point", "entry_digest", "commit", "branch", "dirty", "patch_digest")
_MOST_LINES = 2000
_FILE = b"diff --git "


def code_diff(compared: Comparison, objects: Objects) -> CodeDiff | None:
    """Compare commit, uncommitted changes and script; None when nothing differs.

    Args:
        compared: Both runs.
        objects: Where texts lie that were kept.
    """
    a, b = (compared.facet(side, "lineproof_code") for side in compared.sides)
    for side, code in zip(compared.sides, (a, b), strict=True):
        _say_missing(compared, side, code)
    if a is None or b is None:
        return None
    changes = [
        Change(name=name, a=a.get(name, UNSET), b=b.get(name, UNSET))
        for name in _COMPARED
        if a.get(name) != b.get(name)
    ]
    if a.get("commit") is None and b.get("commit") is None:
        compared.unknown.append("whether files beside the script changed: neither run was on a commit")
    if not changes:
        return None
    return CodeDiff(
        changes=changes,
        script=_script(compared, a, b, objects),
        files=_files(compared, a, b, objects),
    )


def _say_missing(compared: Comparison, side: Side, code: dict[str, Any] | None) -> None:
    if code is None:
        compared.unknown.append(f"the code of {side.about.ref}: none is recorded")
        return
    compared.unknown += [f"of the code of {side.about.ref}: {one}" for one in code.get("missing") or ()]


def _script(compared: Comparison, a: dict[str, Any], b: dict[str, Any], objects: Objects) -> TextDiff | None:
    if a.get("entry_digest") == b.get("entry_digest"):
        return None
    name = str(b.get("entry_point") or a.get("entry_point") or "script")
    texts = [_kept(code.get("entry_digest"), objects) for code in (a, b)]
    if texts[0] is None or texts[1] is None:
        compared.unknown.append(f"which lines of {name} differ: its text was not kept on both sides")
        return None
    before, after = (text.decode("utf-8", "replace").splitlines() for text in texts if text is not None)
    lines = list(difflib.unified_diff(before, after, "a", "b", n=0, lineterm=""))[2:]
    return TextDiff(
        name=name,
        added=sum(line.startswith("+") for line in lines),
        removed=sum(line.startswith("-") for line in lines),
        lines=lines[:_MOST_LINES],
        cut=len(lines) > _MOST_LINES,
    )


def _files(compared: Comparison, a: dict[str, Any], b: dict[str, Any], objects: Objects) -> list[str]:
    """Give the files whose uncommitted changes differ. Patches on different commits say nothing so."""
    if a.get("commit") != b.get("commit"):
        if a.get("commit") and b.get("commit"):
            compared.unknown.append(
                f"which files changed between the commits: `git diff {a['commit'][:12]} {b['commit'][:12]}`"
                " tells it where the repository is"
            )
        return []
    digests = [code.get("patch_digest") for code in (a, b)]
    if digests[0] == digests[1]:
        return []
    patches = [b"" if digest is None else _kept(digest, objects) for digest in digests]
    if patches[0] is None or patches[1] is None:
        compared.unknown.append("which uncommitted changes differ: a patch was not kept")
        return []
    before, after = (_by_file(patch) for patch in patches if patch is not None)
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _by_file(patch: bytes) -> dict[str, bytes]:
    """Cut a patch into the parts of its files."""
    parts = (b"\n" + patch).split(b"\n" + _FILE)[1:]
    return {part.partition(b"\n")[0].rpartition(b" b/")[2].decode("utf-8", "replace"): part for part in parts}


def _kept(digest: Any, objects: Objects) -> bytes | None:
    if not isinstance(digest, str):
        return None
    try:
        return objects(digest)
    except ObjectError:
        return None
