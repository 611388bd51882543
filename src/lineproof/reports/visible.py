"""What a reader of a report sees: names made harmless, and the visible text that is hashed.

The visible text of a section is all text inside its element in document order, that of `script` and `style`
elements left out; where an element begins or ends stands a space; runs of space, tab, line feed, form feed
and carriage return become one space; none is left at either end. Its hash is the SHA-256 of its UTF-8.
The same rule is written in JavaScript in `page/report.js`.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from lineproof.reports.canonical import sha256

__all__ = ["section_hashes", "shown"]

_SPACES = re.compile(r"[ \t\n\f\r]+")
_UNSEEN = frozenset({"script", "style"})


def shown(text: object) -> str:
    """Give text whose characters can all be seen.

    Control characters, line breaks and those that turn the direction of writing are written as escapes, so
    that a recorded name cannot pass for another one or move what stands beside it.
    """
    plain = str(text)
    if plain.isprintable():
        return plain
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in plain)


def section_hashes(html: str) -> dict[str, str]:
    """Give the hash of the visible text of each `<section id=…>` within `<main>`, in order.

    What stands in `<main>` outside the sections is found under the empty name, when it is any text.
    """
    reader = _Sections()
    reader.feed(html)
    reader.close()
    found = {name: _SPACES.sub(" ", "".join(pieces)).strip(" ") for name, pieces in reader.texts.items()}
    return {name: sha256(text.encode()) for name, text in found.items() if name or text}


class _Sections(HTMLParser):
    """Collects the text of each section; sections do not lie in one another."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, list[str]] = {}
        self._main = 0
        self._section: str = ""
        self._inner = 0  # sections open within the one that counts
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "main":
            self._main += 1
        elif tag == "section" and self._main:
            self._inner += 1
            if self._inner == 1:
                self._section = dict(attrs).get("id") or ""
        self._add(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag, attrs  # nothing is within it
        self._add(" ")

    def handle_endtag(self, tag: str) -> None:
        self._add(" ")
        if tag in _UNSEEN:
            self._unseen -= 1
        elif tag == "main":
            self._main -= 1
        elif tag == "section" and self._main:
            self._inner -= 1
            if self._inner == 0:
                self._section = ""

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._add(data)

    def _add(self, piece: str) -> None:
        if self._main:
            self.texts.setdefault(self._section, []).append(piece)
