"""Columns of one table together: what a neighbour says about a column that does not speak for itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from lineproof.data.classification.beside import sets
from lineproof.data.classification.decide import Opinion, choose, opinion
from lineproof.data.classification.detectors.people import name_shaped
from lineproof.data.classification.engines import TextEngine, read_texts
from lineproof.data.classification.lexicon import reading
from lineproof.data.classification.result import Classification
from lineproof.data.classification.sample import sample_of
from lineproof.data.classification.text import words_of_name

__all__ = ["Column", "classify_table"]

_HEALTH = frozenset({"MRN", "HEALTH_PLAN_ID", "DIAGNOSIS", "NPI", "HEALTH"})
_PATIENTS = frozenset(
    [
        "patient",
        "patients",
        "patienten",
        "pacientes",
        "pazienti",
        "admissions",
        "encounters",
        "visits",
        "hospital",
        "clinical",
        "ehr",
        "emr",
        "health",
    ]
)
_OF_PEOPLE = frozenset({"EMAIL", "PHONE", "BIRTH_DATE", "ADDRESS", "SSN", "NATIONAL_ID", "USERNAME", "MRN"})
_NEAR = 2  # columns to the left and right that count as neighbours


class Column(msgspec.Struct, frozen=True):
    """What is known of one column: the arguments of `classify`."""

    values: Any
    rows: int
    nulls: int
    distinct: int | None = None


class _Settled(list[Classification]):
    """What each column is taken for so far, and which classes occur at all."""

    def __init__(self, chosen: Iterable[Classification]) -> None:
        super().__init__(chosen)
        self._number = Counter(one.class_ for one in self)

    def settle(self, index: int, one: Classification) -> None:
        """Take a column for something else."""
        self._number[self[index].class_] -= 1
        self._number[one.class_] += 1
        self[index] = one

    @property
    def classes(self) -> set[str]:
        """The classes that occur."""
        return {class_ for class_, number in self._number.items() if number}

    def number(self, class_: str) -> int:
        """How many columns are taken for that."""
        return self._number[class_]


def _near(settled: _Settled, index: int) -> set[str]:
    around = range(max(0, index - _NEAR), min(len(settled), index + _NEAR + 1))
    return {settled[other].class_ for other in around if other != index}


def _place_beside_places(seen: Opinion, settled: _Settled, index: int) -> None:
    if seen.hints.against == "strong" or not (seen.scores.get("POSTCODE") or seen.scores.get("CITY")):
        return  # most columns: that all others are looked at for each must stay rare
    near, everywhere = _near(settled, index), settled.classes
    if seen.scores.get("POSTCODE", 0) >= 0.12 and "POSTCODE" not in everywhere:
        if near & {"ADDRESS", "CITY"}:
            seen.add("POSTCODE", 0.55, "stands beside an address or a town")
        elif seen.scores["POSTCODE"] >= 0.45 and everywhere & {"PERSON", "EMAIL", "PHONE"}:
            seen.add("POSTCODE", 0.2, "the table is of people and has no other postcode")
    if seen.scores.get("CITY", 0) >= 0.2 and near & {"ADDRESS", "POSTCODE"} and "CITY" not in everywhere:
        seen.add("CITY", 0.4, "stands beside an address or a postcode")


def _town_that_reads_as_surname(seen: Opinion, settled: _Settled, index: int) -> None:
    """Towns are named after people: between street and postcode, where the table has its names elsewhere."""
    near = {settled[other].class_ for other in (index - 1, index + 1) if 0 <= other < len(settled)}
    if not near & {"ADDRESS", "POSTCODE"} or "PERSON" in near:
        return
    people = settled.number("PERSON")
    if not settled.number("CITY"):
        if seen.hints.strong or seen.hints.weak or seen.hints.against or seen.firm or not len(seen.sample):
            return
        if settled[index].class_ == "PERSON" and people > 1 and seen.sample.share(r"\s\S+\s\S+\s") < 0.3:
            seen.scores["PERSON"] *= 0.5
            seen.add("CITY", 0.7, "reads like surnames, but stands beside street or postcode")
        elif settled[index].class_ == "NONE" and _could_be_town(seen):
            seen.add("CITY", 0.55, "capitalised words beside street or postcode")


def _could_be_town(seen: Opinion) -> bool:
    sample = seen.sample
    if (
        sample.kind != "text"
        or sample.distinct < 10
        or name_shaped(sample) < 0.9
        or sample.share(r"^\p{Lu}") < 0.9
    ):
        return False
    words = reading(sample)
    return words.companies < 0.05 and words.weights[3] < 0.3 and words.counted < 2.5


def _name_beside_name(seen: Opinion, settled: _Settled, index: int) -> None:
    if (
        seen.scores.get("PERSON", 0) >= 0.2
        and seen.sample.share(r"(\S+\s){3}") < 0.1
        and "PERSON" in _near(settled, index)
        and not seen.hints.against
    ):
        seen.add("PERSON", 0.4, "stands beside a name of a person")


def _known_from_mail(opinions: Sequence[Opinion], settled: _Settled) -> list[float]:
    """For each column, share of its words of four letters or more that occur in the e-mail addresses of the table."""
    mails = [
        value.partition("@")[0]
        for seen, one in zip(opinions, settled, strict=True)
        if one.class_ == "EMAIL"
        for value in seen.sample.folded
    ]
    shares = []
    for seen, one in zip(opinions, settled, strict=True):
        candidate = mails and one.class_ == "NONE" and seen.scores.get("PERSON", 0) > 0.1
        words = {word for value in seen.sample.folded[:400] for word in value.split()} if candidate else set()
        ascii_words = [word for word in words if len(word) > 3 and word.isascii()]
        joined = " ".join(mails) if ascii_words else ""
        shares.append(sum(word in joined for word in ascii_words) / max(len(ascii_words), 1))
    return shares


def _nameless(opinions: Sequence[Opinion], settled: _Settled) -> int | None:
    """The likeliest name in a table that is plainly of people but has none yet."""
    about = settled.classes & _OF_PEOPLE
    if len(about) < 2 or settled.number("PERSON"):
        return None
    free = [
        (seen.scores.get("PERSON", 0.0), -index)
        for index, (seen, one) in enumerate(zip(opinions, settled, strict=True))
        if one.class_ == "NONE" and seen.hints.against != "strong"
    ]
    best, index = max(free, default=(0.0, 0))
    return -index if best >= 0.2 else None


def _find_names(opinions: Sequence[Opinion], settled: _Settled) -> None:
    for index, share in enumerate(_known_from_mail(opinions, settled)):
        if share >= 0.4:
            opinions[index].add("PERSON", 0.55, "its words occur in the e-mail addresses of the table")
            settled.settle(index, choose(opinions[index]))
    nameless = _nameless(opinions, settled)
    if nameless is not None:
        opinions[nameless].add(
            "PERSON", 0.45, "the table is of people, and no other column reads like their names"
        )
        settled.settle(nameless, choose(opinions[nameless]))


def _number_of_people(seen: Opinion, settled: _Settled, index: int) -> None:
    """What could be a licence is one, and what could be a postcode, where the table is of people by their names."""
    classes = settled.classes
    if "PERSON" not in classes or len(classes & _OF_PEOPLE) < 1 or seen.hints.against:
        return
    if seen.scores.get("LICENCE", 0) >= 0.35 and settled[index].class_ == "NONE":
        seen.scores["NONE"] = 0.0
        seen.add("LICENCE", 0.3, "the table is of people")
    if (
        seen.scores.get("POSTCODE", 0) >= 0.3
        and "POSTCODE" not in classes
        and settled[index].class_ == "NONE"
    ):
        seen.add("POSTCODE", 0.35, "the table is of people and has no other postcode")


def _day_in_health_data(seen: Opinion) -> None:
    if seen.scores.get("DATE", 0) >= 0.25 and not seen.hints.against:
        seen.add("DATE", 0.45, "a day in a table of health data")


_RULES = (_place_beside_places, _town_that_reads_as_surname, _name_beside_name, _number_of_people)


def _opinions(columns: Mapping[str, Column]) -> list[Opinion]:
    """Hear each column alone, those of one kind side by side."""
    samples = [
        sample_of(one.values, rows=one.rows, nulls=one.nulls, distinct=one.distinct)
        for one in columns.values()
    ]
    names = list(columns)
    found: dict[int, Opinion] = {}
    for places, together in sets(samples):
        with together:
            found |= {place: opinion(names[place], samples[place]) for place in places}
    return [found[place] for place in range(len(names))]


def classify_table(
    columns: Mapping[str, Column], name: str = "", *, texts: TextEngine | None = None
) -> dict[str, Classification]:
    """Say what the columns of a table hold, each heard with its neighbours.

    Args:
        columns: Column name to column, in the order of the table.
        name: Name of the table; a word for patients in it makes days into dates of a person.
        texts: Looks for identifiers inside free text, beside the patterns of this room.

    Returns:
        Column name to classification, in the same order.
    """
    opinions = _opinions(columns)
    if texts is not None:
        for seen in opinions:
            read_texts(texts, seen)
    settled = _Settled(map(choose, opinions))
    health = bool(settled.classes & _HEALTH or _PATIENTS.intersection(words_of_name(name)))
    _find_names(opinions, settled)
    for index, seen in enumerate(opinions):
        if settled[index].class_ in {"NONE", "PERSON"} or settled[index].confidence < 0.75:
            for rule in _RULES:
                rule(seen, settled, index)
            if health:
                _day_in_health_data(seen)
            settled.settle(index, choose(seen))
    return dict(zip(columns, settled, strict=True))
