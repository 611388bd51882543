"""Writing the end of a run that could not, or should not, write it itself.

The process says what it saw and, if it got that far, how it ended. The parent of `lineproof run`
knows the exit code. Neither writes the terminal event: it is composed here, from both, once. Entry
ids are derived from the id that the first line of the spool fixed, so a repeat is recognised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from lineproof.intake.account import PROCESS_FACET, DatasetKey, ProcessAccount, RunAccount
from lineproof.intake.coverage import add_up, listed_files, listed_gaps, with_shares
from lineproof.intake.files import FileUse, use_of
from lineproof.intake.flows import Flow, flows_of_late_process, flows_of_run
from lineproof.intake.queries import Resolved, resolved_queries
from lineproof.model.facets import Coverage, Metrics, Process
from lineproof.model.identity import derived_uuid
from lineproof.model.openlineage import FILE_NAMESPACE, Dataset, EventType, Job, Run, RunEvent
from lineproof.model.spool import LaunchReport, ProcessStart

__all__ = ["Composed", "close_late_process", "close_run"]

COVERAGE_FACET = "lineproof_coverage"
METRICS_FACET = "lineproof_metrics"
_SQLITE = "sqlite://"  # what the namespace of such tables begins with; the name of the file follows


class Composed(msgspec.Struct, frozen=True):
    """A `lineage.event` that intake wrote."""

    id: str
    payload: bytes


def close_run(account: RunAccount, report: LaunchReport | None, *, alive: int = 0) -> list[Composed]:
    """Compose what ends a run: events for unexplained files, for open child runs, and the last event.

    Args:
        account: What the ended processes of the run wrote; at least one.
        report: What the parent of `lineproof run` saw, when there was one.
        alive: Number of processes of the run that have not ended.
    """
    # 1. Say which files no wrapper explained, and what they may have fed; and what queries made of what.
    # 2. End the child runs that were open when their process ended.
    # 3. Add up what the processes say about the run, and add what only its end shows.
    # 4. Write the last event under the id fixed at the start of the run.
    start = account.processes[0].start
    uses = {process.name: use_of(process, account) for process in account.processes}
    flows = flows_of_run(account, uses, start.job_name, more_to_come=alive > 0)
    time = _ended_at(account, report)
    queries, gaps = resolved_queries(account)
    composed = [*_flow_events(start, flows, time), *_query_events(start, queries, time)]
    composed += _ends_of_children(account, start, time)
    state = _state(account.owner, report)
    facets = _other_facets(account, report)
    facets[PROCESS_FACET] = _process_facet(account, report, state)
    facets[COVERAGE_FACET] = _coverage(
        account, uses, [*gaps, *account.unkept, *_gaps_of_ending(account, state, alive)]
    )
    last = _event(start, state, time, run=Run(run_id=account.run, facets=facets))
    return [*composed, Composed(start.end_id, last.encode())]


def close_late_process(account: RunAccount, process: ProcessAccount) -> list[Composed]:
    """Compose what a process leaves that ended after its run had."""
    use = use_of(process, account)
    flows = flows_of_late_process(account.run, process.name, use, process.start.job_name)
    time = process.last_sign if process.end is None else process.end.time
    return [
        *_flow_events(process.start, flows, time),
        *_ends_of_children(account, process.start, time),
    ]


def _state(owner: ProcessAccount | None, report: LaunchReport | None) -> EventType:
    """A run that did not say how it ended is aborted, whatever its exit code."""
    if owner is None or owner.end is None:
        return "ABORT"
    if report is not None and (report.exit_code or report.signal):
        return "FAIL"
    if owner.end.state != "EXIT":
        return owner.end.state
    code = owner.exit_code if report is None else report.exit_code
    return "ABORT" if code is None else "FAIL" if code else "COMPLETE"


def _ended_at(account: RunAccount, report: LaunchReport | None) -> str:
    if account.owner is not None and account.owner.end is not None:
        return account.owner.end.time
    if report is not None:
        return report.ended
    return (account.owner or account.processes[-1]).last_sign


def _process_facet(account: RunAccount, report: LaunchReport | None, state: EventType) -> dict[str, Any]:
    """The facet replaces the one of the first event, so it repeats what that said."""
    facet: dict[str, Any] = msgspec.to_builtins(Process()) | account.process
    owner = account.owner
    if owner is not None and owner.end is not None:
        facet |= msgspec.json.decode(owner.end.run_facets.get(PROCESS_FACET, b"{}"))
        facet["ended"] = owner.end.time
        facet |= {} if owner.exit_code is None else {"exit_code": owner.exit_code}
    if report is not None:
        facet["ended"] = report.ended
        facet |= {} if report.exit_code is None else {"exit_code": report.exit_code}
        facet |= {} if report.signal is None else {"signal": report.signal}
    facet["complete"] = state != "ABORT"
    return facet


def _other_facets(account: RunAccount, report: LaunchReport | None) -> dict[str, Any]:
    """Facets that the processes and the parent hand in; the owner's word goes before a worker's."""
    facets: dict[str, Any] = {} if report is None else dict(report.run_facets)
    metrics: list[Any] = []
    for process in sorted(account.processes, key=lambda process: not process.start.owner):
        for name, facet in ({} if process.end is None else process.end.run_facets).items():
            if name == METRICS_FACET:
                metrics += msgspec.json.decode(facet, type=Metrics).metrics
            elif name not in (PROCESS_FACET, COVERAGE_FACET):
                facets.setdefault(name, facet)
    if metrics:
        facets[METRICS_FACET] = Metrics(metrics=metrics)
    return facets


def _coverage(account: RunAccount, uses: Mapping[str, FileUse], gaps: Iterable[str]) -> Coverage:
    ends = [process.end for process in account.processes if process.end is not None]
    said = [
        msgspec.json.decode(end.run_facets[COVERAGE_FACET], type=Coverage)
        for end in ends
        if COVERAGE_FACET in end.run_facets
    ]
    coverage = add_up(said)
    # A file that an event names leaves no line of its own in the spool; it counts all the same.
    coverage.files_read = len(
        _files(account.inputs | account.input_links).union(*(use.read for use in uses.values()))
    )
    coverage.files_written = len(
        _files(account.outputs | account.output_links).union(*(use.written for use in uses.values()))
    )
    databases = _databases(account.inputs | account.outputs)
    unexplained = [
        dataset.name
        for use in uses.values()
        for dataset in (*use.inputs, *use.outputs)
        if dataset.name not in databases
    ]
    coverage.unattributed = listed_files(unexplained)
    already = coverage.gaps or []
    coverage.gaps = listed_gaps([*gaps, *already, *(gap for use in uses.values() for gap in use.gaps)])
    return with_shares(coverage, len(set(unexplained)))


def _databases(named: Iterable[DatasetKey]) -> set[str]:
    """Names of files that hold tables which events name: those explain them."""
    return {key.namespace.removeprefix(_SQLITE) for key in named if key.namespace.startswith(_SQLITE)}


def _files(named: Iterable[DatasetKey]) -> set[str]:
    return {key.name for key in named if key.namespace == FILE_NAMESPACE}


def _gaps_of_ending(account: RunAccount, state: EventType, alive: int) -> list[str]:
    gaps = [process.gap for process in account.processes if process.gap is not None]
    owner = account.owner
    if owner is None:
        gaps.append("the program recorded nothing from inside: no Python process of it began to record")
    elif state == "ABORT" and owner.end is not None:
        gaps.append("the program ended by SystemExit, and its exit status is not known")
    elif state == "ABORT":
        gaps.append(f"the process ended without saying how; nothing is recorded after {owner.last_sign}")
    silent = sum(process.end is None and not process.start.owner for process in account.processes)
    if silent:
        gaps.append(f"other processes of the run that ended without saying how: {silent}")
    if alive:
        gaps.append(f"processes of the run that had not ended when it did: {alive}")
    return gaps


def _ends_of_children(account: RunAccount, start: ProcessStart, time: str) -> list[Composed]:
    codes = {
        process.end.program: process.exit_code
        for process in account.processes
        if process.end is not None and process.end.state == "EXIT" and process.end.program is not UNSET
    }
    ends = []
    for run, child in account.open_children.items():
        code = codes.get(run)
        facet = Process(complete=False) if code is None else Process(complete=True, exit_code=code)
        facets: dict[str, Any] = {PROCESS_FACET: facet}
        if child.parent is not None:
            facets["parent"] = child.parent
        state: EventType = "ABORT" if code is None else "FAIL" if code else "COMPLETE"
        event = _event(start, state, time, run=Run(run_id=run, facets=facets))
        event.job = Job(namespace=child.job["namespace"], name=child.job["name"])
        ends.append(Composed(derived_uuid(start.end_id, f"child/{run}"), event.encode()))
    return ends


def _flow_events(start: ProcessStart, flows: Iterable[Flow], time: str) -> list[Composed]:
    events = []
    for flow in flows:
        event = _event(start, "RUNNING", time, inputs=list(flow.inputs), outputs=list(flow.outputs))
        events.append(Composed(derived_uuid(start.end_id, flow.purpose), event.encode()))
    return events


def _query_events(start: ProcessStart, queries: Iterable[Resolved], time: str) -> list[Composed]:
    events = []
    for query in queries:
        event = _event(start, "RUNNING", time, outputs=[query.output])
        events.append(Composed(derived_uuid(start.end_id, query.purpose), event.encode()))
    return events


def _event(
    start: ProcessStart,
    event_type: EventType,
    time: str,
    *,
    run: Run | None = None,
    inputs: list[Dataset] | None = None,
    outputs: list[Dataset] | None = None,
) -> RunEvent:
    return RunEvent(
        event_time=time,
        event_type=event_type,
        run=run or Run(run_id=start.run),
        job=Job(namespace=start.job_namespace, name=start.job_name),
        inputs=inputs or [],
        outputs=outputs or [],
    )
