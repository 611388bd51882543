"""A program that records itself: `autolog()`, without `lineproof run`."""

from __future__ import annotations

import os
import sys
import time
import warnings

from lineproof.capture.beginning import process_facet
from lineproof.capture.bootstrap import observe
from lineproof.capture.code import entry_of
from lineproof.capture.folder import disabled, find_folder
from lineproof.capture.recorded import LAUNCH, RecordedRun
from lineproof.capture.session import Session, active

__all__ = ["record_this_process"]

_PATIENCE_S = 2.0  # the longest that taking in may hold up the end of the program
_PAUSE_S = 0.01


def record_this_process(name: str | None = None) -> Session | None:
    """Record this process from now on; the recording goes on as it is when there is one.

    Args:
        name: Name of its job; by default what the command line says.

    Returns:
        The recording, or None when there is nowhere to record to; a warning has said so.
    """
    session = active()
    if session is not None or disabled():
        return session
    folder = find_folder()
    if folder is None:
        _warn("there is no .lineproof folder here or above (`lineproof init` makes one)")
        return None
    command = list(sys.orig_argv)
    entry = entry_of(command, os.path.dirname(folder)) if command else None
    run = RecordedRun(folder=folder, name=name or ("interactive" if entry is None else entry.point))
    try:
        session = Session(run.process(owner=True))
    except OSError as error:
        _warn(f"{folder} cannot be written to ({error.strerror})")
        return None
    session.emit(
        "START", run_facets={"lineproof_process": process_facet(session.process, command)}, sync=True
    )
    _survey(session, command)
    observe(session, afterwards=lambda closed: _take_in(folder, wait=closed))
    return session


def _warn(reason: str) -> None:
    warnings.warn(f"lineproof does not record this program: {reason}", stacklevel=4)


def _survey(session: Session, command: list[str]) -> None:
    """Have another process find out about git and the machine, that is no child of this one."""
    words = [sys.executable, "-P", "-m", "lineproof.capture.survey", session.process.run.as_json(), *command]
    # The shell leaves the survey running and goes: the program never sees a child that it did not make.
    process = _spawn(["/bin/sh", "-c", '"$@" &', "sh", *words])
    if process is None:
        session.gap("git and the machine are not recorded: no process could be started to find out")
    else:
        os.waitpid(process, 0)


def _take_in(folder: str, *, wait: bool) -> None:
    """Have the spool taken in, once it is closed; if it takes long, without waiting for it."""
    process = _spawn([sys.executable, "-P", "-m", "lineproof.states", folder])
    deadline = time.monotonic() + _PATIENCE_S
    while wait and process is not None and time.monotonic() < deadline:
        if os.waitpid(process, os.WNOHANG)[0]:
            return
        time.sleep(_PAUSE_S)


def _spawn(words: list[str]) -> int | None:
    """Start a process that says nothing and reads nothing; None when it cannot be."""
    silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    environment = {name: value for name, value in os.environ.items() if name != LAUNCH}
    try:
        return os.posix_spawn(words[0], words, environment, file_actions=silent)
    except (OSError, ValueError):
        return None
