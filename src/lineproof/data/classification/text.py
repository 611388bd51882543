"""Folding: one spelling for words of names and values, so that lists can be short."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["fold", "words_of_name"]

_LETTERS = str.maketrans(
    {"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "đ": "d", "ð": "d", "þ": "th", "œ": "oe", "ı": "i", "’": "'"}
)
_ACCENTS = re.compile("[\u0300-\u036f]")
_CAMEL = re.compile(r"(?<=[a-z0-9äöüßéèçñ])(?=[A-ZÄÖÜ])|(?<=[A-Z])(?=[A-Z][a-z])")
_BETWEEN = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"(?<=[a-z])\d+$")


def fold(text: str) -> str:
    """Lower case, without accents; scripts other than Latin, Greek and Cyrillic stay as they are."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return unicodedata.normalize("NFC", _ACCENTS.sub("", plain))


def words_of_name(name: str) -> tuple[str, ...]:
    """Split a column name at case changes, underscores and signs: `KundenTel_2` is kunden, tel."""
    parts = _BETWEEN.split(fold(_CAMEL.sub(" ", name)))
    return tuple(word for part in parts if (word := _DIGITS.sub("", part)))
