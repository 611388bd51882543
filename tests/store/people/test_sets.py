"""Sets of people: kept once, found by member, forgotten."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineproof.model.people import set_of_people
from lineproof.store.people import PEOPLE, PeopleSets


def hashed(number):
    return hashlib.sha256(b"%d" % number).digest()[:16]


def some(numbers, space="patients"):
    return set_of_people(space, ((hashed(number),) for number in numbers))


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def test_a_person_is_found_in_the_sets_that_hold_them(folder):
    sets = PeopleSets(folder)
    first, second = some(range(100)), some(range(50, 150))
    for one in (first, second, first):
        sets.keep(one)
    assert sets.kept() == {first.id: 100, second.id: 100}
    assert sets.holding([hashed(7)]) == {first.id}
    assert sets.holding([hashed(70)]) == {first.id, second.id}
    assert sets.holding([hashed(1000)]) == set()
    assert PeopleSets(folder).holding([hashed(140)]) == {second.id}


def test_two_identifiers_of_one_person_are_asked_for_together(folder):
    sets = PeopleSets(folder)
    first, second = some([1, 2]), some([3])
    sets.keep(first)
    sets.keep(second)
    assert sets.holding([hashed(1), hashed(3)]) == {first.id, second.id}


def test_a_space_is_asked_alone(folder):
    sets = PeopleSets(folder)
    patients, staff = some([1]), some([1, 2], "staff")
    sets.keep(patients)
    sets.keep(staff)
    assert sets.holding([hashed(1)], "staff") == {staff.id}


def test_who_is_forgotten_is_in_no_set_and_their_hash_in_no_file(folder):
    sets = PeopleSets(folder)
    sets.keep(some(range(1000)))
    assert sets.forget([hashed(3)]) == 1
    assert sets.holding([hashed(3)]) == set()
    assert all(hashed(3) not in path.read_bytes() for path in folder.iterdir())
    assert (folder / PEOPLE).stat().st_mode & 0o77 == 0


def test_a_number_that_was_given_once_is_given_to_nobody_else(folder):
    sets = PeopleSets(folder)
    first = some([1])
    sets.keep(first)
    sets.forget([hashed(1)])
    sets.keep(some([2]))
    assert sets.holding([hashed(2)]) == {some([2]).id}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.frozensets(st.integers(0, 40), min_size=1), min_size=1, max_size=12))
def test_whatever_sets_are_kept_membership_is_that_of_sets(tmp_path_factory, groups):
    sets = PeopleSets(tmp_path_factory.mktemp("people"))
    kept = {some(group).id: group for group in groups}
    for group in groups:
        sets.keep(some(group))
    for person in range(41):
        assert sets.holding([hashed(person)]) == {name for name, group in kept.items() if person in group}
