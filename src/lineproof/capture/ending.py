"""How a recorded process ends: its exception, its last line."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from lineproof.capture.instrument import strip_traceback
from lineproof.capture.leaving import Leaving, keep_status

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["watch_the_end"]


def watch_the_end(session: Session, *, afterwards: Callable[[bool], None] | None = None) -> None:
    """Write the last line of the spool when the interpreter ends, however it does while it can.

    `os._exit` and signals that kill leave the spool without its last line, which says what happened.

    Args:
        session: The recording.
        afterwards: Called when the last line is written, in this process and not in forks of it, with
            whether the spool is closed. It stays open where only the end of the process shows its status.
    """
    ending = _Ending(session, afterwards)
    ending.previous_hook = sys.excepthook
    sys.excepthook = ending.excepthook
    ending.previous_thread_hook = threading.excepthook
    threading.excepthook = ending.thread_excepthook
    atexit.register(ending.finish)  # the first to be registered is the last to be called
    os.register_at_fork(after_in_child=ending.forked)


class _Ending:
    def __init__(self, session: Session, afterwards: Callable[[bool], None] | None) -> None:
        self.session = session
        self.leaving = None if afterwards is None else Leaving()
        self.afterwards = afterwards
        self.failure: Any = None
        self.pid = os.getpid()
        self.previous_hook: Callable[..., Any] = sys.__excepthook__
        self.previous_thread_hook: Callable[..., Any] = threading.__excepthook__

    def excepthook(
        self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        """Note an exception that ends the program, and show it without our frames."""
        try:
            self.failure = self.session.error_message(error)
            _strip(error)
            traceback = strip_traceback(traceback)
        except Exception as fault:
            self.session.fault("excepthook", fault)
        self.previous_hook(kind, error, traceback)

    def thread_excepthook(self, arguments: Any) -> None:
        """Show an exception that ends a thread without our frames; it does not end the program."""
        try:
            if arguments.exc_value is not None:
                _strip(arguments.exc_value)
                arguments = threading.ExceptHookArgs(
                    (
                        arguments.exc_type,
                        arguments.exc_value,
                        strip_traceback(arguments.exc_traceback),
                        arguments.thread,
                    )
                )
        except Exception as fault:
            self.session.fault("threading.excepthook", fault)
        self.previous_thread_hook(arguments)

    def finish(self) -> None:
        """Write the last line."""
        facets: dict[str, Any] = {}
        try:
            self._add_facts(facets)
        except Exception as fault:  # some facts could not be had: say how it ended all the same
            self.session.fault("finish", fault)
        state = "COMPLETE" if self.failure is None else "FAIL"
        if self._leaves_by_exit():
            state = "EXIT"
        self.session.end(state, facets, keep_open=state == "EXIT")
        # What stays wrapped would keep our modules alive, and what they know of others, while those are
        # torn down: DuckDB, for one, writes to stderr what it finds left over.
        self.session.instrument.unwrap_all()
        if self.afterwards is not None and os.getpid() == self.pid:
            self.afterwards(state != "EXIT")
        if getattr(sys, "last_type", None) is KeyboardInterrupt:
            _remember_interruption()

    def _leaves_by_exit(self) -> bool:
        """Whether the program ends by `SystemExit`, and nobody else will know with which code."""
        leaving, self.leaving = self.leaving or self.session.leaving, None
        try:
            if leaving is None or self.failure is not None or os.getpid() != self.pid:
                return False
            path = self.session.status_path()
            if path is None or not leaving.unwound():
                return False
            if not keep_status(path):
                self.session.gap("the program ended by SystemExit; its code could not be kept")
        except Exception as fault:
            self.session.fault("finish.exit", fault)
            return False
        return True

    def _add_facts(self, facets: dict[str, Any]) -> None:
        self.failure = self.failure or self._unseen_failure()
        if self.failure is not None:
            facets["errorMessage"] = self.failure
        if not self.session.worker:
            from lineproof.capture.environment import from_inside

            facets["lineproof_environment"] = from_inside(self.session.seeds_at_start)
            from lineproof.capture.modules import own_modules

            modules = own_modules(self.session.process.run.root)
            if modules is not None:
                facets["lineproof_code"] = modules

    def _unseen_failure(self) -> Any:
        """What the interpreter keeps of an exception that a hook of the program's own showed."""
        if sys.excepthook == self.excepthook or hasattr(sys, "ps1"):
            return None
        error = getattr(sys, "last_value", None)
        return self.session.error_message(error) if isinstance(error, BaseException) else None

    def forked(self) -> None:
        """A process made by `multiprocessing` ends without `atexit`: have it write its last line too."""
        util = sys.modules.get("multiprocessing.util")
        if util is not None and self.session.listening:
            util.register_after_fork(
                self, lambda ending: util.Finalize(None, ending.finish, exitpriority=-1000)
            )


def _remember_interruption() -> None:
    """Have the interpreter end by SIGINT, as it would have.

    It remembers an interruption that nobody caught until text is next evaluated as code, and importing
    what the last line needs does that (`namedtuple`): the exit code would be 1.
    """
    with contextlib.suppress(KeyboardInterrupt):
        exec("raise KeyboardInterrupt", {})  # noqa: S102 — a constant; only evaluated text is remembered


def _strip(error: BaseException) -> None:
    """Take our frames out of an exception and of those it came from."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = strip_traceback(each.__traceback__)
        waiting += [one for one in (each.__cause__, each.__context__) if one is not None]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
