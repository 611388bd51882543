"""Hearing of objects that a program saves and loads.

`pickle` is imported by nearly every program, and most of what is pickled is none of our business: what
follows from a call that is lies in `saving.py`, which is imported by the first such call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineproof.capture.kinds import is_model_class

if TYPE_CHECKING:
    from types import ModuleType

    from lineproof.capture.instrument import Call
    from lineproof.capture.patches.saving import Saved
    from lineproof.capture.session import Session

__all__ = ["PersistencePatch"]

_MOST = 100  # parts of a container that are looked at


class PersistencePatch:
    """Observes `dump` and `load` of one library.

    Args:
        library: One of `LIBRARIES`.
    """

    LIBRARIES = ("joblib", "pickle", "cloudpickle", "skops.io")

    def __init__(self, library: str) -> None:
        self.library = library
        self._session: Session
        self._saved: Saved | None = None

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the two functions."""
        self._session = session
        wrap, library = session.instrument.wrap, self.library
        wrap(module, "dump", name=f"{library}.dump", before=self._settled, after=self._dumped, on_error=True)
        wrap(module, "load", name=f"{library}.load", before=self._settled, after=self._loaded)

    def _settled(self, _: Call) -> None:
        if self._saved is not None:
            self._saved.settle(only_closed=True)

    def _dumped(self, call: Call) -> None:
        value = call.args[0] if call.args else call.kwargs.get("value", call.kwargs.get("obj"))
        if _concerns_us(value):
            self._following().dumped(call, value)

    def _loaded(self, call: Call) -> None:
        if _concerns_us(call.result):
            self._following().loaded(call)

    def _following(self) -> Saved:
        if self._saved is None:
            from lineproof.capture.patches.saving import Saved

            self._saved = Saved(self._session, self.library)
            self._session.at_end(self._saved.settle)
        return self._saved


def _concerns_us(value: Any) -> bool:
    """Whether something is an estimator or a frame, or holds one."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return any(_is_known(part) for part in value[:_MOST])
    return _is_known(value)


def _is_known(value: Any) -> bool:
    kind = type(value)
    return hasattr(kind, "iloc") or is_model_class(kind)
