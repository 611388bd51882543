"""Parameters of statements: what a program hands over beside the text, under names that any dialect reads."""

from __future__ import annotations

import re

__all__ = ["PARAMETERS", "named"]

PARAMETERS = "?"  # the table that says where parameters come from; one column for each, by name or `_0`, `_1`
_QUOTED = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`"
_PERCENT = re.compile(rf"{_QUOTED}|%\((?P<name>[^)]*)\)[sbt]|%(?P<next>[sbt])|(?P<percent>%%)")
_MARKS = re.compile(rf"{_QUOTED}|\?(?P<number>\d*)|(?<![:\w])[:@$](?P<name>[A-Za-z_]\w*)")


def named(text: str, dialect: str) -> str:
    """Give a statement with each parameter written as `:name`; the first without a name is `:_0`."""
    count = 0

    def name(found: re.Match[str]) -> str:
        nonlocal count
        parts = found.groupdict()
        if parts.get("percent"):
            return "%"
        if parts.get("name"):
            return f":{re.sub(r'[^A-Za-z0-9_]', '_', parts['name'])}"
        if parts.get("number"):
            return f":_{int(parts['number']) - 1}"
        if parts.get("next") is None and parts.get("number") is None:
            return found.group()  # text in quotes
        count += 1
        return f":_{count - 1}"

    if dialect in ("postgres", "mysql"):
        return _PERCENT.sub(name, text)
    return _MARKS.sub(name, text) if dialect == "sqlite" else text
