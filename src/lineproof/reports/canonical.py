"""Canonical JSON (RFC 8785) of what has no fractions: one spelling, so that a hash names a content."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from lineproof.errors import NotAReportError

__all__ = ["canonical", "sha256"]

_EXACT = 2**53 - 1  # larger integers are not exact in every JSON reader


def canonical(value: Any) -> bytes:
    """Give the canonical JSON of a document.

    Args:
        value: Made of text, integers, booleans, None, lists, structs and dicts with ASCII keys.

    Raises:
        NotAReportError: It holds something else; no document of ours does.

    Source: RFC 8785. Numbers with fractions are left out on purpose: their form is the hard part.
    """
    plain = msgspec.to_builtins(value)
    try:
        _require_plain(plain)
        return msgspec.json.encode(plain, order="sorted")
    except (UnicodeError, RecursionError) as error:
        raise NotAReportError(f"the document has no canonical form: {error}") from error


def sha256(data: bytes) -> str:
    """Give a digest as `sha256:` and 64 hex digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _require_plain(value: Any) -> None:
    match value:
        case bool() | None | str():
            return
        case int() if abs(value) <= _EXACT:
            return
        case list() | tuple():
            for one in value:
                _require_plain(one)
        case dict():
            for key, one in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise NotAReportError("the document has no canonical form: a key is not ASCII")
                _require_plain(one)
        case _:
            raise NotAReportError(f"the document has no canonical form: it holds {value!r:.40}")
