"""Text for people: literal names, short digests, a console that behaves in a pipe."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["console", "counted", "literal", "moment", "short", "table", "write_json"]

_PIPED_WIDTH = 400  # columns; nothing is folded or cut when another program reads
_DIGEST = re.compile(r"\b(sha256|frame0|content1):([0-9a-f]{12})[0-9a-f]+")
_RUN = re.compile(r"\b(run:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4})-[0-9a-f]{4}-[0-9a-f]{12}")


def console(*, stderr: bool = False) -> Console:
    """Make a console that shows markup in names literally and folds only on a terminal."""
    from rich.console import Console

    made = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not made.is_terminal:  # a pipe has no edge, whatever COLUMNS says
        made.width = _PIPED_WIDTH
    return made


def literal(text: object) -> str:
    """Give text with control characters escaped, so that a recorded name cannot steer the terminal."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in str(text))


def short(text: object) -> str:
    """Give text with digests and run ids cut to what a person compares; both stay valid references."""
    return _RUN.sub(r"\1", _DIGEST.sub(r"\1:\2", literal(text)))


def moment(time: str | None) -> str:
    """Give a time to the second."""
    return "-" if time is None else literal(time)[:19].replace("T", " ")


def counted(number: int, noun: str) -> str:
    """Give `1 input`, `2 inputs`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def table(*columns: str) -> Table:
    """Make a plain table with these headings."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def write_json(document: Any) -> None:
    """Write one JSON document on one line to stdout."""
    import msgspec
    import typer

    typer.echo(msgspec.json.encode(document))
