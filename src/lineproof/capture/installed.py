"""Who manages the environment of a program, and the lock file that it was made from."""

from __future__ import annotations

import hashlib
import os
import re
import sys

from lineproof.capture.place import text

__all__ = ["lock_file", "manager"]

# By how exactly they fix what is installed.
_LOCKS = (
    "uv.lock", "poetry.lock", "pdm.lock", "pixi.lock", "Pipfile.lock", "pylock.toml", "conda-lock.yml",
    "conda-lock.yaml", "requirements.lock", "requirements.txt", "environment.yml", "environment.yaml",
)  # fmt: skip
_FIRST_OF = {
    "uv": ("uv.lock",),
    "conda": ("conda-lock.yml", "conda-lock.yaml", "environment.yml", "environment.yaml"),
    "pixi": ("pixi.lock",),
    "poetry": ("poetry.lock",),
}


def manager(prefix: str | None = None) -> dict[str, str]:
    """Give what made the environment at `prefix`, by the traces it leaves; by default of this interpreter."""
    prefix = sys.prefix if prefix is None else prefix
    parts = prefix.split(os.sep)
    if ".pixi" in parts:
        return {"name": "pixi", "environment": text(parts[-1])}
    if os.path.isdir(os.path.join(prefix, "conda-meta")):
        return {"name": "conda", "environment": text(parts[-1])}
    config = _config(os.path.join(prefix, "pyvenv.cfg"))
    if config is None:
        return {"name": "system"}
    if "uv" in config:
        return {"name": "uv", "version": text(config["uv"])}
    if "pypoetry" in parts:
        return {"name": "poetry"}
    if "virtualenv" in config:
        return {"name": "virtualenv", "version": text(config["virtualenv"])}
    return {"name": "venv", "version": text(config.get("version", ""))}


def lock_file(folder: str, root: str, made_by: str) -> dict[str, str]:
    """Give path and digest of the lock file nearest to a program, upwards to the root; empty without one.

    Args:
        folder: Where the program runs.
        root: Folder that holds `.lineproof`.
        made_by: Name of the environment's manager, whose own lock file goes first.
    """
    names = (*_FIRST_OF.get(made_by, ()), *_LOCKS)
    while True:
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                shown = os.path.relpath(path, root)
                return {"path": text(shown), "digest": f"sha256:{digest}"}
        above = os.path.dirname(folder)
        if above == folder or not folder.startswith(root):
            return {}
        folder = above


def _config(path: str) -> dict[str, str] | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return dict(re.findall(r"^(\w+) *= *(.*)$", file.read(65_536), re.MULTILINE))
    except OSError:
        return None
