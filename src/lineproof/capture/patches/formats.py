"""Safetensors: files that its native code writes and reads, which the interpreter never hears of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineproof.capture.patches.sklearn.calls import argument

if TYPE_CHECKING:
    from types import ModuleType

    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["SafetensorsPatch"]


class SafetensorsPatch:
    """Observes the functions that save and load a file.

    Args:
        library: One of `LIBRARIES`.
    """

    LIBRARIES = ("safetensors.numpy", "safetensors.torch")

    def __init__(self, library: str) -> None:
        self.library = library
        self._session: Session

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the two functions."""
        self._session = session
        wrap = session.instrument.wrap
        for name, after in (
            ("save_file", self._saved),
            ("save_model", self._saved),
            ("load_file", self._loaded),
        ):
            wrap(module, name, name=f"{self.library}.{name}", after=after)

    def _saved(self, call: Call) -> None:
        self._session.files.noticed(argument(call, 0, ("filename",)), writes=True)

    def _loaded(self, call: Call) -> None:
        self._session.files.noticed(argument(call, -1, ("filename",)), writes=False)
