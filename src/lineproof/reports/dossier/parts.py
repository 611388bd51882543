"""Small pieces of a document, made from recorded values: every text passes `shown` here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from lineproof.reports.document import Cell, Fact, Facts, Prose, Table, Tone
from lineproof.reports.visible import shown

__all__ = ["MISSING", "cell", "cells", "code", "draft", "fact", "listed", "moment", "prose", "table", "value"]

_LONGEST = 500  # characters of one recorded value that a table shows
_CITED = 5  # entries named beside one value
MISSING = "DRAFT: to be stated"


def cell(text: object, *entries: int, tone: Tone | None = None) -> Cell:
    """Give a cell that rests on these entries."""
    words = shown(text)
    if len(words) > _LONGEST:
        words = f"{words[:_LONGEST]}… ({len(words)} characters)"
    return Cell(words, tuple(sorted(set(entries)))[:_CITED], tone)


def code(text: object, *entries: int) -> Cell:
    """Give a cell with a digest or a reference."""
    return cell(text, *entries, tone=Tone.CODE)


def value(of: Any, *entries: int) -> Cell:
    """Give a cell with a recorded JSON value: text as it is, anything else as JSON."""
    if isinstance(of, str):
        return cell(of, *entries)
    return cell("not recorded" if of is None else msgspec.json.encode(of).decode(), *entries)


def draft() -> Cell:
    """Give the mark for what a person must still state."""
    return Cell(MISSING, (), Tone.DRAFT)


def fact(name: str, what: Cell) -> Fact:
    """Give one line of a list of facts."""
    return Fact(name, what)


def listed(*facts: Fact) -> Facts:
    """Give a list of facts."""
    return Facts(facts)


def prose(text: object, *entries: int, tone: Tone | None = None) -> Prose:
    """Give a paragraph that rests on these entries."""
    return Prose(shown(text), tuple(sorted(set(entries)))[:_CITED], tone)


def cells(*texts: object) -> tuple[Cell, ...]:
    """Give a row of plain cells; what is a cell already stays one."""
    return tuple(one if isinstance(one, Cell) else cell(one) for one in texts)


def table(
    name: str,
    caption: str,
    columns: Sequence[str],
    rows: Iterable[tuple[Cell, ...]],
    *,
    total: int | None = None,
) -> Table:
    """Give a table; `total` when there are more rows than given."""
    given = tuple(rows)
    return Table(name, caption, tuple(columns), given, len(given) if total is None else total)


def moment(time: str | None) -> str:
    """Give a time to the second, in UTC."""
    return "not recorded" if time is None else f"{time[:19].replace('T', ' ')} UTC"
