"""The first events of a run: the process, and what is slow to find out about it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from lineproof.capture.code import entry_of, program_of
from lineproof.capture.environment import around
from lineproof.capture.place import text
from lineproof.capture.recorded import Process, RecordedRun
from lineproof.capture.redaction import argv_without_secrets
from lineproof.capture.spool import SpoolWriter, encoded
from lineproof.model import facets
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.openlineage import EventType, Job, JobType, Run, RunEvent

__all__ = ["process_facet", "survey", "write_event"]


def process_facet(process: Process, command: Sequence[str]) -> facets.Process:
    """Give the facet `lineproof_process` as far as it is known at the start.

    Args:
        process: The process of the program.
        command: The words that started it.
    """
    here = os.getcwd()
    inside = os.path.relpath(here, process.run.root)
    return facets.Process(
        argv=[text(word) for word in argv_without_secrets(command)],
        working_directory=text(here if inside.startswith(os.pardir) else inside),
        pid=process.pid,
        started=process.started,
    )


def write_event(
    writer: SpoolWriter, run: RecordedRun, event_type: EventType, run_facets: Mapping[str, Any]
) -> None:
    """Write an event of a run from outside its program."""
    starts = event_type == "START"
    event = RunEvent(
        event_time=now(),
        event_type=event_type,
        run=Run(run_id=run.run, facets=dict(run_facets)),
        job=Job(namespace=run.namespace, name=run.name, facets={"jobType": JobType()} if starts else {}),
    )
    event.complete()
    writer.entry(EntryType.LINEAGE_EVENT.value, encoded(event), id_=uuid7(), sync=starts)


def survey(writer: SpoolWriter, run: RecordedRun, command: Sequence[str]) -> list[bytes]:
    """Find out about code and machine, and write it.

    Args:
        writer: Spool to write to.
        run: Whose code it is.
        command: The words that started the program.

    Returns:
        Contents that the facts name by digest: the patch, the script.
    """
    program = program_of(entry_of(command, run.root))
    write_event(
        writer,
        run,
        "RUNNING",
        {"lineproof_code": program.code, "lineproof_environment": around(os.environ, run.folder)},
    )
    return program.objects
