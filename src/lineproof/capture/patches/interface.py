"""What a patch of one library is.

To add a library: one module here with a class that fits `Patch`, one line in the table of
`capture/patches/__init__.py`, and cases for the conformance suite.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["Patch"]


class Patch(Protocol):
    """How one library is observed.

    Attributes:
        library: Import name of the module whose import triggers `install`.
    """

    library: str

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the library's functions. Called once, right after the program imported it."""
