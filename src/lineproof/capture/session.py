"""The recording of one process: what patches and the Python API hand their facts to.

Nothing here raises into the program: what cannot be recorded becomes a fault or a gap.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import msgspec

from lineproof.capture.account import Account
from lineproof.capture.failure import error_message
from lineproof.capture.files import Files
from lineproof.capture.folder import SPOOL
from lineproof.capture.instrument import Instrument
from lineproof.capture.noted import Noted
from lineproof.capture.place import user_site
from lineproof.capture.randomness import random_states
from lineproof.capture.spool import SpoolWriter, encoded
from lineproof.capture.watched import Naming
from lineproof.model.entries import EntryType
from lineproof.model.facets import Coverage, Environment, Metric
from lineproof.model.identity import now, uuid7
from lineproof.model.lineage import Precision
from lineproof.model.openlineage import (
    Dataset,
    ErrorMessage,
    EventType,
    Job,
    JobType,
    Parent,
    ParentJob,
    ParentRun,
    Run,
    RunEvent,
)
from lineproof.model.spool import FileFact, ProcessEnd, ProcessStart

__all__ = ["ChildRun", "Session", "activate", "active"]

_FITS = frozenset(("FIT", "SEARCH"))


class ChildRun:
    """A run inside the run of the script: a fit, a search, a predict, a step.

    Attributes:
        run_id: Its UUID.
        job: Its job.
        parent: Facet that names the run it happens in.
    """

    __slots__ = ("_ended", "_session", "job", "noted", "parent", "run_id", "silent")

    def __init__(self, session: Session, job: Job, parent: Parent, *, silent: bool) -> None:
        self.run_id = uuid7()
        self.job = job
        self.parent = parent
        self.silent = silent
        self.noted = Noted()
        self._session = session
        self._ended = False

    def end(
        self,
        event_type: EventType = "COMPLETE",
        *,
        inputs: Sequence[Dataset] = (),
        outputs: Sequence[Dataset] = (),
        run_facets: Mapping[str, Any] | None = None,
    ) -> None:
        """Record how it ended, once.

        Args:
            event_type: `COMPLETE` or `FAIL`.
            inputs: What it read.
            outputs: What it made.
            run_facets: Further facets of the run; metrics and parameters that were noted are added.
        """
        if self._ended:
            return
        self._ended = True
        self._session._leave(self)
        facets = self.noted.facets(run_facets)
        self._session.emit(event_type, inputs=inputs, outputs=outputs, run_facets=facets, run=self, sync=True)


_open_children: ContextVar[tuple[ChildRun, ...]] = ContextVar("lineproof_runs", default=())


class Session:
    """The recording of this process.

    Args:
        folder: The folder `.lineproof`.
        start: Who this process is; becomes the first line of its spool.
        worker: The process works for a call that another process records: it reports the files it
            uses, while fits and predictions in it are not runs.

    Attributes:
        root: Folder that holds `.lineproof`; paths inside it are given relative to it.
        run_id: UUID of the run.
        job: Its job.
        worker: As given.
        instrument: The wrappers of this process.
        files: The files of this process.

    Raises:
        OSError: No spool can be written.
    """

    def __init__(self, folder: Path, start: ProcessStart, *, worker: bool = False) -> None:
        self.folder = folder
        self.root = Path(start.root)
        self.run_id = start.run
        self.job = Job(namespace=start.job_namespace, name=start.job_name)
        self.worker = worker
        self.start = start
        self.noted = Noted()
        self.account = Account()
        self.files = Files(self, Naming(start.root, str(folder)))
        self.instrument = Instrument(self)
        self._spool: SpoolWriter | None = SpoolWriter(folder / SPOOL, start)
        self._pid = start.pid
        self._ended = False
        self._callbacks: list[Callable[[], None]] = []
        self._hashing_in_hooks_ns = 0
        self._table_hashing_ns = 0
        self._table_bytes = 0

    def emit(
        self,
        event_type: EventType,
        *,
        inputs: Sequence[Dataset] = (),
        outputs: Sequence[Dataset] = (),
        run_facets: Mapping[str, Any] | None = None,
        run: ChildRun | None = None,
        sync: bool = False,
    ) -> None:
        """Write one OpenLineage event.

        Args:
            event_type: `START`, `RUNNING`, `COMPLETE`, `FAIL`, `OTHER`.
            inputs: Dataset versions read.
            outputs: Dataset versions written, with the lineage of their columns.
            run_facets: Facets of the run.
            run: The child run it belongs to; by default the innermost one open here, else the script's.
            sync: Make it durable soon.
        """
        child = run or self.current
        if child is not None and child.silent:
            return
        facets = dict(run_facets or {})
        if child is not None:
            facets["parent"] = child.parent
        event = RunEvent(
            event_time=now(),
            event_type=event_type,
            run=Run(run_id=self.run_id if child is None else child.run_id, facets=facets),
            job=self._job(child, event_type),
            inputs=list(inputs),
            outputs=list(outputs),
        )
        self._write(EntryType.LINEAGE_EVENT, event, sync=sync)

    def child(self, job_type: str, name: str, *, run_facets: Mapping[str, Any] | None = None) -> ChildRun:
        """Begin a child run of the innermost run open here, and record its START.

        Args:
            job_type: `FIT`, `SEARCH`, `TRANSFORM`, `PREDICT`, `STEP`, `RUN`.
            name: Name of its job, in the namespace of the script's job.
            run_facets: Facets known at its start.
        """
        above = self.current
        job = Job(
            namespace=self.job.namespace,
            name=name,
            facets={"jobType": JobType(job_type=job_type)},
        )
        parent = Parent(
            run=ParentRun(run_id=self.run_id if above is None else above.run_id),
            job=ParentJob(
                namespace=self.job.namespace, name=self.job.name if above is None else above.job.name
            ),
        )
        child = ChildRun(self, job, parent, silent=self.worker or (above is not None and above.silent))
        if child.silent and job_type not in ("STEP", "RUN"):
            self.gap(f"a worker process made a {job_type.lower()} that is no run of its own")
        facets = dict(run_facets or {})
        if job_type in _FITS and not child.silent:
            facets.setdefault("lineproof_environment", Environment(seeds=random_states()))
        _open_children.set((*_open_children.get(), child))
        self.emit("START", run_facets=facets, run=child, sync=True)
        return child

    def entry(self, type_: EntryType, payload: msgspec.Struct, *, sync: bool = False) -> None:
        """Write a ledger entry that is no event: a decision, a segment of predictions."""
        self._write(type_, payload, sync=sync)

    def metric(self, metric: Metric) -> None:
        """Record a measured figure of the innermost run open here."""
        noted = self._noted()
        noted.metric(metric)
        if noted.due():
            self.flush()

    def parameter(self, name: str, value: Any) -> None:
        """Record a setting of the innermost run open here; the last value of a name holds."""
        noted = self._noted()
        noted.parameter(name, value)
        if noted.due():
            self.flush()

    def flush(self) -> None:
        """Write the metrics and parameters that were noted of the innermost run open here."""
        facets = self._noted().facets(None)
        if facets:
            self.emit("RUNNING", run_facets=facets)

    def fault(self, hook: str, error: BaseException) -> None:
        """Record that code of ours failed."""
        self.account.fault(hook, error)

    def gap(self, text: str) -> None:
        """Record that something is missing from the record."""
        self.account.gap(text)

    def without_rule(self, operation: str) -> None:
        """Record that an operation has no rule of its own: the union of all inputs was taken."""
        self.account.without_rule(operation)

    def feature_coverage(self, precision: Precision) -> None:
        """Count a feature whose origins are known so precisely."""
        self.account.feature(precision)

    def hashed(self, nanoseconds: int, size_bytes: int) -> None:
        """Count time and bytes that a hook spent on the content of a table."""
        self._table_hashing_ns += nanoseconds
        self._hashing_in_hooks_ns += nanoseconds
        self._table_bytes += size_bytes

    def hashed_in_hooks(self, nanoseconds: int) -> None:
        """Count time that a hook spent on hashing a file."""
        self._hashing_in_hooks_ns += nanoseconds

    def at_end(self, callback: Callable[[], None]) -> None:
        """Call `callback` before the last line is written; not in forks of this process."""
        self._callbacks.append(callback)

    def site(self) -> str:
        """Give the line of the program being run: `train.py:12`, relative to the root if inside it."""
        return user_site(self.start.root)

    def error_message(self, error: BaseException) -> ErrorMessage:
        """Give the facet `errorMessage` of an exception: its type and place, never its text."""
        return error_message(error, self.start.root)

    def file_fact(self, fact: FileFact) -> None:
        """Write what was seen of a file."""
        spool = self._writer()
        if spool is not None and not spool.fact("file", fact):
            self._stop()

    @property
    def current(self) -> ChildRun | None:
        """The innermost child run that is open here."""
        children = _open_children.get()
        return children[-1] if children else None

    @property
    def listening(self) -> bool:
        """Whether this process is being recorded."""
        return not self._ended and self._pid == os.getpid()

    def end(self, state: str, run_facets: Mapping[str, Any]) -> None:
        """Write the last line and close the spool.

        Args:
            state: `COMPLETE` or `FAIL`.
            run_facets: Facets for the last event of the run.
        """
        if self._ended:
            return
        spool = self._spool
        if spool is None:  # a fork that recorded nothing
            self._ended = True
            return
        self._before_end()
        self._ended = True
        facets = {**self.noted.facets(run_facets), "lineproof_coverage": self.coverage()}
        body = ProcessEnd(
            time=now(),
            state="FAIL" if state == "FAIL" else "COMPLETE",
            run_facets={name: msgspec.Raw(encoded(facet)) for name, facet in facets.items()},
        )
        spool.retry()
        spool.fact("end", body)
        spool.close()

    def _before_end(self) -> None:
        for callback in (*self._callbacks, self.files.finish):
            try:
                callback()
            except Exception as error:
                self.fault("at_end", error)

    def coverage(self) -> Coverage:
        """Give the facet `lineproof_coverage` of this process as far as it has come."""
        facet = self.account.coverage()
        hooks = self.instrument.spent_ns - self._hashing_in_hooks_ns + self.files.spent_ns
        facet.hooks_s = max(hooks, 0) / 1e9
        facet.hashing_s = (self._table_hashing_ns + self.files.hashing_ns) / 1e9
        facet.hashed_bytes = self._table_bytes + self.files.hashed_bytes
        return facet

    def continue_in_fork(self) -> None:
        """Go on as a worker in the child of a fork; its spool is made when there is something to say."""
        spool, self._spool = self._spool, None
        if spool is not None:
            spool.abandon()
        self._pid = os.getpid()
        self.start = msgspec.structs.replace(self.start, owner=False, pid=self._pid, started=now())
        self.worker = True
        self.account = Account()
        self.noted = Noted()
        self._callbacks = []
        self.files.restart()
        self.instrument.spent_ns = 0
        self._hashing_in_hooks_ns = self._table_hashing_ns = self._table_bytes = 0

    def _job(self, child: ChildRun | None, event_type: EventType) -> Job:
        if child is None:
            return self.job
        return child.job if event_type == "START" else Job(namespace=child.job.namespace, name=child.job.name)

    def _noted(self) -> Noted:
        child = self.current
        return self.noted if child is None else child.noted

    def _leave(self, child: ChildRun) -> None:
        children = _open_children.get()
        if child in children:
            _open_children.set(children[: children.index(child)])

    def _write(self, type_: EntryType, payload: msgspec.Struct, *, sync: bool) -> None:
        spool = self._writer()
        if spool is None:
            return
        try:
            if isinstance(payload, RunEvent):
                payload.complete()
            body = encoded(payload)
        except Exception as error:
            self.fault(f"spool.{type_.value}", error)
            return
        if not spool.entry(type_, body, id_=uuid7(), sync=sync):
            self._stop()

    def _writer(self) -> SpoolWriter | None:
        if not self.listening:
            return None
        if self._spool is None:
            try:
                self._spool = SpoolWriter(self.folder / SPOOL, self.start)
            except OSError:
                self._ended = True
                self.instrument.enabled = False
        return self._spool

    def _stop(self) -> None:
        """Switch the recording off: the spool takes no more."""
        if self._spool is not None and self._spool.problem is not None and self.instrument.enabled:
            self.instrument.enabled = False
            self.gap(f"the recording stops at {now()}: {self._spool.problem}")


_session: Session | None = None


def active() -> Session | None:
    """Give the recording of this process, if there is one that still goes on."""
    session = _session
    return session if session is not None and session.listening else None


def activate(session: Session) -> None:
    """Make this the recording of the process."""
    global _session  # noqa: PLW0603 — one recording per process is what this module is about
    _session = session


def _after_fork() -> None:
    if _session is not None:
        _session.continue_in_fork()


os.register_at_fork(after_in_child=_after_fork)
