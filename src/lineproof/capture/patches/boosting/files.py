"""Models in a library's own file format."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lineproof.capture.fitted import fitted, in_file, keep_fitted, keep_in_file
from lineproof.capture.patches.sklearn.calls import argument
from lineproof.capture.saved import as_input, keep_version, unknown_model

if TYPE_CHECKING:
    from lineproof.capture.files import FileVersion
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["ModelFiles"]


class ModelFiles:
    """Hooks of `save_model` and `load_model`.

    Args:
        session: The recording.
        library: Its name, which is also how the files are written.
    """

    def __init__(self, session: Session, library: str) -> None:
        self._session = session
        self._library = library

    def install(self, kinds: Iterable[type | None]) -> None:
        """Wrap the methods of the classes that have them, and construction from a file."""
        wrap = self._session.instrument.wrap
        for kind in kinds:
            if kind is None:
                continue
            name = f"{self._library}.{kind.__name__}"
            saving, saved = self._saving, self._saved
            wrap(kind, "save_model", name=f"{name}.save_model", before=saving, after=saved, on_error=True)
            if "load_model" in vars(kind):
                wrap(kind, "load_model", name=f"{name}.load_model", after=self._loaded)
            if kind.__name__ == "Booster":
                wrap(kind, "__init__", name=name, after=self._constructed)

    def _saving(self, call: Call) -> None:
        self._session.files.writing(argument(call, 0, ("fname", "filename")))

    def _saved(self, call: Call) -> None:
        model, path = call.args[0], argument(call, 0, ("fname", "filename"))
        version = self._session.files.written(path)
        if version is None or call.error is not None:
            return
        known = fitted(model) or unknown_model(model)
        kept = keep_version(self._session, known, _stem(version), version, format=self._library)
        keep_fitted(model, kept)
        keep_in_file(version.digest, (kept,))

    def _loaded(self, call: Call) -> None:
        self._from_file(call.args[0], argument(call, 0, ("fname",)))

    def _constructed(self, call: Call) -> None:
        path = call.kwargs.get("model_file", call.args[3] if len(call.args) > _MODEL_FILE else None)
        if isinstance(path, (str, os.PathLike)):
            self._from_file(call.args[0], path)

    def _from_file(self, model: Any, path: Any) -> None:
        version = self._session.files.read(path) if isinstance(path, (str, os.PathLike)) else None
        if version is None:
            return
        known = in_file(version.digest)
        found = known[0] if len(known) == 1 else _of_file(model, version, self._library)
        keep_fitted(model, found)
        self._session.emit("RUNNING", inputs=[as_input(found, version)])


_MODEL_FILE = 3


def _of_file(model: Any, version: FileVersion, library: str) -> Any:
    known = unknown_model(model)
    return msgspec.structs.replace(
        known,
        estimator=f"{library}.{type(model).__name__}",
        namespace="model",
        name=_stem(version),
        version=version.digest,
        path=version.name,
    )


def _stem(version: FileVersion) -> str:
    return Path(version.name).stem
