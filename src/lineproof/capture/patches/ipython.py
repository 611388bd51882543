"""IPython: shells whose cells are followed."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from lineproof.capture.notebook import follow_cells

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["IpythonPatch"]


class IpythonPatch:
    """Follows the shell there is, and shells that are made later."""

    library = "IPython.core.interactiveshell"

    def install(self, module: ModuleType, session: Session) -> None:
        """Hear of shells."""
        if session.worker:
            return
        shells = module.InteractiveShell
        if shells.initialized():
            follow_cells(shells.instance(), session)

        def made(call: Call) -> None:
            follow_cells(call.args[0], session)

        session.instrument.wrap(shells, "__init__", name="IPython.InteractiveShell", after=made)
