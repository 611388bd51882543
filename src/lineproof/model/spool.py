"""The lines of a spool file: what capture hands to intake. No I/O.

A spool is one append-only file per process. Each line is one JSON record and a newline; `prev` is
the SHA-256 of the line before (without its newline), so that a lost or changed line shows. A line
without its newline at the end of the file is a torn write: it never happened.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

__all__ = [
    "FIRST",
    "FORMAT",
    "FileFact",
    "LaunchReport",
    "ProcessEnd",
    "ProcessStart",
    "RecordKind",
    "SpoolRecord",
    "chain",
    "decode_line",
    "encode_line",
]

FIRST = "0" * 64  # `prev` of the first line
FORMAT = 1  # of the lines; a reader leaves a spool of a higher format alone

RecordKind = Literal["start", "entry", "file", "end"]


class SpoolRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line.

    Attributes:
        seq: Position in the file, from 0.
        prev: SHA-256 of the line before, hex; `FIRST` for the first.
        kind: `start`, `entry` (becomes a ledger entry as it is), `file`, `end`.
        id: UUID of the ledger entry, for `entry`.
        type: Entry type, for `entry`.
        body: The record itself; for `entry` the payload, whose bytes are stored untouched.
    """

    seq: int
    prev: str
    kind: RecordKind
    id: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    body: msgspec.Raw


class ProcessStart(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Body of `start`, always the first line of a spool.

    Attributes:
        run: Run the process belongs to, UUID.
        end_id: UUID that the run's terminal entry will have, so that it is written once.
        owner: True for the process whose end ends the run: `lineproof run`'s child, or the process
            that called `autolog` or `run`. False for workers and forks.
        root: Folder that holds `.lineproof`, absolute.
        format: Version of the spool's format; not written while it is 1.
    """

    run: str
    end_id: str
    job_namespace: str
    job_name: str
    owner: bool
    pid: int
    started: str
    root: str
    launched: bool = False  # by `lineproof run`, whose parent reports exit code and signal
    format: int = 1


class FileFact(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Body of `file`: a file seen by the process below any library wrapper.

    Attributes:
        path: Absolute path.
        action: `read` (digest at first read), `opened` (for writing; content unknown as yet),
            `written` (digest at close), `changed` (a read file changed later in the run).
        digest: `sha256:...`, when known.
        explained: A library wrapper reported the same access as an event.
        problem: Why there is no digest, in words.
        below: Seen from outside the process, by path: its digest was taken after the process had ended.
        format: The file holds a model, in this format.
    """

    path: str
    action: Literal["read", "opened", "written", "changed"]
    time: str
    digest: str | UnsetType = UNSET
    size_bytes: int | UnsetType = UNSET
    explained: bool = False
    problem: str | UnsetType = UNSET
    below: bool = False
    format: str | UnsetType = UNSET


class ProcessEnd(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Body of `end`: the process said how it ended. `run_facets` go into the terminal event.

    With `EXIT` the exit status tells, which lies beside the spool as one byte: `<spool>.exit`.

    Attributes:
        program: Run of this process, UUID, where it is a program that another one of the run started.
    """

    time: str
    state: Literal["COMPLETE", "FAIL", "EXIT"]
    run_facets: dict[str, msgspec.Raw] = {}
    program: str | UnsetType = UNSET


class LaunchReport(msgspec.Struct, kw_only=True):
    """What the parent of `lineproof run` knows once its child has ended. Handed to intake, not spooled.

    Attributes:
        run: Run of the child, UUID.
        ended: When the child ended.
        exit_code: What it returned; None when a signal ended it.
        signal: Name of that signal, `SIGKILL`.
        run_facets: Facets that the parent adds to the terminal event.
        objects: Contents to keep in the object store: the git patch, the script's text.
    """

    run: str
    ended: str
    exit_code: int | None = None
    signal: str | None = None
    run_facets: dict[str, Any] = {}
    objects: list[bytes] = []


def chain(line: bytes) -> str:
    """Give the `prev` of the line that follows `line` (without newline)."""
    return hashlib.sha256(line).hexdigest()


def encode_line(record: SpoolRecord) -> bytes:
    """Give the record as one line, without its newline."""
    return msgspec.json.encode(record)


_decoder = msgspec.json.Decoder(SpoolRecord)


def decode_line(line: bytes) -> SpoolRecord:
    """Read one line (without newline).

    Raises:
        msgspec.DecodeError: The line is not a record.
    """
    return _decoder.decode(line)
