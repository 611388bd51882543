"""The recording of one process: what patches and the Python API hand their facts to.

Nothing here raises into the program: what cannot be recorded becomes a fault or a gap. What a program
that reads no data has no use for is imported when it is first needed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from lineproof.capture.account import Account
from lineproof.capture.budget import Budget
from lineproof.capture.files import Files
from lineproof.capture.folder import SPOOL
from lineproof.capture.instrument import Instrument, inside_hook
from lineproof.capture.leaving import STATUS_SUFFIX, Leaving
from lineproof.capture.noted import Noted
from lineproof.capture.place import user_site
from lineproof.capture.randomness import random_states
from lineproof.capture.spool import SpoolWriter, encoded, plain
from lineproof.capture.watched import Naming
from lineproof.model.identity import now, uuid7

if TYPE_CHECKING:
    from pathlib import Path

    import msgspec

    from lineproof.capture.recorded import Process
    from lineproof.capture.runs import ChildRun
    from lineproof.model.entries import EntryType
    from lineproof.model.facets import Coverage, Metric
    from lineproof.model.lineage import Precision
    from lineproof.model.openlineage import Dataset, ErrorMessage, EventType

__all__ = ["JobName", "Session", "activate", "active", "listening"]


class JobName(NamedTuple):
    """What a job is called."""

    namespace: str
    name: str


class Session:
    """The recording of this process.

    Args:
        process: Who this process is, in which run.
        worker: The process works for a call that another process records: it reports the files it
            uses, while fits and predictions in it are not runs. It has no spool before there is
            something to say.
        program: Name of the job of this process, when it is a program that another one of the run
            started: a run inside that one's. It begins when there is something to say of it.

    Attributes:
        process: As given.
        worker: As given.
        run_id: UUID of the run.
        job: Its job.
        instrument: The wrappers of this process.
        files: The files of this process.
        leaving: Where the program of a process comes to its end, once a run inside has begun for it.

    Raises:
        OSError: No spool can be written.
    """

    def __init__(self, process: Process, *, worker: bool = False, program: str | None = None) -> None:
        run = process.run
        self.process = process
        self.worker = worker
        self._program_name = program
        self._program: ChildRun | None = None
        self.leaving: Leaving | None = None
        self.run_id = run.run
        self.job = JobName(run.namespace, run.name)
        self.files = Files(self, Naming(run.root, run.folder), run.folder)
        self.instrument = Instrument(self)
        self.instrument.budget = Budget(self._hooks_ns, self.site)
        self._spool: SpoolWriter | None = None
        if not worker and program is None:
            self._spool = SpoolWriter(os.path.join(run.folder, SPOOL), process)
        self._ended = False
        self._begin_counting()

    def _begin_counting(self) -> None:
        self._pid = os.getpid()
        self._account = Account()
        self._noted = Noted()
        self.seeds_at_start = random_states()
        self._callbacks: list[Callable[[], None]] = []
        self._apart_ns = 0
        self._table_hashing_ns = 0
        self._table_bytes = 0

    @property
    def root(self) -> Path:
        """Folder that holds `.lineproof`; paths inside it are given relative to it."""
        from pathlib import Path

        return Path(self.process.run.root)

    @property
    def listening(self) -> bool:
        """Whether this process is being recorded."""
        return not self._ended and self._pid == os.getpid()

    @property
    def current(self) -> ChildRun | None:
        """The innermost child run that is open here."""
        from lineproof.capture import runs

        name, self._program_name = self._program_name, None
        if name is not None:
            self.leaving = Leaving()
            self._program = runs.begin_program(self, name)
        return runs.current() or self._program

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
        from lineproof.capture import runs
        from lineproof.model.entries import EntryType

        child = run or self.current
        if child is None or not child.silent:
            event = runs.event_of(self, event_type, inputs, outputs, run_facets, child)
            self.entry(EntryType.LINEAGE_EVENT, event, sync=sync)

    def child(
        self,
        job_type: str,
        name: str,
        *,
        namespace: str | None = None,
        run_facets: Mapping[str, Any] | None = None,
    ) -> ChildRun:
        """Begin a child run of the innermost run open here, and record its START.

        Args:
            job_type: `FIT`, `SEARCH`, `TRANSFORM`, `PREDICT`, `STEP`, `RUN`.
            name: Name of its job.
            namespace: Namespace of its job; by default that of the script's.
            run_facets: Facets known at its start.
        """
        from lineproof.capture import runs

        return runs.begin(self, job_type, name, namespace=namespace, run_facets=run_facets)

    def entry(self, type_: EntryType, payload: msgspec.Struct, *, sync: bool = False) -> None:
        """Write a ledger entry: an event, a decision, a segment of predictions."""
        spool = self._writer()
        if spool is None:
            return
        try:
            body = encoded(payload)
        except Exception as error:
            self.fault(f"spool.{type_.value}", error)
            return
        if not spool.entry(type_.value, body, id_=uuid7(), sync=sync):
            self._stop()

    def metric(self, metric: Metric) -> None:
        """Record a measured figure of the innermost run open here."""
        noted = self._noted_here()
        noted.metric(metric)
        if noted.due():
            self.emit("RUNNING", run_facets=noted.facets(None))

    def parameter(self, name: str, value: Any) -> None:
        """Record a setting of the innermost run open here; the last value of a name holds."""
        noted = self._noted_here()
        noted.parameter(name, value)
        if noted.due():
            self.emit("RUNNING", run_facets=noted.facets(None))

    def fault(self, hook: str, error: BaseException) -> None:
        """Record that code of ours failed."""
        self._account.fault(hook, error)

    def seeds_seen(self) -> None:
        """Take note of random states that a library has just brought; the first of each counts."""
        self.seeds_at_start = random_states() | self.seeds_at_start

    def gap(self, text: str) -> None:
        """Record that something is missing from the record."""
        self._account.gap(text)

    def without_rule(self, operation: str) -> None:
        """Record that an operation has no rule of its own: the union of all inputs was taken."""
        self._account.without_rule(operation, self.site())

    def feature_coverage(self, precision: Precision) -> None:
        """Count a feature whose origins are known so precisely."""
        self._account.feature(precision)

    def table_hashed(self, cpu_ns: int, size_bytes: int) -> None:
        """Count CPU time and bytes that the content of a table took."""
        self._table_hashing_ns += cpu_ns
        self._table_bytes += size_bytes

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Count what is done here as no work of the hook in which it is done."""
        started = time.thread_time_ns()
        try:
            yield
        finally:
            if inside_hook():
                self._apart_ns += time.thread_time_ns() - started

    def site(self) -> str:
        """Give the line of the program being run: `train.py:12`, relative to the root if inside it."""
        return user_site(self.process.run.root)

    def error_message(self, error: BaseException) -> ErrorMessage:
        """Give the facet `errorMessage` of an exception: its type and place, never its text."""
        from lineproof.capture.failure import error_message

        return error_message(error, self.process.run.root)

    def file_fact(self, fact: Mapping[str, Any]) -> None:
        """Write what was seen of a file, in the form of `model.spool.FileFact`."""
        if self._program_name is not None and self.current is None:
            return
        spool = self._writer()
        if spool is not None and not spool.file(fact):
            self._stop()

    def at_end(self, callback: Callable[[], None]) -> None:
        """Call `callback` before the last line is written; not in forks of this process."""
        self._callbacks.append(callback)

    def coverage(self) -> Coverage:
        """Give the facet `lineproof_coverage` of this process as far as it has come."""
        from msgspec import UNSET

        facet = self._account.coverage()
        facet.hooks_s = max(self._hooks_ns() + self.instrument.passed_ns + self.files.spent_ns, 0) / 1e9
        facet.demoted = self.instrument.budget.facts() or UNSET
        facet.hashing_s = (self._table_hashing_ns + self.files.digests.cpu_ns) / 1e9
        facet.hashed_bytes = self._table_bytes + self.files.digests.size_bytes
        return facet

    def status_path(self) -> str | None:
        """Give where the exit status of this process belongs; None when it has no spool."""
        return None if self._spool is None else self._spool.path.removesuffix(".spool") + STATUS_SUFFIX

    def _hooks_ns(self) -> int:
        return self.instrument.spent_ns - self._apart_ns

    def end(self, state: str, run_facets: Mapping[str, Any], *, keep_open: bool = False) -> None:
        """Write the last line and close the spool. A worker that has nothing to say leaves nothing.

        Args:
            state: `COMPLETE`, `FAIL`, or `EXIT`: by the exit status, which is not known yet.
            run_facets: Facets for the last event of the run.
            keep_open: Hold the spool's lock until the process has gone.
        """
        if self._ended:
            return
        self._before_end()
        self._end_program(state, run_facets)
        spool = self._spool if self._account.is_empty else self._writer()
        self._ended = True
        if spool is None:
            return
        spool.end(self._last_words(state, run_facets))
        if keep_open:
            spool.settle()
        else:
            spool.close()

    def continue_in_fork(self) -> None:
        """Go on as a worker in the child of a fork."""
        spool, self._spool = self._spool, None
        if spool is not None:
            spool.abandon()
        self._begin_counting()
        self.process = self.process.run.process(owner=False)
        self.worker = True
        self.files.restart()
        self.instrument.spent_ns = self.instrument.passed_ns = 0
        self.instrument.budget.restart()

    def _end_program(self, state: str, run_facets: Mapping[str, Any]) -> None:
        """End the run of this process, unless its exit status decides how."""
        program = self._program
        if program is None or self.worker or state == "EXIT":
            return
        try:
            own = ("errorMessage", "lineproof_code", "lineproof_environment")
            facets = {name: run_facets[name] for name in own if name in run_facets}
            program.end("FAIL" if state == "FAIL" else "COMPLETE", run_facets=facets)
        except Exception as fault:
            self.fault("end of program", fault)

    def _last_words(self, state: str, run_facets: Mapping[str, Any]) -> bytes:
        try:
            facets = {**self._noted.facets(run_facets), "lineproof_coverage": self.coverage()}
            words = {"time": now(), "state": state, "run_facets": facets}
            if self._program is not None and not self.worker:
                facets.pop("errorMessage", None)  # of its own run
                words["program"] = self._program.run_id
            return encoded(words)
        except Exception as error:  # a program out of memory or of files: nothing can be imported any more
            gap = f"what was left to say at the end could not be written: {type(error).__name__}"
            return plain(
                {"time": now(), "state": state, "run_facets": {"lineproof_coverage": {"gaps": [gap]}}}
            )

    def _before_end(self) -> None:
        for callback in (*self._callbacks, self.files.finish):
            try:
                callback()
            except Exception as error:
                self.fault("at_end", error)

    def _noted_here(self) -> Noted:
        child = self.current
        return self._noted if child is None else child.noted

    def _writer(self) -> SpoolWriter | None:
        if self._spool is None and self.listening:
            try:
                self._spool = SpoolWriter(os.path.join(self.process.run.folder, SPOOL), self.process)
            except OSError:
                self._ended = True
                self.instrument.enabled = False
        return self._spool if self.listening else None

    def _stop(self) -> None:
        """Switch the recording off when the spool takes no more."""
        if self._spool is not None and self._spool.problem is not None and self.instrument.enabled:
            self.instrument.enabled = False
            self.gap(f"the recording stops at {now()}: {self._spool.problem}")


_session: Session | None = None


def active() -> Session | None:
    """Give the recording of this process, if there is one that still goes on."""
    session = _session
    return session if session is not None and session.listening else None


def listening() -> Session | None:
    """Give the recording of this process if it still takes facts: its spool can be written."""
    session = active()
    return session if session is not None and session.instrument.enabled else None


def activate(session: Session) -> None:
    """Make this the recording of the process."""
    global _session  # noqa: PLW0603 — one recording per process is what this module is about
    _session = session


def _after_fork() -> None:
    if _session is not None and not _session._ended:
        _session.continue_in_fork()


os.register_at_fork(after_in_child=_after_fork)
