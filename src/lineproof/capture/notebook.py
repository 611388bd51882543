"""Notebooks: each cell with its place in the order of execution and its source, when it is run.

`%load_ext lineproof` begins to record; below `lineproof run` nothing needs to be said. Cells are part of
the facet `lineproof_code` of the run, where they add up.
"""

from __future__ import annotations

import hashlib
import os
import weakref
from typing import Any

from lineproof.capture.instrument import quiet
from lineproof.capture.place import name_cells
from lineproof.capture.redaction import scrubbed
from lineproof.capture.session import Session, active
from lineproof.model.facets import schema_urn
from lineproof.model.openlineage import PRODUCER

__all__ = ["follow_cells", "load_ipython_extension", "notebook_name"]

_LONGEST_SOURCE = 1 << 20  # characters of a cell beyond which its digest alone is kept
_followed: weakref.WeakSet[Any] = weakref.WeakSet()


def load_ipython_extension(shell: Any) -> None:
    """Begin to record a notebook or an IPython session: `%load_ext lineproof`."""
    from lineproof.capture.alone import record_this_process

    session = record_this_process(notebook_name(shell))
    if session is not None:
        follow_cells(shell, session)


def notebook_name(shell: Any) -> str:
    """Give what the notebook is called, as far as anybody told the kernel."""
    told = os.environ.get("JPY_SESSION_NAME") or shell.user_ns.get("__vsc_ipynb_file__")
    if told:
        return os.path.basename(str(told))
    return "notebook" if hasattr(shell, "kernel") else "ipython"


def follow_cells(shell: Any, session: Session) -> None:
    """Record every cell of a shell from now on, the one that is being run included."""
    if shell in _followed:
        return
    _followed.add(shell)
    cells = _Cells(session, shell)
    name_cells(lambda filename: _cell_of(shell, filename))
    shell.events.register("pre_run_cell", cells.before)
    shell.events.register("post_run_cell", cells.after)
    begun = cells.history()
    if begun[-1]:
        cells.note(len(begun) - 1, begun[-1])


def _cell_of(shell: Any, filename: str) -> str | None:
    named = shell.compile.format_code_name(filename)
    return None if named is None else str(named[1])


class _Cells:
    """Hears of cells. Whatever fails here is a fault on the record: the notebook shows nothing of it."""

    def __init__(self, session: Session, shell: Any) -> None:
        self._session = session
        self._shell = shell

    def history(self) -> list[str]:
        """Give the cells run so far, from number 1; the shell's own counter is ahead or behind, by version."""
        manager = self._shell.history_manager
        return [""] if manager is None else list(manager.input_hist_raw) or [""]

    def before(self, info: Any) -> None:
        """Record a cell that is about to run."""
        try:
            self.note(len(self.history()), info.raw_cell)
        except Exception as error:
            self._session.fault("notebook.pre_run_cell", error)

    def after(self, result: Any) -> None:
        """Record that a cell failed."""
        try:
            error = result.error_before_exec or result.error_in_exec
            if isinstance(error, BaseException):
                message = self._session.error_message(error).message
                self._emit({"execution_count": result.execution_count, "error": message})
        except Exception as error:
            self._session.fault("notebook.post_run_cell", error)

    def note(self, count: int, source: str) -> None:
        """Record number and source of a cell; what looks like a secret is taken out of it."""
        digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
        cell: dict[str, Any] = {"execution_count": count, "digest": f"sha256:{digest}"}
        if len(source) <= _LONGEST_SOURCE:
            cell["source"], secrets = scrubbed(source)
            if secrets:
                cell["secrets_taken_out"] = secrets
        self._emit(cell)

    def _emit(self, cell: dict[str, Any]) -> None:
        if active() is not self._session:
            return
        facet = {"_producer": PRODUCER, "_schemaURL": schema_urn("lineproof_code"), "cells": [cell]}
        with quiet():
            self._session.emit("RUNNING", run_facets={"lineproof_code": facet})
