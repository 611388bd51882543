"""Identifiers of people have one form, and hashes that say nothing without their key."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from lineproof.errors import ReferenceSyntaxError
from lineproof.model.subjects import Subject, SubjectHash, normal_id

KEY = SubjectHash(bytes(range(32)))


class Scalar:
    """As NumPy and Arrow give one."""

    def __init__(self, value):
        self.value = value

    def item(self):
        return self.value


@pytest.mark.parametrize(
    "values",
    [
        (417, 417.0, "417", "417.0", " 417 ", b"417", Decimal("417.00"), Scalar(417)),
        (0, -0.0, "0", "-0", "0.00"),
        (-5, "-5", -5.0),
        ("café", "cafe\u0301", b"caf\xc3\xa9"),
        (uuid.UUID(int=0xABC), str(uuid.UUID(int=0xABC)).upper()),
        (2**70, float(2**70), str(2**70)),
        (0.5, "0.5", Decimal("0.50")),
    ],
)
def test_one_identifier_in_all_its_forms_is_one_person(values):
    assert len({normal_id(value) for value in values}) == 1
    assert len({KEY.of(Subject.of("patients", value)) for value in values}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("007", "7"), ("A1", "a1"), ("1.10", "1.1"), ("4 17", "417"), (True, 1), ("1e3", 1000)],
)
def test_identifiers_that_may_be_two_people_stay_two(one, other):
    assert normal_id(one) != normal_id(other)


@pytest.mark.parametrize("value", [None, "", "  ", float("nan"), Decimal("nan")])
def test_what_is_missing_names_nobody(value):
    assert Subject.of("patients", value) is None


def test_two_spaces_never_meet_whatever_is_in_their_names():
    pairs = [("a", "bc"), ("ab", "c"), ("a", "b/c"), ("A", "bc"), (None, "bc"), ("a\0b", "c")]
    assert len({KEY.of(Subject.of(*pair)) for pair in pairs}) == len(pairs)


def test_a_hash_needs_the_key_and_is_the_same_in_every_version():
    other = SubjectHash.parse("11" * 32)
    someone = Subject.of("patients", 417)
    assert KEY.of(someone) != other.of(someone)
    assert KEY.of(someone).hex() == "d184284e2243fe16737d8842744ba44e"


def test_a_person_is_written_as_space_and_identifier():
    assert (
        Subject.parse("subject:patients/417.0") == Subject.parse("patients/417") == Subject("patients", "417")
    )
    assert Subject.parse("subject:mails/a/b").id == "a/b"
    assert str(Subject.parse(str(Subject("patients", "417")))) == "subject:patients/417"
    for text in ("417", "subject:417", "/417", "patients/"):
        with pytest.raises(ReferenceSyntaxError):
            Subject.parse(text)
