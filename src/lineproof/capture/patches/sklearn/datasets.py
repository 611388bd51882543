"""Data that ships with scikit-learn, or that it fetches: a source like a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineproof.capture.columns import column_names, columns_of
from lineproof.capture.edges import versioned
from lineproof.capture.provenance.attachment import attach
from lineproof.capture.provenance.table import SourceColumn, Table, source_origin
from lineproof.data.fingerprint import frame_fingerprint
from lineproof.model.openlineage import Schema, SchemaField

if TYPE_CHECKING:
    from types import ModuleType

    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["Loaders"]

_NAMESPACE = "scikit-learn"
_RULE = "sklearn.datasets"
_NOT_TABLES = frozenset(("load_files", "load_svmlight_file", "load_svmlight_files", "load_sample_images"))
_PAIR = 2


class Loaders:
    """Hooks of `load_*` and `fetch_*`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def install(self, module: ModuleType) -> None:
        """Wrap the functions that give a data set."""
        for name in module.__all__:
            if name.startswith(("load_", "fetch_")) and name not in _NOT_TABLES:
                self._session.instrument.wrap(
                    module, name, name=f"sklearn.datasets.{name}", after=self._loaded
                )

    def _loaded(self, call: Call) -> None:
        name = call.name.rpartition(".")[2].partition("_")[2]
        if isinstance(call.result, tuple) and len(call.result) == _PAIR:
            features, target, frame = call.result[0], call.result[1], None
            names = None
        elif hasattr(call.result, "keys") and "data" in call.result:
            features, target = call.result["data"], call.result.get("target")
            frame, names = call.result.get("frame"), call.result.get("feature_names")
        else:
            return
        found = frame_fingerprint(features)
        if found is None:
            return
        columns = _names(features, names)
        every = (*columns, *_target_names(target))
        self._give(features, name, found.fingerprint, columns)
        self._give(target, name, found.fingerprint, _target_names(target))
        if frame is not None:
            self._give(frame, name, found.fingerprint, column_names(frame.columns))
        dataset = versioned(_NAMESPACE, name, found.fingerprint)
        dataset.facets["schema"] = Schema(fields=[SchemaField(name=column) for column in every])
        self._session.emit("RUNNING", inputs=[dataset])

    def _give(self, obj: Any, name: str, version: str, columns: tuple[str, ...]) -> None:
        if obj is None or not columns:
            return
        labels = tuple(obj.columns) if hasattr(obj, "columns") else columns_of(obj)[0]
        if len(labels) == len(columns):
            sources = (SourceColumn(_NAMESPACE, name, version, column) for column in columns)
            vector = getattr(obj, "ndim", 2) == 1
            attach(obj, Table(labels, [source_origin(source, _RULE) for source in sources], vector=vector))


def _names(features: Any, names: Any) -> tuple[str, ...]:
    labels, _ = columns_of(features)
    if names is not None and len(names) == len(labels):
        return column_names(map(str, names))
    return column_names(labels)


def _target_names(target: Any) -> tuple[str, ...]:
    if target is None:
        return ()
    labels, _ = columns_of(target)
    return ("target",) if len(labels) == 1 else column_names(f"target_{label}" for label in labels)
