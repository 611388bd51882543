"""What a program may say itself: begin a recording, name a part of it, add a fact to it.

Without a recording (no `.lineproof` folder, LINEPROOF_DISABLE) everything here does nothing, and what
it is put around runs as if it were not there.
"""

from __future__ import annotations

import functools
import inspect
import math
import os
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from msgspec import UNSET

from lineproof.capture.alone import record_this_process
from lineproof.capture.folder import disabled
from lineproof.capture.recorded import DEFAULT_NAMESPACE
from lineproof.capture.session import Session, active
from lineproof.errors import CaptureUsageError
from lineproof.model.entries import Decision, EntryType
from lineproof.model.facets import Metric, Process
from lineproof.model.identity import now, uuid7
from lineproof.model.openlineage import Dataset, DatasetType, DatasetVersion

if TYPE_CHECKING:
    from lineproof.capture.runs import ChildRun

__all__ = ["autolog", "decision", "metric", "parameter", "run", "step"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Names = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

_LONGEST_TEXT = 1000


def autolog() -> None:
    """Record this program from here on.

    Files, pandas operations and scikit-learn estimators are recorded without further calls. Below
    `lineproof run`, or when called again, it does nothing. The record is taken into the ledger when the
    interpreter ends, which takes at most two seconds, or else by the next lineproof command. The exit
    code of the program is known to `lineproof run` alone.
    """
    record_this_process()


class run:  # noqa: N801 — used as a function is: `with lineproof.run("train"):`
    """A named part of the program, recorded as a run inside the run of the script.

    Begins a recording when there is none. An exception passes through, and is recorded by type and place.

        with lineproof.run("train", purpose="credit scoring"):
            ...

    Args:
        name: Name of its job.
        namespace: Namespace of its job; by default that of the script.
        purpose: What it is done for.
    """

    def __init__(self, name: str, *, namespace: str | None = None, purpose: str | None = None) -> None:
        if not isinstance(name, str) or not name:
            raise CaptureUsageError(f"the name of a run must be text, not {name!r}")
        self._name = name
        self._namespace = namespace
        self._purpose = purpose
        self._part: _Part | None = None

    def __enter__(self) -> str | None:
        """Begin the run; give its UUID, or None when nothing is recorded."""
        session = record_this_process()
        if session is None:
            return None
        facets = {} if self._purpose is None else {"lineproof_process": Process(purpose=self._purpose)}
        self._part = _Part(session, "RUN", self._name, namespace=self._namespace, run_facets=facets)
        return self._part.child.run_id

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the run."""
        part, self._part = self._part, None
        if part is not None:
            part.end(error)


def step(
    *, inputs: Names = (), outputs: Names = (), name: str | None = None
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Record each call of a function as a run inside the run of the script.

    For what capture cannot see by itself: native code, other services, formats without a patch.
    Outside a recording the function is just called.

    Args:
        inputs: What it reads: paths of files, or names of datasets (`NAMESPACE::NAME` or `NAME`).
        outputs: What it writes, likewise; files are hashed when it has returned.
        name: Name of its job; by default module and name of the function.
    """
    reads, writes = _listed(inputs), _listed(outputs)

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        job = name or f"{function.__module__}.{function.__qualname__}"

        @functools.wraps(function)
        def called(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            part = _step(job, reads)
            if part is None:
                return function(*args, **kwargs)
            try:
                result = function(*args, **kwargs)
            except BaseException as error:
                part.end(error)
                raise
            part.end(None, outputs=writes)
            return result

        @functools.wraps(function)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            part = _step(job, reads)
            if part is None:
                return await cast("Any", function(*args, **kwargs))
            try:
                result = await cast("Any", function(*args, **kwargs))
            except BaseException as error:
                part.end(error)
                raise
            part.end(None, outputs=writes)
            return result

        return cast(
            "Callable[Parameters, Result]", awaited if inspect.iscoroutinefunction(function) else called
        )

    return decorate


def decision(kind: str, *, chosen: Any, candidates: Iterable[Any] = (), reason: str | None = None) -> None:
    """Record what was chosen, among which candidates, and why.

    Args:
        kind: What was decided: `threshold`, `model_selection`.
        chosen: The chosen candidate.
        candidates: All candidates; the chosen one is added when it is not among them.
        reason: Why, in words.
    """
    session = active()
    if session is None:
        return
    every = [_json(each) for each in candidates]
    taken = _json(chosen)
    here = session.current
    payload = Decision(
        decision=uuid7(),
        run=session.run_id if here is None else here.run_id,
        kind=kind,
        chosen=taken,
        candidates=every if taken in every else [*every, taken],
        reason=reason,
        site=session.site(),
        time=now(),
    )
    session.entry(EntryType.DECISION, payload, sync=True)


def metric(name: str, value: float, step: int | None = None) -> None:
    """Record a measured figure of the run it is called in.

    Args:
        name: What was measured.
        value: The figure; one that is not finite is kept as text.
        step: Epoch or iteration, where figures of one name follow each other.

    Raises:
        CaptureUsageError: The value is no number.
    """
    if disabled():
        return
    try:
        figure = float(value)
    except (TypeError, ValueError) as error:
        raise CaptureUsageError(
            f"the metric {name!r} has no number but a {type(value).__name__}",
            "give a number; lineproof.parameter takes any value",
        ) from error
    session = active()
    if session is None:
        return
    finite = math.isfinite(figure)
    session.metric(
        Metric(
            name=str(name),
            value=figure if finite else None,
            text=UNSET if finite else str(figure),
            step=UNSET if step is None else int(step),
            site=session.site(),
        )
    )


def parameter(name: str, value: Any) -> None:
    """Record a setting of the run it is called in; the last value of a name holds.

    Settings are found in the facet `lineproof_hyperparameters` of the run, whose `estimator` is empty.

    Args:
        name: What is set.
        value: Its value; what JSON has no form for is kept as text.
    """
    session = active()
    if session is not None:
        session.parameter(str(name), _json(value))


class _Part:
    """A child run that the program asked for."""

    def __init__(
        self,
        session: Session,
        job_type: str,
        name: str,
        *,
        namespace: str | None = None,
        run_facets: Mapping[str, Any] | None = None,
        inputs: Iterable[Dataset] = (),
    ) -> None:
        self.session = session
        self.child: ChildRun = session.child(job_type, name, namespace=namespace, run_facets=run_facets)
        self._inputs = list(inputs)

    def end(self, error: BaseException | None, *, outputs: Iterable[str] = ()) -> None:
        """Record how it ended: well, or by an exception."""
        if error is None:
            written = [_dataset(name, self.session.files.written) for name in outputs]
            self.child.end("COMPLETE", inputs=self._inputs, outputs=written)
        else:
            facets = {"errorMessage": self.session.error_message(error)}
            self.child.end("FAIL", inputs=self._inputs, run_facets=facets)


def _step(job: str, reads: list[str]) -> _Part | None:
    session = active()
    if session is None:
        return None
    return _Part(session, "STEP", job, inputs=[_dataset(name, session.files.read) for name in reads])


def _dataset(name: str, version_of: Callable[[Any], Any]) -> Dataset:
    """Give the dataset of a name: a file's version when there is such a file."""
    file = version_of(name)
    if file is not None:
        return Dataset(
            namespace=file.namespace,
            name=file.name,
            facets={
                "version": DatasetVersion(dataset_version=file.digest),
                "datasetType": DatasetType(dataset_type="FILE"),
            },
        )
    namespace, separator, rest = name.partition("::")
    if separator:
        return Dataset(namespace=namespace, name=rest)
    return Dataset(namespace=DEFAULT_NAMESPACE, name=name)


def _listed(names: Names) -> list[str]:
    each = [names] if isinstance(names, (str, os.PathLike)) else list(names)
    return [os.fspath(name) for name in each]


def _json(value: Any) -> Any:
    """Give a value as JSON."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_json(each) for each in value]
    if hasattr(value, "tolist"):  # numbers and arrays of numpy
        return _json(value.tolist())
    return str(value)[:_LONGEST_TEXT]
