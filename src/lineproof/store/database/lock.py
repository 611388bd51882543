"""Being the only one who writes into a ledger's folder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lineproof.errors import LedgerFullError, LedgerInUseError
from lineproof.store.database.interface import LOCK_TIMEOUT_S

__all__ = ["exclusive", "intake_turn"]

_LOCK = "sequencer.lock"
_QUEUE = "sequencer.queue"
_INTAKE = "intake.lock"
_LONGEST_PAUSE_S = 0.01


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Be the only writer of the ledger in this folder. The locks fall with their process.

    Raises:
        LedgerInUseError: Another process kept it for too long.
        LedgerFullError: The folder may not be written to.
    """
    # Who waits for the lock holds the queue meanwhile, so that the process that has just let go of
    # the lock cannot take it again before whoever waits: nobody starves.
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    with ExitStack() as held:
        with _locked(folder / _QUEUE, deadline):
            held.enter_context(_locked(folder / _LOCK, deadline))
        yield


@contextmanager
def intake_turn(folder: Path, *, held: bool = False) -> Iterator[None]:
    """Be the only one who takes in the spool of this ledger, or reads it as a whole.

    Args:
        folder: The folder of the ledger.
        held: The caller has its turn already; do nothing.

    Raises:
        LedgerInUseError: Another process kept it for too long: it takes in very much, or was stopped.
        LedgerFullError: The folder may not be written to.
    """
    if held:
        yield
        return
    with _locked(folder / _INTAKE, time.monotonic() + LOCK_TIMEOUT_S):
        yield


@contextmanager
def _locked(path: Path, deadline: float) -> Iterator[None]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LedgerFullError(f"cannot write to {path.parent}: {error.strerror}") from error
    try:
        pause_s = 0.0005
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise LedgerInUseError(f"other processes kept {path.parent} for {LOCK_TIMEOUT_S:.0f} s")
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
