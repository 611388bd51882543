"""Who a record is about: identifiers of people in one form, and their keyed hashes. No I/O.

A person is named by an identifier within a *space*: the set of identifiers that a column is from. One form
for each identifier, in one place, so that what one part of lineproof records another part finds.
"""

from __future__ import annotations

import hmac
import math
import re
import unicodedata
from decimal import Decimal
from typing import Any

import msgspec

from lineproof.errors import ReferenceSyntaxError

__all__ = [
    "DEFAULT_SPACE",
    "IDENTIFIES",
    "SUBJECTS_KEY",
    "Subject",
    "SubjectHash",
    "normal_id",
    "normal_space",
]

DEFAULT_SPACE = "default"  # of identifiers whose space nobody stated
SUBJECTS_KEY = "subjects.key"  # name of the file, in the folder `keys` of a ledger, with the key of hashes

# Classes of columns that name people one by one. Where nobody declared a space, the class is it.
IDENTIFIES = frozenset({"EMAIL", "HEALTH_PLAN_ID", "MRN", "NATIONAL_ID", "SSN", "USERNAME"})

_PREFIX = "subject:"
_DOMAIN = b"lineproof subject 1\0"
_KEY_BYTES = 32
_HASH_BYTES = 16
# A whole number as tables print it: `417`, and `417.0` where a gap in the column made it a float.
_WHOLE = re.compile(r"(-?(?:0|[1-9][0-9]*))(?:\.0+)?")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_MISSING_TYPES = frozenset({"NAType", "NaTType"})  # of pandas, which need not be installed


def normal_id(value: Any) -> str | None:
    """Give an identifier in its one form, or None where there is none.

    `417`, `417.0` and `"417"` are one identifier, and so are a UUID in capitals and in small letters, and
    accented letters however they are composed. Leading zeros and the case of letters tell people apart: they
    do so in many registers, and to take two people for one cannot be undone (`subject link` joins them).

    Args:
        value: Text, number, UUID, bytes of UTF-8 text, or a scalar of NumPy or Arrow that holds one.
    """
    for name in ("item", "as_py"):  # scalars of NumPy and Arrow, neither of which is imported here
        if callable(take := getattr(value, name, None)):
            value = take()
    if value is None or type(value).__name__ in _MISSING_TYPES:
        return None
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    if isinstance(value, (float, Decimal)) and not isinstance(value, bool):
        return _number(value)
    text = unicodedata.normalize("NFC", str(value)).strip()
    whole = _WHOLE.fullmatch(text)
    if whole is not None:
        return "0" if whole[1] == "-0" else whole[1]
    return (text.lower() if _UUID.fullmatch(text) else text) or None


def _number(value: float | Decimal) -> str | None:
    if not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return str(int(value)) if value == int(value) else format(Decimal(str(value)).normalize(), "f")


def normal_space(space: str | None) -> str:
    """Give the name of a space in its one form; `DEFAULT_SPACE` where none is stated."""
    return unicodedata.normalize("NFC", space or "").strip() or DEFAULT_SPACE


class Subject(msgspec.Struct, frozen=True):
    """A person, as an identifier within a space. Make with `of` or `parse`: both are in their one form."""

    space: str
    id: str

    @classmethod
    def of(cls, space: str | None, value: Any) -> Subject | None:
        """Give the person of an identifier, or None where it names nobody."""
        found = normal_id(value)
        return None if found is None else cls(normal_space(space), found)

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Read `subject:SPACE/ID` or `SPACE/ID`; an identifier may hold a slash, a space may not.

        Raises:
            ReferenceSyntaxError: It is neither.
        """
        space, slash, identifier = text.removeprefix(_PREFIX).partition("/")
        found = cls.of(space, identifier) if space.strip() and slash else None
        if found is None:
            raise ReferenceSyntaxError(f"{text!r} names no person", "write subject:SPACE/ID")
        return found

    def __str__(self) -> str:
        return f"{_PREFIX}{self.space}/{self.id}"


class SubjectHash:
    """The keyed hash of people: what they are looked up by where their identifiers must not stand.

    Without the key nobody can tell whose hash it is, not even by trying all identifiers.

    Args:
        key: 32 random bytes, one key for each ledger.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._started: dict[str, hmac.HMAC] = {}

    @classmethod
    def parse(cls, text: str) -> SubjectHash:
        """Read a key as the file `SUBJECTS_KEY` holds it: 64 hex digits.

        Raises:
            ValueError: It is none.
        """
        key = bytes.fromhex(text.strip())
        if len(key) != _KEY_BYTES:
            raise ValueError("not a key of 32 bytes")
        return cls(key)

    @property
    def id(self) -> bytes:
        """What tells the key from others and says nothing of it, 8 bytes."""
        return hmac.digest(self._key, b"lineproof subjects key 1", "sha256")[:8]

    def of(self, subject: Subject) -> bytes:
        """Give the hash of a person, 16 bytes of HMAC-SHA256 over space and identifier."""
        started = self._started.get(subject.space)
        if started is None:
            # What comes before is of known length, so that no two pairs make one text.
            space = subject.space.encode("utf-8", "surrogatepass")
            head = _DOMAIN + len(space).to_bytes(4, "big") + space
            started = self._started[subject.space] = hmac.new(self._key, head, "sha256")
        hashed = started.copy()
        hashed.update(subject.id.encode("utf-8", "surrogatepass"))
        return hashed.digest()[:_HASH_BYTES]
