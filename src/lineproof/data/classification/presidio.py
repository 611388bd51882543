"""Presidio's pattern recognisers, without a language model and without a network.

Recognisers that need a model are left out. One checks the ends of host names against a list that its library
fetches when it is first asked; here it takes the copy that comes with that library, and writes no cache.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lineproof.errors import MissingTextEngineError

__all__ = ["Presidio"]

_LANGUAGES = ["en", "es", "it", "pl"]  # those whose registers it has recognisers for without being asked
_LEAST = 0.4  # a score; below it are bare digits, which it trusts only beside words that it must parse
_LONGEST = 10_000  # characters of a text that are read; its patterns take time with the square of the length
_CLASSES = {
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "CREDIT_CARD": "CREDIT_CARD",
    "IBAN_CODE": "ACCOUNT",
    "US_BANK_NUMBER": "ACCOUNT",
    "CRYPTO": "ACCOUNT",
    "IP_ADDRESS": "IP",
    "MAC_ADDRESS": "DEVICE_ID",
    "US_SSN": "SSN",
    "US_NPI": "NPI",
    "MEDICAL_LICENSE": "LICENCE",
    "US_DRIVER_LICENSE": "LICENCE",
    "IT_DRIVER_LICENSE": "LICENCE",
}
_NOT_OF_PEOPLE = frozenset({"URL", "DATE_TIME", "UUID", "IT_VAT_CODE"})  # alone they make no text personal
_OTHER = "NATIONAL_ID"  # what is left are registers of single countries


class Presidio:
    """Finds what Presidio's patterns find.

    Attributes:
        name: How evidence calls it.
    """

    name = "Presidio"

    def __init__(self) -> None:
        """Load the recognisers.

        Raises:
            MissingTextEngineError: It is not installed.
        """
        self._recognizers = list(_recognizers())

    def shares(self, texts: Sequence[str]) -> Mapping[str, float]:
        """Give the share of the texts in which each class was found."""
        found: Counter[str] = Counter()
        for text in texts:
            found.update(self._inside(text[:_LONGEST]))
        return {class_: number / len(texts) for class_, number in found.items()}

    def _inside(self, text: str) -> set[str]:
        return {
            _CLASSES.get(one.entity_type, _OTHER)
            for recognizer in self._recognizers
            for one in recognizer.analyze(text, recognizer.supported_entities, None)
            if one.score >= _LEAST and not _is_bare(one.entity_type, text[one.start : one.end])
        }


def _is_bare(kind: str, text: str) -> bool:
    """Any ten digits are taken for a telephone number."""
    return kind == "PHONE_NUMBER" and text.isdigit()


def _recognizers() -> Iterator[Any]:
    """Give one recogniser of each kind that needs no model and finds what is of people."""
    try:
        from presidio_analyzer import PatternRecognizer, RecognizerRegistry  # noqa: PLC0415 - an extra, slow to import
        from presidio_analyzer.predefined_recognizers import (  # noqa: PLC0415 - same
            EmailRecognizer,
            PhoneRecognizer,
        )
        from tldextract import TLDExtract  # noqa: PLC0415 - same
    except ImportError as error:
        raise MissingTextEngineError("Presidio is not installed") from error
    registry = RecognizerRegistry(supported_languages=_LANGUAGES)
    registry.load_predefined_recognizers(languages=_LANGUAGES)
    ends = TLDExtract(suffix_list_urls=(), cache_dir=None)
    kinds = set()
    for one in registry.recognizers:
        if type(one) in kinds or not isinstance(one, (PatternRecognizer, PhoneRecognizer)):
            continue
        kinds.add(type(one))
        if isinstance(one, EmailRecognizer):
            one.validate_result = lambda text: bool(ends(text).fqdn)
        if not _NOT_OF_PEOPLE.issuperset(one.supported_entities):
            yield one
