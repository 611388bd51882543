"""Identifiers and times, made in one place so that all rooms agree on their form."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import UTC, datetime

__all__ = ["derived_uuid", "in_utc", "node_id", "now", "uuid7"]

_SEPARATOR = "\x1f"  # between the parts of a key
_ESCAPE = "\x1e"


def uuid7() -> str:
    """Make a time-ordered random UUID.

    Returns:
        Canonical text form, 36 characters.

    Source: RFC 9562, section 5.7.
    """
    milliseconds = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80 | random_bits
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return _uuid_text(value)


def derived_uuid(seed: str, purpose: str) -> str:
    """Make the UUID that always belongs to `seed` and `purpose`, so that a repeat is recognised.

    The time part of a version 7 `seed` is kept, so that order by id stays order by time.
    """
    base = int(seed.replace("-", ""), 16)
    digest = int.from_bytes(hashlib.sha256(f"{seed}/{purpose}".encode()).digest()[:10], "big")
    value = base >> 80 << 80 | digest
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return _uuid_text(value)


def _uuid_text(value: int) -> str:
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def now() -> str:
    """Give the current time as RFC 3339 text in UTC with microseconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def in_utc(time: str) -> str | None:
    """Bring a time that somebody wrote to the one form that sorts as text.

    Args:
        time: ISO 8601 with any offset and any fraction; without an offset it is taken as UTC.

    Returns:
        RFC 3339 in UTC with microseconds, as `now` gives it; None when it is no time.
    """
    try:
        read = datetime.fromisoformat(time)
        if read.tzinfo is None:
            read = read.replace(tzinfo=UTC)
        return read.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except (ValueError, OverflowError):
        return None


def node_id(*key: str) -> int:
    """Give the 64-bit identity of a thing in the lineage graph.

    The identity depends on the key alone, never on the order of arrival, so that tables rebuilt
    from the ledger are the same tables.

    Args:
        key: The parts of the name, most general first, for example
            `("version", namespace, name, content)`.

    Returns:
        A signed 64-bit integer.
    """
    text = _SEPARATOR.join(key)
    if _ESCAPE in text or text.count(_SEPARATOR) >= len(key):
        # A part holds what separates parts: without escaping, two keys could make one text.
        text = _SEPARATOR.join(map(_escaped, key))
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big", signed=True)


def _escaped(part: str) -> str:
    return part.replace(_ESCAPE, f"{_ESCAPE}0").replace(_SEPARATOR, f"{_ESCAPE}1")
