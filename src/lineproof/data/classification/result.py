"""The classes of columns, and what each means under HIPAA and the GDPR."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["CLASSES", "Classification", "Finding", "Gdpr", "Meaning", "classification"]

Gdpr = Literal["personal", "special", "none"]


class Meaning(msgspec.Struct, frozen=True):
    """What the law makes of a class.

    Attributes:
        hipaa: Letter of 45 CFR 164.514(b)(2)(i), A to R; None where the list does not name it.
        gdpr: `special` is Art. 9.
    """

    hipaa: str | None
    gdpr: Gdpr


CLASSES: dict[str, Meaning] = {
    "PERSON": Meaning("A", "personal"),
    "ADDRESS": Meaning("B", "personal"),
    "CITY": Meaning("B", "personal"),
    "POSTCODE": Meaning("B", "personal"),
    "GEOLOCATION": Meaning("B", "personal"),
    "BIRTH_DATE": Meaning("C", "personal"),
    "DATE": Meaning("C", "personal"),
    "AGE": Meaning("C", "personal"),  # only where ages above 89 occur; other ages are NONE
    "PHONE": Meaning("D", "personal"),  # the list splits D telephone and E fax; a column rarely says which
    "EMAIL": Meaning("F", "personal"),
    "SSN": Meaning("G", "personal"),
    "MRN": Meaning("H", "personal"),
    "HEALTH_PLAN_ID": Meaning("I", "personal"),
    "ACCOUNT": Meaning("J", "personal"),
    "CREDIT_CARD": Meaning("J", "personal"),
    "LICENCE": Meaning("K", "personal"),
    "VEHICLE_ID": Meaning("L", "personal"),
    "DEVICE_ID": Meaning("M", "personal"),
    "URL": Meaning("N", "personal"),
    "IP": Meaning("O", "personal"),
    "BIOMETRIC": Meaning("P", "special"),
    "PHOTO": Meaning("Q", "personal"),
    "NATIONAL_ID": Meaning("R", "personal"),
    "USERNAME": Meaning("R", "personal"),
    "NPI": Meaning("R", "personal"),
    "FREE_TEXT": Meaning("R", "personal"),
    "DIAGNOSIS": Meaning(None, "special"),
    "HEALTH": Meaning(None, "special"),
    "GENETIC": Meaning(None, "special"),
    "RELIGION": Meaning(None, "special"),
    "ETHNICITY": Meaning(None, "special"),
    "TRADE_UNION": Meaning(None, "special"),
    "POLITICAL": Meaning(None, "special"),
    "SEXUALITY": Meaning(None, "special"),
    "NONE": Meaning(None, "none"),
}


class Classification(msgspec.Struct, frozen=True, omit_defaults=False):
    """What a column holds.

    Attributes:
        class_: A name of `CLASSES`; in JSON it is `class`.
        hipaa: Letter of the Safe Harbor list, or None.
        gdpr: `personal`, `special` (Art. 9) or `none`.
        confidence: 0 to 1, how sure we are of `class_`; for NONE, that the column is not personal.
        evidence: Why, in words; never a value of the column.
        contains: Classes embedded in a FREE_TEXT column.
    """

    class_: str = msgspec.field(name="class")
    hipaa: str | None
    gdpr: Gdpr
    confidence: float
    evidence: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()

    @property
    def personal(self) -> bool:
        """Whether the column holds personal data, special categories included."""
        return self.gdpr != "none"


class Finding(msgspec.Struct, frozen=True):
    """What one kind of evidence in the values says.

    Attributes:
        class_: The class it speaks for.
        score: 0 to 1, the probability given the values alone.
        why: Evidence in words, without values.
        firm: Checksums and formats that nothing else has: a column name does not talk it away.
        contains: As in `Classification`.
    """

    class_: str
    score: float
    why: str
    firm: bool = False
    contains: tuple[str, ...] = ()


def classification(
    class_: str, confidence: float, evidence: tuple[str, ...], contains: tuple[str, ...] = ()
) -> Classification:
    """Make a `Classification` with the letter and GDPR class of `class_`."""
    meaning = CLASSES[class_]
    return Classification(class_, meaning.hipaa, meaning.gdpr, round(confidence, 3), evidence, contains)
