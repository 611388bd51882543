"""Promises about columns whose names say nothing: what their values alone give away, and what they do not."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable
from importlib.resources import files

import pytest

from lineproof.data.classification import Column, classify_table
from lineproof.data.classification.lists import collected, words
from lineproof.data.classification.text import fold


def table(**makers: Callable[[random.Random], str]) -> dict[str, str]:
    """Classify columns of 300 values each; give the class of each."""
    chance = random.Random(3)
    values = {name: [make(chance) for _ in range(300)] for name, make in makers.items()}
    found = classify_table({f"c{n}": Column(made, 300, 0) for n, made in enumerate(values.values())})
    return dict(zip(values, (one.class_ for one in found.values()), strict=True))


def digits(chance: random.Random, size: int) -> str:
    return "".join(chance.choices(string.digits, k=size))


def letters(chance: random.Random, size: int) -> str:
    return "".join(chance.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=size))


def drawn(*names: str) -> Callable[[random.Random], str]:
    return lambda chance: chance.choice(names)


FIRST = drawn(
    "Zsófia", "Eszter", "Botond", "Levente", "Réka", "Gergő", "Dorottya", "Ákos", "Csilla", "Zoltán"
)
LAST = drawn("Szabó", "Kovács", "Horváth", "Kiss", "Balogh", "Farkas", "Lakatos", "Juhász", "Szűcs", "Fekete")


def test_names_of_people_are_known_without_a_telling_name():
    greek = drawn("Γιώργος", "Μαρία", "Κατερίνα", "Νίκος", "Δημήτρης", "Σοφία", "Αλέξανδρος", "Βασίλης")
    russian = drawn("Кузнецов, Олег", "Смирнова, Анна", "Волков, Пётр", "Лебедева, Ольга", "Зайцев, Артём")
    found = table(
        whole=lambda chance: f"{LAST(chance)} {FIRST(chance)}", greek=greek, russian=russian, number=lambda c: digits(c, 7)
    )  # fmt: skip
    assert found == {"whole": "PERSON", "greek": "PERSON", "russian": "PERSON", "number": "NONE"}


def test_a_letter_and_a_long_number_are_a_licence_only_beside_people():
    def licence(chance: random.Random) -> str:
        return letters(chance, 1) + digits(chance, 7)

    def code(chance: random.Random) -> str:  # of three makers
        return chance.choice("ABC") + digits(chance, 7)

    def mail(chance: random.Random) -> str:
        return f"{fold(LAST(chance))}{digits(chance, 4)}@example.org"

    beside = table(who=lambda c: f"{FIRST(c)} {LAST(c)}", mail=mail, licence=licence, code=code)
    assert (beside["licence"], beside["code"]) == ("LICENCE", "NONE")
    assert table(price=lambda c: f"{c.random():.2f}", licence=licence)["licence"] == "NONE"


def test_plates_of_several_kinds_are_known_and_codes_of_one_form_are_not():
    def plate(chance: random.Random) -> str:
        form = chance.choice(["AAA 999", "999 AAA", "AA99 AAA", "A99 AAA", "9AAA999", "AAA-9999", "99-AA-99"])
        return "".join(
            letters(chance, 1) if sign == "A" else digits(chance, 1) if sign == "9" else sign for sign in form
        )

    found = table(
        plate=plate, shelf=lambda c: f"{c.choice('XYZ')}{c.choice('ABCDEF')}{digits(c, 2)}-{digits(c, 3)}"
    )
    assert found == {"plate": "VEHICLE_ID", "shelf": "NONE"}


@pytest.mark.parametrize(
    "values",
    [
        ("Crimson", "Teal", "Olive", "Rose", "Violet", "Amber", "Jade", "Ruby", "Indigo"),
        ("Accountant", "Nurse", "Teacher", "Plumber", "Carpenter", "Baker", "Mason", "Butler", "Cook"),
        ("new", "paid", "shipped", "cancelled", "returned"),
        ("Victoria Filter", "Madison Pump", "Delta Router", "Jasper Desk", "Orion Lamp", "Lincoln Chair"),
        ("4.1.18", "2.0.0", "3.11.7", "1.19.26", "5.12.3", "2.28.9"),
    ],
    ids=["colours", "occupations", "states", "products", "versions"],
)
def test_things_that_read_like_names_are_not_taken_for_people(values):
    found = table(things=lambda c: c.choice(values), number=lambda c: digits(c, 8))
    assert found["things"] == "NONE"


def test_the_collected_lists_are_folded_and_name_their_licences():
    folder = files("lineproof.data.classification") / "words"
    licences = (folder / "LICENCES.txt").read_text(encoding="utf-8")
    assert "Daniele Faraglia" in licences
    assert "Attribution 4.0" in licences
    for name in ("given", "surnames", "places", "words", "names", "towns"):
        members = collected(name)
        assert len(members) > 5_000, name
        assert all(fold(word) == word and re.search(r"[^\W\d_]", word) for word in members), name
    assert words("given") > collected("given")
