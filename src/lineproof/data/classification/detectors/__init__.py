"""Detectors: each reads a sample and says which classes its values speak for, without the column's name.

To add one: a module with `find(sample) -> Iterator[Finding]`, and its line in `ALL`.
"""

from collections.abc import Callable, Iterator

from lineproof.data.classification.detectors import (
    categories,
    contact,
    machine,
    numbers,
    people,
    phones,
    places,
    plates,
    prose,
    times,
)
from lineproof.data.classification.result import Finding
from lineproof.data.classification.sample import Sample

__all__ = ["ALL"]

ALL: tuple[Callable[[Sample], Iterator[Finding]], ...] = (
    machine.find,
    contact.find,
    numbers.find,
    plates.find,
    phones.find,
    times.find,
    categories.find,
    prose.find,
    places.find,
    people.find,
)
