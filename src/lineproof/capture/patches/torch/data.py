"""Data sets and loaders of PyTorch: what a training was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from lineproof.capture.boundary import memory_frame, record_frames
from lineproof.capture.columns import columns_of, origins_for
from lineproof.capture.fitted import Beside
from lineproof.capture.patches.boosting.matrices import Matrix, keep_matrix, matrix_of
from lineproof.capture.patches.sklearn.settings import json_value
from lineproof.capture.provenance.resolve import resolved
from lineproof.capture.provenance.table import ColumnOrigin, combined
from lineproof.capture.saved import qualified
from lineproof.model.lineage import Precision

if TYPE_CHECKING:
    from types import ModuleType

    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["Data", "Loader"]

_SETTINGS = ("batch_size", "shuffle", "num_workers", "drop_last")
_TABLE = 2  # dimensions


class Loader(msgspec.Struct):
    """A data loader of the program.

    Attributes:
        matrix: What it draws from.
        settings: How it draws.
        passes: How often it was gone through.
        trains: Steps of an optimiser were made on its batches.
    """

    matrix: Matrix
    settings: dict[str, Any]
    passes: int = 0
    trains: bool = False


class Data:
    """Hooks of data sets and loaders.

    Args:
        session: The recording.

    Attributes:
        latest: The loader that was last gone through.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._loaders: Beside[Loader] = Beside()
        self.latest: Loader | None = None
        self.used: list[Loader] = []

    def install(self, data: ModuleType) -> None:
        """Wrap the classes of `torch.utils.data`."""
        wrap, name = self._session.instrument.wrap, "torch.utils.data"
        wrap(
            data.TensorDataset, "__init__", name=f"{name}.TensorDataset", before=self._given, after=self._made
        )
        wrap(data.DataLoader, "__init__", name=f"{name}.DataLoader", after=self._loader)
        wrap(data.DataLoader, "__iter__", name=f"{name}.DataLoader.__iter__", after=self._passed)

    def _given(self, call: Call) -> Matrix:
        """Describe the tensors of a data set: all but the last are X, the last is y."""
        arrays = [_array(tensor) for tensor in call.args[1:]]
        tables = [resolved(array, at) for at, array in enumerate(arrays)]
        site, session = self._session.site(), self._session
        columns: list[ColumnOrigin] = []
        frames = []
        for at, array in enumerate(arrays):
            last = at == len(arrays) - 1 and at > 0
            frames.append(memory_frame(session, array, f"TensorDataset.{'y' if last else 'X'}", site=site))
            if not last:
                columns += origins_for(tables[at], len(columns_of(array)[0]))
        record_frames(session, frames)
        labelled = len(frames) > 1
        return Matrix(
            columns=tuple(columns),
            table=tables[0] if tables else None,
            label=combined(tables[-1].origins, "TensorDataset.y") if labelled else None,
            frame_x=frames[0] if frames else None,
            frame_y=frames[-1] if labelled else None,
        )

    def _made(self, call: Call) -> None:
        if call.token is not None:
            keep_matrix(call.args[0], call.token)

    def _loader(self, call: Call) -> None:
        loader = call.args[0]
        settings = {name: json_value(getattr(loader, name, call.kwargs.get(name))) for name in _SETTINGS}
        settings["shuffle"] = type(getattr(loader, "sampler", None)).__name__ == "RandomSampler"
        settings["dataset"] = qualified(type(loader.dataset))
        try:
            settings["rows"] = len(loader.dataset)
        except TypeError:
            settings["rows"] = None  # a stream, which is not ours to consume
        self._loaders.set(loader, Loader(self._drawn_from(loader.dataset), settings))

    def _drawn_from(self, dataset: Any) -> Matrix:
        """Give what a data set holds; a part of another one has the columns of the whole."""
        whole = dataset
        while (known := matrix_of(whole)) is None and hasattr(whole, "dataset"):
            whole = whole.dataset
        if known is None:
            self._session.gap(
                f"{self._session.site()}: what a {type(dataset).__name__} reads was not seen as a table"
            )
            return Matrix()
        if whole is not dataset:
            self._session.gap(
                f"{self._session.site()}: rows of a part of a data set are named by the whole of it"
            )
            return msgspec.structs.replace(known, columns=tuple(map(_at_best_superset, known.columns)))
        return known

    def _passed(self, call: Call) -> None:
        found = self._loaders.get(call.args[0])
        if found is not None:
            found.passes += 1
            self.latest = found
            if found not in self.used:
                self.used.append(found)


def _at_best_superset(origin: ColumnOrigin) -> ColumnOrigin:
    return origin.at_best(Precision.SUPERSET)


def _array(tensor: Any) -> Any:
    """Give a tensor as an array of rows; on the processor it shares the memory."""
    found = tensor.detach().cpu()
    if str(found.dtype) == "torch.bfloat16":
        found = found.float()
    array = found.numpy()
    return array.reshape(len(array), -1) if array.ndim > _TABLE else array
