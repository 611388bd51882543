"""The program's own modules: files that it imported and that no package manager installed."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import Any

from lineproof.capture.place import is_library, text
from lineproof.model.facets import schema_urn
from lineproof.model.openlineage import PRODUCER

__all__ = ["own_modules"]

_MODULES = 200
_LARGEST_BYTES = 1 << 20
_ALL_BYTES = 8 << 20


def own_modules(root: str) -> dict[str, Any] | None:
    """Give the facet `lineproof_code` with the program's modules and digests of their files; None for none.

    Their text is kept by who takes in the run, where it still has that digest.

    Args:
        root: Folder that paths are given relative to when they lie inside it.
    """
    paths = {
        os.path.realpath(file)
        for module in list(sys.modules.values())
        if isinstance(file := _file(module), str)
        and file.endswith(".py")
        and not is_library(os.path.abspath(file))
    }
    modules: list[dict[str, str]] = []
    left = size = 0
    for path in sorted(paths):
        content = _content(path) if len(modules) < _MODULES and size < _ALL_BYTES else None
        if content is None:
            left += 1
            continue
        size += len(content)
        digest = hashlib.sha256(content).hexdigest()
        name = text(path.removeprefix(root.rstrip(os.sep) + os.sep))
        modules.append({"path": name, "digest": f"sha256:{digest}"})
    if not modules and not left:
        return None
    facet: dict[str, Any] = {
        "_producer": PRODUCER,
        "_schemaURL": schema_urn("lineproof_code"),
        "modules": modules,
    }
    if left:
        facet["modules_left_out"] = left
    return facet


def _file(module: Any) -> Any:
    """Give the file of a module; that of a script is forgotten by the interpreter when it has run."""
    found = getattr(module, "__file__", None)
    if found is None and getattr(module, "__name__", None) == "__main__":
        found = getattr(getattr(module, "__loader__", None), "path", None)
    return found


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
    except OSError:
        return None
    return content if len(content) <= _LARGEST_BYTES else None
