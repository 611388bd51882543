"""What a report says, apart from how it looks: built once, rendered to HTML and to JSON.

Everything in a document is text, a whole number or a list of these, so that its canonical JSON, and with it
the hash that names its content, can be computed by anybody in any language.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec

__all__ = ["Block", "Cell", "Document", "Fact", "Facts", "Figure", "Prose", "Section", "Table", "Tone"]


class Tone(StrEnum):
    """How a piece of text wants to be read; always said in words as well, never by colour alone."""

    DRAFT = "draft"  # something that a person must still supply
    GOOD = "good"
    BAD = "bad"
    OPEN = "open"  # nobody knows, or somebody must judge
    CODE = "code"  # a digest, a reference: shown in one width


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value with the entries it rests on.

    Attributes:
        text: What is shown; one line.
        entries: Numbers of the entries that say so. All of them are part of the report's evidence.
        tone: How to read it.
    """

    text: str
    entries: tuple[int, ...] = ()
    tone: Tone | None = None


class Prose(msgspec.Struct, frozen=True, omit_defaults=True, tag="prose"):
    """A paragraph."""

    text: str
    entries: tuple[int, ...] = ()
    tone: Tone | None = None


class Fact(msgspec.Struct, frozen=True):
    """A name and its value."""

    name: str
    value: Cell


class Facts(msgspec.Struct, frozen=True, tag="facts"):
    """A list of names and values."""

    facts: tuple[Fact, ...]


class Table(msgspec.Struct, frozen=True, tag="table"):
    """A table; the first cell of a row names it.

    Attributes:
        name: Identifier, unique in the document; file name of its export.
        total: Rows there are; more than are shown when the table was cut.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int


class Figure(msgspec.Struct, frozen=True, tag="figure"):
    """A picture.

    Attributes:
        svg: The `<svg>` element, without style attributes, scripts and outside references.
        text: What it shows, for who cannot see it.
    """

    caption: str
    text: str
    svg: str


Block = Prose | Facts | Table | Figure


class Section(msgspec.Struct, frozen=True):
    """A part of the document under one heading.

    Attributes:
        id: Identifier, unique in the document: lower-case letters and hyphens.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A report.

    Attributes:
        v: Version of this form.
        kind: What sort of report, `model-dossier`.
        subject: Reference of what it is about.
        ledger: UUID of the ledger it was made from.
        as_of: Last entry it rests on.
        day: Day it was made, UTC.
        draft: What people must still supply; empty when nothing is missing.
        sections: The first is the summary.
    """

    v: int = 1
    kind: str
    title: str
    subject: str
    ledger: str
    as_of: int
    day: str
    draft: tuple[str, ...]
    sections: tuple[Section, ...]

    def cited(self) -> list[int]:
        """Give the numbers of all entries that the document cites, in order."""
        return sorted({number for section in self.sections for number in _cited(section)})


def _cited(section: Section) -> Iterator[int]:
    for block in section.blocks:
        match block:
            case Prose(entries=entries):
                yield from entries
            case Facts(facts=facts):
                for fact in facts:
                    yield from fact.value.entries
            case Table(rows=rows):
                for row in rows:
                    for cell in row:
                        yield from cell.entries
            case Figure():
                pass
