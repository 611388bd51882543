"""Hearing of a library right after the program imported it. Nothing is imported for the program."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

__all__ = ["ImportHook"]

Imported = Callable[[str, ModuleType], None]


class _Searching(threading.local):
    now = False


class ImportHook:
    """Calls back once for each library of interest, when its import is complete.

    The library's own loader does the loading and stays its loader; only its `exec_module` is stood in
    for, once. A module imported already is reported when the hook is installed.

    Args:
        libraries: Import names, top-level or dotted.
        imported: Called with name and module; must not raise.
    """

    def __init__(self, libraries: Iterable[str], imported: Imported) -> None:
        self._waiting = set(libraries)
        self._imported = imported
        self._searching = _Searching()

    def install(self) -> None:
        """Go before all other finders, and report what is imported already."""
        if self in sys.meta_path:
            return
        sys.meta_path.insert(0, self)
        for name in sorted(self._waiting):
            module = sys.modules.get(name)
            if module is not None and not _is_loading(module):
                self._report(name, module)

    def remove(self) -> None:
        """Hear of no further import."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module as if this finder were not there, and listen for the end of its import."""
        if fullname not in self._waiting or self._searching.now:
            return None
        self._searching.now = True
        try:
            spec = self._found(fullname, path, target)
        finally:
            self._searching.now = False
        if spec is not None and spec.loader is not None:
            self._listen(fullname, spec.loader)
        return spec

    def _found(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        for finder in list(sys.meta_path):
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                return spec
        return None

    def _listen(self, fullname: str, loader: Any) -> None:
        original = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            original(module)
            if module.__name__ == fullname:
                vars(loader).pop("exec_module", None)
                self._report(fullname, sys.modules.get(fullname, module))

        try:
            loader.exec_module = exec_module
        except (AttributeError, TypeError):  # a loader that is a class of the interpreter
            return

    def _report(self, name: str, module: ModuleType) -> None:
        if name in self._waiting:
            self._waiting.discard(name)
            self._imported(name, module)


def _is_loading(module: ModuleType) -> bool:
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))
