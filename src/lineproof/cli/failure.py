"""What becomes of an error: a code, a message, something to do, and an exit code.

0 ok, 1 error, 2 usage, 3 findings, 4 not authorised, 5 verification failed, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from lineproof.errors import CommandError, LineproofError

__all__ = ["Commands", "Wish", "tell"]

INTERRUPTED = 130


class Wish:
    """How the command that runs was asked to answer; its `--json` says so here."""

    json = False


class Commands(TyperGroup):
    """The group of all commands; turns exceptions into messages and exit codes."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command that the arguments name, and exit."""
        given = kwargs.get("args", args[0] if args else None)
        words = list(sys.argv[1:] if given is None else given)
        ours = words[: words.index("--")] if "--" in words else words
        Wish.json = False
        kwargs["standalone_mode"] = False
        _survive_odd_characters()
        try:
            code = super().main(*args, **kwargs)
        except Exception as error:
            if "--debug" in ours[:1] and not isinstance(error, LineproofError):
                raise
            code = _report(error, ours)
        except KeyboardInterrupt:
            code = INTERRUPTED
        sys.exit(code if isinstance(code, int) else 0)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command of the first word, or of the first two where these are one: `drift stream`."""
        both = " ".join(args[:2])
        if len(args) > 1 and both in self.commands:
            return both, self.commands[both], args[2:]
        return super().resolve_command(ctx, args)


def tell(error: LineproofError, *, as_json: bool = False) -> None:
    """Write an error to stderr, as text or as the JSON of the contracts."""
    if as_json:
        body = {"code": error.code, "message": error.message, "remedy": error.remedy}
        typer.echo(json.dumps({"error": body}), err=True)
        return
    lines = [f"{error.code}  {error.message}"]
    if error.__cause__ is not None:
        lines.append(f"  why:    {error.__cause__}")
    lines.append(f"  do:     {error.remedy}")
    typer.echo("\n".join(lines), err=True)


def _report(error: Exception, words: list[str]) -> int:
    if isinstance(error, LineproofError):
        tell(error, as_json=Wish.json)
        return error.exit_code
    if isinstance(error, typer.Abort):
        return INTERRUPTED
    if hasattr(error, "format_message"):  # the parser's own: an unknown option, a missing argument
        if "--json" in words:  # the command line could not be read, so nobody has noted the wish yet
            tell(CommandError(error.format_message()), as_json=True)
        else:
            error.show()  # type: ignore[attr-defined]  # typer does not export the class
        return int(getattr(error, "exit_code", CommandError.exit_code))
    tell(LineproofError(f"{type(error).__name__}: {error}"), as_json=Wish.json)
    return LineproofError.exit_code


def _survive_odd_characters() -> None:
    """Let a name that the terminal's encoding lacks be written escaped instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # not on every stream
