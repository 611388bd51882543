"""Hearing of what Python code does with files, by the interpreter's audit events.

An audit hook cannot be taken away again, so there is one for the life of the process, and it asks each
time whether anybody listens.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from lineproof.capture.digests import own_business
from lineproof.capture.session import Session, listening

__all__ = ["hear_audit_events"]

_EVENTS = frozenset(("open", "os.exec", "os.remove", "os.rename", "sqlite3.connect"))
_heard = False


def hear_audit_events() -> None:
    """Begin to listen; once per process, whatever is recorded in it."""
    global _heard  # noqa: PLW0603 — once per process
    if not _heard:
        _heard = True
        sys.addaudithook(_hook)


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event not in _EVENTS or own_business.now:
        return
    session = listening()
    if session is None:
        return
    own_business.now = True
    try:
        with session.files.counted():
            _hear(session, event, args)
    except Exception as error:
        session.fault(f"audit.{event}", error)
    finally:
        own_business.now = False


def _hear(session: Session, event: str, args: tuple[Any, ...]) -> None:
    files = session.files
    if event == "open":
        files.opened(args[0], args[2])
    elif event == "os.rename":
        files.renamed(args[0], args[1])
    elif event == "os.remove":
        files.removed(args[0])
    elif event == "sqlite3.connect":  # opened by native code, for reading and perhaps for writing
        files.opened(args[0], os.O_RDWR)
    else:  # another program takes this process over; its own recording, if it has one, goes on
        session.gap("the recording of this program ends where it replaced itself by another (exec)")
        session.end("COMPLETE", {})
