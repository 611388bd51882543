"""Which run a process belongs to, and who the process is in it: the first line of its spool."""

from __future__ import annotations

import json
import os

from lineproof.model.identity import now, uuid7

__all__ = ["DEFAULT_NAMESPACE", "LAUNCH", "Process", "RecordedRun"]

LAUNCH = "LINEPROOF_LAUNCH"  # environment variable: what the parent of a recorded program tells it
DEFAULT_NAMESPACE = "default"


class RecordedRun:
    """The run of a program.

    Args:
        folder: The folder `.lineproof`, absolute.
        name: Name of its job.
        launcher: Process id of its `lineproof run`, 0 without one.
        namespace: Namespace of its job, `default` by default.
        run: Its UUID, fresh by default.
        end_id: UUID that its last entry will have.
        above: The run inside it in which the process was started: `run`, `namespace`, `name` of its job.
    """

    __slots__ = ("above", "end_id", "folder", "launcher", "name", "namespace", "root", "run")

    def __init__(
        self,
        *,
        folder: str,
        name: str,
        launcher: int = 0,
        namespace: str | None = None,
        run: str | None = None,
        end_id: str | None = None,
        above: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.root = os.path.dirname(folder)
        self.name = name
        self.launcher = launcher
        self.namespace = namespace or DEFAULT_NAMESPACE
        self.run = run or uuid7()
        self.end_id = end_id or uuid7()
        self.above = above

    @classmethod
    def of_json(cls, text: str) -> RecordedRun:
        """Read what `as_json` gave.

        Raises:
            ValueError: It is something else.
            TypeError: It is something else.
        """
        return cls(**json.loads(text))

    def as_json(self) -> str:
        """Give what another process needs to belong to the run."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__ if name != "root"})

    def process(self, *, owner: bool, pid: int | None = None) -> Process:
        """Give a process of the run that begins now.

        Args:
            owner: Its end ends the run.
            pid: Its process id; our own by default.
        """
        return Process(self, owner=owner, pid=os.getpid() if pid is None else pid)


class Process:
    """A process of a run.

    Attributes:
        run: The run.
        owner: The end of the process ends the run.
        pid: Process id.
        started: Time it began to be recorded.
    """

    __slots__ = ("owner", "pid", "run", "started")

    def __init__(self, run: RecordedRun, *, owner: bool, pid: int) -> None:
        self.run = run
        self.owner = owner
        self.pid = pid
        self.started = now()

    def first_line(self) -> dict[str, object]:
        """Give the body of the first line of its spool, in the form of `model.spool.ProcessStart`."""
        body: dict[str, object] = {
            "run": self.run.run,
            "end_id": self.run.end_id,
            "job_namespace": self.run.namespace,
            "job_name": self.run.name,
            "owner": self.owner,
            "pid": self.pid,
            "started": self.started,
            "root": self.run.root,
        }
        return body | {"launched": True} if self.run.launcher else body
