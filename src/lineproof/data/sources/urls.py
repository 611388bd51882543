"""URLs without their secrets: what may be shown, in output, in errors and in the record."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

__all__ = ["is_url", "shown"]

_URL = re.compile(r"[a-z][a-z0-9+.\-]+:(//|/)", re.IGNORECASE)
_USER = re.compile(r"^[^/?#]*@")


def is_url(text: str) -> bool:
    """Say whether a text is a URL; a path is none."""
    return _URL.match(text) is not None and "://" in text


def shown(url: str) -> str:
    """Give a URL without user, password, query and fragment, any of which may hold a secret."""
    scheme, _, rest = url.partition("://")
    rest = _USER.sub("", rest)
    try:
        rest = urlsplit(f"x://{rest}").netloc + urlsplit(f"x://{rest}").path
    except ValueError:
        rest = re.split(r"[?#]", rest)[0]
    return f"{scheme}://{rest}"
