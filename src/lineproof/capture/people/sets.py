"""The people in a table that reaches a border."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineproof.capture.people.declared import declared
from lineproof.capture.people.rows import positions_of
from lineproof.capture.people.side import side_of
from lineproof.capture.provenance.attachment import Shape, shape_of, table_of
from lineproof.model.facets import Subjects, SubjectSet
from lineproof.model.people import SetOfPeople, union

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["people_of"]


def people_of(session: Session, obj: Any) -> Subjects | None:
    """Give whose rows a table has, as far as that is certain, and send the sets to the side file."""
    if not declared():
        return None
    found: dict[str, list[SetOfPeople]] = {}
    columns: dict[str, str] = {}
    placed = positions_of(obj)
    if placed is not None:
        people, positions = placed
        found[people.space] = [people.at(positions)]
    if shape_of(obj) is Shape.FRAME:
        for each, column in _by_value(obj):
            found.setdefault(each.space, []).append(each)
            columns.setdefault(each.space, column)
    side = side_of(session)
    if side is None or not found:
        return None
    sets = []
    for space, parts in found.items():
        whole = union(parts)
        side.write(whole)
        sets.append(SubjectSet(set=whole.id, space=space, people=whole.people, column=columns.get(space)))
    return Subjects(sets=sets)


def _by_value(frame: Any) -> list[tuple[SetOfPeople, str]]:
    """The people named by a declared column that came through untouched."""
    table = table_of(frame)
    if table is None:
        return []
    found = []
    for at, origin in enumerate(table.origins):
        for people in declared():
            if people.is_here(origin):
                values = frame.iloc[:, at]
                # A row that names nobody may be somebody's of another table, met by a join.
                named = None if values.hasnans else people.named_by(values.unique())
                if named is not None:
                    found.append((named, str(table.labels[at])))
                break
    return found
