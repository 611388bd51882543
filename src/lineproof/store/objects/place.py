"""Where the objects of a ledger are: its own folder, or what LINEPROOF_OBJECTS says."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from lineproof.errors import ObjectAccessError
from lineproof.store.objects.interface import Objects
from lineproof.store.objects.local import LocalObjects

__all__ = ["OBJECTS_SETTING", "open_objects"]

OBJECTS_SETTING = "LINEPROOF_OBJECTS"


def open_objects(folder: Path, ledger: str) -> Objects:
    """Give the objects of a ledger.

    Args:
        folder: Where they lie when nothing else is stated.
        ledger: Its id; at a stated place each ledger has a folder of its own.

    Raises:
        ObjectAccessError: The stated place is none that can be reached from here.
    """
    stated = os.environ.get(OBJECTS_SETTING, "").strip()
    if not stated:
        return LocalObjects(folder)
    if "://" not in stated:
        return LocalObjects(Path(stated).absolute() / ledger)
    place = _plain(stated)
    try:
        import fsspec  # noqa: PLC0415 - only for who keeps objects elsewhere

        from lineproof.store.objects.remote import RemoteObjects  # noqa: PLC0415 - likewise

        system, path = fsspec.core.url_to_fs(f"{stated.rstrip('/')}/{ledger}")
    except ImportError as error:
        raise ObjectAccessError(
            f"what reaches {place} is not installed",
            "pip install 'lineproof[remote]', or the fsspec package of that place",
        ) from error
    except Exception as error:
        raise ObjectAccessError(f"{place} is no place for objects: {type(error).__name__}") from error
    return RemoteObjects(system, path, place)


def _plain(url: str) -> str:
    """Give a URL without user, password and query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
