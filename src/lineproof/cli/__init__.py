"""The command line: one module per noun. Bodies import lazily, so that `--help` is quick."""

from __future__ import annotations

import atexit
import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line with the process's arguments, and exit."""
    from lineproof.cli.digesting import plainly

    code = plainly(sys.argv[1:])
    if code is not None:
        sys.exit(code)
    from lineproof.cli.app import app
    from lineproof.data.arrow import Process

    Process.ours = True
    ending = _Ending()
    try:
        app(prog_name="lineproof")
    except SystemExit as done:
        ending.code = done.code if isinstance(done.code, int) else int(done.code is not None)
        raise


class _Ending:
    """The end of a process of ours that has loaded pyarrow: without taking the interpreter apart.

    pyarrow reads CSV ahead in a thread. One that wakes up while the interpreter is taken apart aborts the
    process, and the exit code is lost; that is likeliest right after an error.
    """

    def __init__(self) -> None:
        """Be called last: what is registered later is called before."""
        self.code: int | None = None
        atexit.register(self._end)

    def _end(self) -> None:
        if self.code is None or "pyarrow" not in sys.modules:
            return
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):  # nobody reads any more
                self.code = self.code or 1
        os._exit(self.code)
