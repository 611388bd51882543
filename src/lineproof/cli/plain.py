"""Sections of lines, and values of any shape on part of a line."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from lineproof.cli.text import short

__all__ = ["INDENT", "section", "worded"]

INDENT = "  "
_SHOWN = 200  # characters of a value


def section(title: str, lines: Iterable[str]) -> list[Text]:
    """Give a heading and lines below it; nothing where there are no lines."""
    found = [Text(f"{INDENT}{short(line)}") for line in lines]
    return [Text(title, style="bold cyan"), *found] if found else []


def worded(one: object) -> str:
    """Give a value on part of a line; --json gives the whole of it."""
    text = _plain(one)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _plain(one: object) -> str:
    """Give `name=value` pairs for a mapping; an object of a class is written as it is made in code."""
    if isinstance(one, float):
        return f"{one:.6g}"
    if isinstance(one, dict):
        if "class" in one:
            return f"{str(one['class']).rpartition('.')[2]}({_plain(one.get('settings') or {})})"
        return ", ".join(f"{name}={_within(each)}" for name, each in one.items())
    if isinstance(one, list):
        return f"[{', '.join(map(_within, one))}]"
    return str(one)


def _within(one: object) -> str:
    return f"({_plain(one)})" if isinstance(one, dict) and "class" not in one else _plain(one)
