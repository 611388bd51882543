"""The text of statements: without what it may say of people, one by one, and what kind each is."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["ALTERS", "CHANGES", "DROPS", "MAKES", "READS", "cleaned", "folded", "names_in", "statements"]

_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"|(?P<text>[eE]'(?:[^'\\]|''|\\.)*'|[bBnNxX]?'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"
    r"|(?P<quoted>\"(?:[^\"]|\"\")*\"|`[^`]*`)"
    r"|(?P<number>(?<![\w.$:@?])\d[\d.]*(?:[eE][+-]?\d+)?)"
    r"|(?P<end>;)",
    re.DOTALL,
)
_LONGEST_NUMBER = 3  # digits; more may be somebody's number
_IDENTIFIER = re.compile(r"[\w $#.-]*", re.UNICODE)
_NAME = r"((?:[\w$]+|\"[^\"]+\"|`[^`]+`)(?:\.(?:[\w$]+|\"[^\"]+\"|`[^`]+`))*)"
_FLAGS = re.IGNORECASE | re.DOTALL

MAKES = re.compile(
    r"\s*create\s+(?:or\s+replace\s+)?(?:(?:global|local)\s+)?(?:temp(?:orary)?\s+)?(?:unlogged\s+)?(?:virtual\s+)?"
    rf"(?:materialized\s+)?(?:table|view)\s+(?:if\s+not\s+exists\s+)?{_NAME}(.*)",
    _FLAGS,
)
CHANGES = re.compile(
    r"\s*(?:with\b.*?\)\s*)?(?:insert\s+(?:or\s+\w+\s+)?into|insert\s+ignore\s+into|replace\s+into|update(?:\s+or\s+\w+)?(?:\s+only)?"
    rf"|delete\s+from(?:\s+only)?|merge\s+into|copy)\s+{_NAME}",
    _FLAGS,
)
ALTERS = re.compile(rf"\s*alter\s+(?:table|view)\s+(?:if\s+exists\s+)?(?:only\s+)?{_NAME}\s+(.*)", _FLAGS)
DROPS = re.compile(rf"\s*drop\s+(?:materialized\s+)?(?:table|view)\s+(?:if\s+exists\s+)?{_NAME}", _FLAGS)
READS = re.compile(r"[\s(]*(?:with|select|values|table)\b", re.IGNORECASE)
_WORDS = re.compile(_NAME)


def statements(text: str) -> Iterator[str]:
    """Give the statements of a text one by one, each as `cleaned`."""
    begun = 0
    for found in _TOKEN.finditer(text):
        if found.lastgroup == "end":
            yield from _unless_empty(text[begun : found.start()])
            begun = found.end()
    yield from _unless_empty(text[begun:])


def _unless_empty(text: str) -> Iterator[str]:
    found = cleaned(text)
    if found:
        yield found


def cleaned(text: str) -> str:
    """Give a statement with the same lineage that holds no value: no texts, no long numbers, no comments."""
    return _TOKEN.sub(_without_value, text).strip().rstrip(";").rstrip()


def _without_value(found: re.Match[str]) -> str:
    token, kind = found.group(), found.lastgroup
    if kind == "comment":
        return " "
    if kind in ("text", "tag"):
        return "'x'"
    if kind == "quoted" and _IDENTIFIER.fullmatch(token[1:-1]) is None:
        return "'x'"  # SQLite takes it for a text where no column has this name
    digits = sum(each.isdigit() for each in token)
    return "0" if kind == "number" and digits > _LONGEST_NUMBER else token


def folded(name: str) -> str:
    """Give a name as tables are known by it."""
    return name.replace('"', "").replace("`", "").lower()


def names_in(text: str) -> set[str]:
    """Give all that may be the name of a table in a cleaned statement: `t`, `schema.t`, both parts of it."""
    found: set[str] = set()
    for match in _WORDS.finditer(text):
        name = folded(match.group(1))
        found.add(name)
        if "." in name:
            found.update((name.rpartition(".")[0], *name.split(".")))
    return found
