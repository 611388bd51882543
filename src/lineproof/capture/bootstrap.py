"""Beginning to record: below `lineproof run`, or by `autolog()` from inside."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import ModuleType

from lineproof.capture import patches
from lineproof.capture.audit import hear_audit_events
from lineproof.capture.ending import watch_the_end
from lineproof.capture.folder import disabled
from lineproof.capture.hook import ImportHook
from lineproof.capture.recorded import LAUNCH, RecordedRun
from lineproof.capture.session import Session, activate, active

__all__ = ["observe", "start_launched"]

# How a worker process that a library makes for itself is started.
_WORKER_CODE = ("from multiprocessing.", "from joblib.externals.loky")
_WORKER_MODULES = ("joblib.externals.loky", "loky.backend", "multiprocessing")


def start_launched() -> None:
    """Record this process, if it runs below `lineproof run`.

    The program itself is the process whose end ends the run. Python programs that it starts belong to
    the run too; workers that a library starts for itself are part of the call that started them.

    Raises:
        OSError: No spool can be written.
    """
    told = os.environ.get(LAUNCH)
    if told is None or disabled() or active() is not None or _is_no_program():
        return
    run = RecordedRun.of_json(told)
    owner, worker = os.getppid() == run.launcher, _is_worker()
    program = None if owner or worker else _program_name(run)
    observe(Session(run.process(owner=owner), worker=worker, program=program))


def observe(session: Session, *, afterwards: Callable[[bool], None] | None = None) -> None:
    """Hear of files, libraries and the end of the process from now on.

    Args:
        session: The recording.
        afterwards: Called when the recording has ended, with whether its spool is closed.
    """
    activate(session)
    hear_audit_events()

    def imported(library: str, module: ModuleType) -> None:
        patches.install(library, module, session)

    ImportHook(patches.PATCHES, imported).install()
    watch_the_end(session, afterwards=afterwards)


def _is_no_program() -> bool:
    """Whether this process is a command of lineproof itself, or keeps house for `multiprocessing`."""
    words = sys.orig_argv[1:3]
    return any(".resource_tracker import main" in word for word in sys.orig_argv) or any(
        os.path.basename(word) == "lineproof" or word.startswith("lineproof.") for word in words
    )


def _program_name(run: RecordedRun) -> str:
    from lineproof.capture.code import entry_of

    return entry_of(sys.orig_argv, run.root).point


def _is_worker() -> bool:
    return any(word.startswith((*_WORKER_CODE, *_WORKER_MODULES)) for word in sys.orig_argv[1:])
