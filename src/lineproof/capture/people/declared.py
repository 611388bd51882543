"""A column that names people, as the program declared it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lineproof.capture.people.side import side_of
from lineproof.capture.provenance.attachment import Shape, shape_of, table_of
from lineproof.capture.provenance.table import SourceColumn
from lineproof.model.people import PeopleOf, SetOfPeople, forms_of, set_of_people
from lineproof.model.subjects import Subject, SubjectHash, normal_space

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["Declared", "declare_people", "declared"]

_UNTOUCHED = frozenset(("concat", "astype"))  # rules that leave an identifier what it is


class Declared:
    """The people of one declared column.

    Args:
        space: Space of the identifiers.
        column: Label of the column.
        source: The column of a file that it came from; None where it is from several or none.
        rule: Rule by which its origin is known: another one means that it was computed with.
        frame: The frame.
        hashing: Gives keyed hashes.
    """

    def __init__(
        self,
        space: str,
        column: str,
        source: SourceColumn | None,
        rule: str,
        frame: Any,
        hashing: SubjectHash,
    ) -> None:
        import pandas as pd

        self.space = space
        self.column = column
        self.source = source
        self._rules = _UNTOUCHED | {rule}
        self._hashing = hashing
        self._known: dict[Any, tuple[bytes, ...]] = {}
        self._everybody: set[bytes] | None = None
        # The identifiers as they are now: the program may change its frame later.
        self.codes, self._uniques = pd.factorize(frame[column])
        self.index = frame.index if frame.index.is_unique else None

    def is_here(self, origin: Any) -> bool:
        """Whether a column of this origin holds the identifiers as declared."""
        return self.source is not None and origin.direct == {self.source} and origin.rule in self._rules

    def _hashed(self, values: Any) -> list[tuple[bytes, ...]]:
        """Give the keyed hashes of each identifier that names somebody."""
        known = self._known
        found = []
        for value in values.tolist() if hasattr(values, "tolist") else values:
            try:
                key = (value.__class__, value)  # True is no 1 here
                there = known[key] if key in known else known.setdefault(key, self._hash(value))
            except TypeError:  # a value that cannot be a key names nobody
                continue
            if there:
                found.append(there)
        return found

    def _hash(self, value: Any) -> tuple[bytes, ...]:
        subject = Subject.of(self.space, value)
        return () if subject is None else tuple(map(self._hashing.of, forms_of(subject)))

    def at(self, positions: Any) -> SetOfPeople:
        """Give the people of rows of the declared frame, named by position."""
        import numpy as np

        codes = np.unique(self.codes if positions is None else self.codes[positions])
        return self.set_of(self._uniques.take(codes[codes >= 0]))

    def set_of(self, values: Any) -> SetOfPeople:
        """Give the people that identifiers name."""
        return set_of_people(self.space, self._hashed(values))

    def named_by(self, values: Any) -> SetOfPeople | None:
        """Give the people that values of the column name elsewhere; None when they name others than declared.

        A conversion may have made other identifiers of them, and another part of a file has other people.
        """
        if self._everybody is None:
            self._everybody = {one for forms in self._hashed(self._uniques) for one in forms}
        found = self._hashed(values)
        strangers = any(one not in self._everybody for forms in found for one in forms)
        return None if strangers else set_of_people(self.space, found)


_declared: list[Declared] = []


def declared() -> list[Declared]:
    """Give the columns that were declared in this process."""
    return _declared


def declare_people(
    session: Session, frame: Any, column: str, space: str | None, follows: Callable[[Any, Declared], None]
) -> None:
    """Begin to follow the people of a frame.

    Args:
        session: The recording.
        frame: The frame; of another object nothing is followed.
        column: Its column that names the person of a row.
        space: Space of the identifiers.
        follows: Marks the frame as the one whose rows are these people's.
    """
    side = side_of(session)
    if side is None or shape_of(frame) is not Shape.FRAME:
        session.gap(f"{session.site()}: people of what was declared here are not followed")
        return
    table = table_of(frame)
    label = next(one for one in frame.columns if str(one) == column)
    origin = None if table is None else table.get(label)
    sources = () if origin is None else origin.direct
    source = next(iter(sources)) if len(sources) == 1 else None
    name = normal_space(space)
    rule = "" if origin is None else origin.rule
    people = Declared(
        name, str(label), source, rule, frame if label == column else frame.rename(columns=str), side.hashing
    )
    _declared.append(people)
    follows(frame, people)
    if source is not None and source.namespace == "file":
        path = (
            source.name if os.path.isabs(source.name) else os.path.join(session.process.run.root, source.name)
        )
        side.write(PeopleOf("file", source.name, source.version, path, source.column, name))
    else:
        session.gap(f"{session.site()}: the people of what {column!r} was read from are not known")
