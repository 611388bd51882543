"""Child runs of a recorded program, and how its events are put together."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from lineproof.capture.noted import Noted
from lineproof.capture.randomness import random_states
from lineproof.model.facets import Environment
from lineproof.model.identity import now, uuid7
from lineproof.model.openlineage import (
    Dataset,
    EventType,
    Job,
    JobType,
    Parent,
    ParentJob,
    ParentRun,
    Run,
    RunEvent,
)

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["ChildRun", "begin", "begin_program", "current", "event_of"]

_FITS = frozenset(("FIT", "SEARCH"))
_PROGRAMS_OWN = frozenset(("STEP", "RUN"))


class ChildRun:
    """A run inside the run of the script: a fit, a search, a predict, a step.

    Attributes:
        run_id: Its UUID.
        job: Its job.
        parent: Facet that names the run it happens in.
        silent: It is not recorded: a worker process made it on behalf of a run that is.
        noted: Metrics and parameters reported in it.
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
        children = _open.get()
        if self in children:
            _open.set(children[: children.index(self)])
        facets = self.noted.facets(run_facets)
        self._session.emit(event_type, inputs=inputs, outputs=outputs, run_facets=facets, run=self, sync=True)


_open: ContextVar[tuple[ChildRun, ...]] = ContextVar("lineproof_runs", default=())


def current() -> ChildRun | None:
    """Give the innermost child run that is open here."""
    children = _open.get()
    return children[-1] if children else None


def begin(
    session: Session,
    job_type: str,
    name: str,
    *,
    namespace: str | None,
    run_facets: Mapping[str, Any] | None,
) -> ChildRun:
    """Begin a child run of the innermost run open here, and record its START."""
    above = session.current
    job = Job(
        namespace=namespace or session.job.namespace,
        name=name,
        facets={"jobType": JobType(job_type=job_type)},
    )
    outer = session.job if above is None else above.job
    parent = Parent(
        run=ParentRun(run_id=session.run_id if above is None else above.run_id),
        job=ParentJob(namespace=outer.namespace, name=outer.name),
    )
    silent = (session.worker and job_type not in _PROGRAMS_OWN) or (above is not None and above.silent)
    child = ChildRun(session, job, parent, silent=silent)
    _open.set((*_open.get(), child))
    if silent:
        session.gap("calls in worker processes are part of the call that made them, not runs of their own")
        return child
    facets = dict(run_facets or {})
    if job_type in _FITS:
        facets.setdefault("lineproof_environment", Environment(seeds=random_states()))
    session.emit("START", run_facets=facets, run=child, sync=True)
    return child


def begin_program(session: Session, name: str) -> ChildRun:
    """Begin the run of a program that another program of the run started, and tell those it starts."""
    from lineproof.capture.beginning import process_facet
    from lineproof.capture.recorded import LAUNCH, RecordedRun

    recorded = session.process.run
    outer = recorded.above or {"run": recorded.run, "namespace": recorded.namespace, "name": recorded.name}
    parent = Parent(
        run=ParentRun(run_id=outer["run"]), job=ParentJob(namespace=outer["namespace"], name=outer["name"])
    )
    job = Job(namespace=recorded.namespace, name=name, facets={"jobType": JobType()})
    program = ChildRun(session, job, parent, silent=False)
    process = process_facet(session.process, sys.orig_argv)
    session.emit("START", run_facets={"lineproof_process": process}, run=program, sync=True)
    if LAUNCH in os.environ:
        here = {"run": program.run_id, "namespace": job.namespace, "name": job.name}
        told = RecordedRun.of_json(os.environ[LAUNCH])
        told.above = here
        os.environ[LAUNCH] = told.as_json()
    return program


def event_of(
    session: Session,
    event_type: EventType,
    inputs: Sequence[Dataset],
    outputs: Sequence[Dataset],
    run_facets: Mapping[str, Any] | None,
    child: ChildRun | None,
) -> RunEvent:
    """Give one event of a child run, or of the script's run."""
    facets = dict(run_facets or {})
    if child is not None:
        facets["parent"] = child.parent
    event = RunEvent(
        event_time=now(),
        event_type=event_type,
        run=Run(run_id=session.run_id if child is None else child.run_id, facets=facets),
        job=_job_of(session, event_type, child),
        inputs=list(inputs),
        outputs=list(outputs),
    )
    event.complete()
    return event


def _job_of(session: Session, event_type: EventType, child: ChildRun | None) -> Job:
    """Give the job of a run; its facets are said once, at the start."""
    facets = {} if child is None else child.job.facets
    if event_type != "START":
        facets = {}
    elif child is None:
        facets = {"jobType": JobType()}
    job = session.job if child is None else child.job
    return Job(namespace=job.namespace, name=job.name, facets=facets)
