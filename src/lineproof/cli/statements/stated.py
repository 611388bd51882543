"""What the commands that state something have in common."""

from __future__ import annotations

from typing import Any

import typer

__all__ = ["choice", "every", "told"]


def told(entry: int, said: str, *, json: bool) -> None:
    """Tell which entry holds what was stated."""
    from lineproof.cli.text import literal, write_json

    if json:
        write_json({"entry": entry, "stated": said})
    else:
        typer.echo(f"entry:{entry}  {literal(said)}")


def choice(value: str | None, kind: Any, option: str) -> Any:
    """Give a value that must be one of a `Literal`'s, or None.

    Raises:
        CommandError: It is none of them.
    """
    from typing import get_args

    from lineproof.errors import CommandError

    allowed = get_args(kind)
    if value is None or value in allowed:
        return value
    raise CommandError(f"{option} {value!r} is not known", f"one of {', '.join(allowed)}")


def every(values: list[str] | None) -> tuple[str, ...] | None:
    """Give what an option that may be repeated was given, None when it was not."""
    return tuple(values) if values else None
