"""Keeping secrets out of the record: by the name they go by, and by what they look like."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Sequence

from lineproof.model.secrets import REDACTED, scrubbed, without_credentials

__all__ = [
    "REDACTED",
    "argv_without_secrets",
    "is_secret_name",
    "redacted",
    "redaction_key",
    "scrubbed",
    "without_credentials",
]

_NAMES = r"token|secret|key|pass(?:word|wd|phrase)?|pwd|cred(?:ential)?s?|auth|bearer|signature|cookie|dsn"
# A part of a name, bounded by its ends, by `_-.` or by camel case: `API_KEY`, `db-password`, `apiKey`.
_SECRET_NAME = re.compile(
    rf"(?i)(?:^|[_\-.])(?:\w*(?:token|secret|passw|passphrase|credential)\w*|{_NAMES})(?:$|[_\-.])"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


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
