"""What looks like a secret in a text, by its shape or by the name it is assigned to. No I/O."""

from __future__ import annotations

import re

__all__ = ["REDACTED", "scrubbed", "without_credentials"]

REDACTED = "[redacted]"

_CREDENTIALS = re.compile(r"(?P<scheme>\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s@'\"]+@")
_ASSIGNED = re.compile(
    r"(?i)(?P<name>\b[\w.-]*(?:token|secret|passw(?:or)?d|passphrase|api_?-?key|access_?-?key|private_?-?key|credential)[\w.-]*"
    r"['\"]?\s*(?:=>|[:=])\s*)(?P<quote>['\"]?)(?P<value>[^\s'\",;#]{4,})"
)
_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}\b|\bgithub_pat_\w{20,}\b|\bglpat-[\w-]{16,}"
    r"|\bxox[abprs]-[\w-]{10,}|\bsk-[A-Za-z0-9_-]{20,}|\bhf_[A-Za-z0-9]{20,}\b|\bpypi-[\w-]{20,}"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*",
    re.DOTALL,
)


def without_credentials(text: str) -> str:
    """Give text without the user and password of a URL, and without what has the shape of a secret."""
    return _SHAPES.sub(REDACTED, _CREDENTIALS.sub(rf"\g<scheme>{REDACTED}@", text))


def scrubbed(text: str) -> tuple[str, int]:
    """Give text without secrets, and how many were taken out.

    Both what has the shape of a secret and what is assigned to a name that says so.
    """
    text, first = _CREDENTIALS.subn(rf"\g<scheme>{REDACTED}@", text)
    text, second = _SHAPES.subn(REDACTED, text)
    text, third = _ASSIGNED.subn(rf"\g<name>\g<quote>{REDACTED}", text)
    return text, first + second + third
