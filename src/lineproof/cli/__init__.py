"""The command line: one module per noun. Bodies import lazily, so that `--help` is quick."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line with the process's arguments, and exit."""
    from lineproof.cli.app import app
    from lineproof.data.arrow import Process

    Process.ours = True
    app(prog_name="lineproof")
