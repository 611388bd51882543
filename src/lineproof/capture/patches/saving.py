"""Which file holds which fitted estimator or frame: what a call of `dump` or `load` leaves in the record."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lineproof.capture.fitted import (
    FittedModel,
    fitted,
    in_file,
    is_estimator,
    keep_fitted,
    keep_in_file,
)
from lineproof.capture.patches.pickled import frames_in, loaded_frames, saved_frames
from lineproof.capture.saved import as_input, keep_version, unknown_model

if TYPE_CHECKING:
    from lineproof.capture.files import FileVersion
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["Saved"]

_MOST = 100  # models in one file beyond which the others are not told apart


_Written = tuple[str | None, FittedModel, Any]


class _Pending(msgspec.Struct, frozen=True):
    """Models and frames written into a file that the program still had open.

    Attributes:
        models: Key, what was known when it was written, and a weak reference to the estimator.
        frames: Weak references to frames written with them.
        path: Absolute path.
        file: Weak reference to the open file.
    """

    models: tuple[_Written, ...]
    frames: tuple[Any, ...]
    path: str
    file: Any


class Saved:
    """What one library's `dump` and `load` are followed by.

    Args:
        session: The recording.
        format: The library, which is also how the files are written.
    """

    def __init__(self, session: Session, format: str) -> None:  # noqa: A002 - the facet's own word
        self._session = session
        self._format = format
        self._pending: list[_Pending] = []

    def dumped(self, call: Call, value: Any) -> None:
        """Record the models in a file that was written, or remember them until it is closed."""
        models = tuple(
            (key, fitted(estimator) or unknown_model(estimator), weakref.ref(estimator))
            for key, estimator in models_in(value)
        )
        frames = list(frames_in(value))
        if not models and not frames:
            return
        if call.error is not None:
            kind = type(call.error).__qualname__
            self._session.gap(
                f"{self._session.site()}: what it was given could not be saved by {call.name}: {kind}"
            )
            return
        names = ("filename", "file")
        target = (
            call.args[1]
            if len(call.args) > 1
            else next((call.kwargs[name] for name in names if name in call.kwargs), None)
        )
        self.keep(models, frames, target)

    def keep(self, models: Sequence[_Written], frames: list[Any], target: Any) -> None:
        """Record the models and frames in a file, now or when the program closes it.

        Args:
            models: Key, what was known when it was written, and a weak reference to the model.
            frames: Tables written with them.
            target: Path, or open file.
        """
        if hasattr(target, "write"):
            self._wait(tuple(models), frames, target)
        else:
            self._record(tuple(models), frames, self._session.files.written(target))

    def _wait(self, models: tuple[_Written, ...], frames: list[Any], file: Any) -> None:
        path = getattr(file, "name", None)
        if not isinstance(path, (str, bytes, os.PathLike)):
            return  # a buffer in memory
        self._pending.append(
            _Pending(
                models,
                tuple(map(weakref.ref, frames)),
                str(Path(os.fsdecode(path)).absolute()),
                weakref.ref(file),
            )
        )

    def settle(self, *, only_closed: bool = False) -> None:
        """Record the models in files that are closed; at the end, say which were not."""
        waiting, self._pending = self._pending, []
        for pending in waiting:
            file = pending.file()
            if file is not None and not file.closed:
                if only_closed:
                    self._pending.append(pending)
                else:
                    self._session.gap(f"{pending.path}: written by {self._format}, but never closed")
                continue
            frames = [frame for frame in (reference() for reference in pending.frames) if frame is not None]
            if len(frames) < len(pending.frames):
                self._session.gap(f"{pending.path}: what a table in it came from was gone when it was closed")
            self._record(pending.models, frames, self._session.files.written(pending.path))

    def _record(self, models: tuple[_Written, ...], frames: list[Any], version: FileVersion | None) -> None:
        if version is None:
            return
        saved_frames(self._session, frames, version)
        found = []
        for key, before, reference in models:
            after = keep_version(self._session, before, _name(version, key), version, format=self._format)
            found.append(after)
            estimator = reference()
            if estimator is not None and fitted(estimator) in (
                before,
                None,
            ):  # else it was fitted again since
                keep_fitted(estimator, after)
        if found:
            keep_in_file(version.digest, tuple(found))

    def loaded(self, call: Call) -> None:
        """Give estimators that came from a file the file's content as identity, and frames its columns."""
        models, frames = list(models_in(call.result)), list(frames_in(call.result))
        if not models and not frames:
            return
        source = call.args[0] if call.args else call.kwargs.get("filename", call.kwargs.get("file"))
        version = self._session.files.read(source)
        if version is None:
            return
        if frames:
            loaded_frames(self._session, frames, version, call.name)
        known = in_file(version.digest)
        for at, (key, estimator) in enumerate(models):
            model = known[at] if len(known) == len(models) else _from_file(estimator, version, key)
            keep_fitted(estimator, model)
            self._session.emit("RUNNING", inputs=[as_input(model, version)])


def models_in(value: Any) -> Iterator[tuple[str | None, Any]]:
    """Give the fitted estimators in what is saved, one level deep, with the key of each if there are several."""
    if is_estimator(value):
        if _is_fitted(value):
            yield None, value
        return
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, (list, tuple)) and len(value) <= _MOST:
        items = list(enumerate(value))
    else:
        return
    found = [(str(key), part) for key, part in items[:_MOST] if is_estimator(part) and _is_fitted(part)]
    yield from found if len(found) > 1 else ((None, part) for _, part in found)


def _is_fitted(estimator: Any) -> bool:
    if fitted(estimator) is not None or not hasattr(estimator, "get_params"):
        return True  # a library's own model class holds what it learned, or nothing else
    learned = (name for name in getattr(estimator, "__dict__", {}) if name.endswith("_") and name[0] != "_")
    return next(learned, None) is not None or hasattr(estimator, "n_features_in_")


def _name(version: FileVersion, key: str | None) -> str:
    stem = Path(version.name).stem
    return stem if key is None else f"{stem}.{key}"


def _from_file(estimator: Any, version: FileVersion, key: str | None) -> FittedModel:
    return msgspec.structs.replace(
        unknown_model(estimator),
        namespace="model",
        name=_name(version, key),
        version=version.digest,
        path=version.name,
    )
