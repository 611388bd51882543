"""Keeping secrets out of the record: by the name they go by, and by what they look like."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Sequence

__all__ = [
    "REDACTED",
    "argv_without_secrets",
    "is_secret_name",
    "redacted",
    "redaction_key",
    "scrubbed",
    "without_credentials",
]

REDACTED = "[redacted]"

_NAMES = r"token|secret|key|pass(?:word|wd|phrase)?|pwd|cred(?:ential)?s?|auth|bearer|signature|cookie|dsn"
# A part of a name, bounded by its ends, by `_-.` or by camel case: `API_KEY`, `db-password`, `apiKey`.
_SECRET_NAME = re.compile(
    rf"(?i)(?:^|[_\-.])(?:\w*(?:token|secret|passw|passphrase|credential)\w*|{_NAMES})(?:$|[_\-.])"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
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


def is_secret_name(name: str) -> bool:
    """Whether the value that goes by this name is likely a secret."""
    return bool(_SECRET_NAME.search(_CAMEL.sub("_", name)))


def redaction_key(folder: str) -> bytes | None:
    """Give the key under which redacted values of this ledger can be compared, made when there is none.

    Args:
        folder: The folder `.lineproof`.

    Returns:
        None when it can be neither read nor made.
    """
    keys = os.path.join(folder, "keys")
    path = os.path.join(keys, "redaction")
    fresh = f"{path}.{os.getpid()}"
    try:
        if not os.path.exists(path):
            os.makedirs(keys, mode=0o700, exist_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(os.urandom(32))
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                os.unlink(fresh)
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def redacted(value: str, key: bytes | None) -> str:
    """Give what stands for a secret value: equal for equal values, and of no use without the key."""
    if key is None:
        return REDACTED
    digest = hmac.new(key, value.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
    return f"{REDACTED} hmac-sha256:{digest[:32]}"


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


def argv_without_secrets(argv: Sequence[str]) -> list[str]:
    """Give the words of a command line; the value of an option that names a secret is redacted."""
    words: list[str] = []
    hide_next = False
    for word in argv:
        option, equals, _ = word.partition("=")
        if hide_next and not word.startswith("-"):
            words.append(REDACTED)
            hide_next = False
            continue
        secret = is_secret_name(option.lstrip("-"))
        hide_next = secret and not equals and word.startswith("-")
        words.append(f"{option}={REDACTED}" if secret and equals else scrubbed(word)[0])
    return words
