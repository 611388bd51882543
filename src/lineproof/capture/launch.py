"""`lineproof run`: the parent of the recorded program.

The program gets the parent's standard streams and its exit code is passed on. What is slow to find
out is found here, beside the program.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Self

import msgspec
from msgspec import UNSET

from lineproof.capture.beginning import process_facet, survey, write_event
from lineproof.capture.below import Watch, watch_for
from lineproof.capture.below.explain import unseen_files
from lineproof.capture.code import entry_of
from lineproof.capture.environment import packages_in
from lineproof.capture.folder import SPOOL, disabled
from lineproof.capture.recorded import DEFAULT_NAMESPACE, LAUNCH, Process, RecordedRun
from lineproof.capture.spool import SpoolWriter, encoded
from lineproof.errors import CommandError
from lineproof.model.facets import Coverage, Environment
from lineproof.model.identity import now
from lineproof.model.openlineage import Parent, ParentJob, ParentRun
from lineproof.model.spool import LaunchReport, ProcessEnd

__all__ = ["Launched", "launch"]

_SITE = str(Path(__file__).resolve().parent / "_site")
_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_SIGNALLED = 128  # a shell's exit code for a program that signal N ended is 128 + N
_NOT_FROM_INSIDE = (
    "the program itself recorded nothing: it is no Python program, or its Python has no lineproof, or was "
    "started without it (-I, -E, -S)"
)

_ONLY_WHAT_IT_STARTED = (
    "the program is none that records itself; Python programs that it started are runs inside this one"
)


class Launched(msgspec.Struct, frozen=True, kw_only=True):
    """A program that was run.

    Attributes:
        run: UUID of its run; None when it was not recorded.
        exit_code: What a shell would return for it.
        report: What intake must know to end the run; None when it was not recorded.
        problem: Why it was not recorded, or not all of it, in words.
    """

    run: str | None
    exit_code: int
    report: LaunchReport | None = None
    problem: str | None = None


def launch(
    command: Sequence[str],
    *,
    folder: Path,
    name: str | None = None,
    namespace: str | None = None,
    purpose: str | None = None,
    deep: bool = False,
) -> Launched:
    """Run a program and record it.

    Standard streams are passed on, and so are signals. When this returns the spools of the run lie in
    the folder; taking them in, together with the report, is left to the caller.

    Args:
        command: The program and its arguments.
        folder: The folder `.lineproof`.
        name: Name of the job; by default the script's path relative to the folder's parent.
        namespace: Namespace of the job.
        purpose: What the run is for, in words.
        deep: Also see files that are opened below Python.

    Raises:
        CommandError: The program cannot be started, or nothing here sees below Python.
    """
    # 1. Open a spool of our own; where that cannot be, the program runs unrecorded.
    # 2. Start the program, with what it needs to record itself in its environment.
    # 3. While it starts, find out about code and machine; pass signals on until it ends.
    # 4. Write how it ended for a program that could not write that itself.
    # 5. Add the files that only a look from outside shows.
    folder = folder.absolute()
    executable = _executable(command[0])
    run = RecordedRun(
        folder=str(folder),
        name=name or entry_of(command, str(folder.parent)).point,
        launcher=os.getpid(),
        namespace=namespace or DEFAULT_NAMESPACE,
    )
    watch = watch_for(folder / SPOOL / f"{run.run}.opens") if deep and not disabled() else None
    writer, problem = (None, None) if disabled() else _spool(run.process(owner=False))
    with _Signals() as signals:
        if writer is None:
            status = signals.wait(_start(executable, command, os.environ))
            return Launched(run=None, exit_code=_exit_code(status), problem=problem)
        program = run.process(owner=True, pid=_start_watched(executable, command, _environment(run), watch))
        beside = _Beside(writer, program, command, purpose)
        beside.start()
        status = signals.wait(program.pid)
    beside.join()
    report = _report(run, status, beside.objects)
    if not any((folder / SPOOL).glob(f"{run.run}-{program.pid}-*.spool")):
        _stand_in(program, report, others=_others(writer.path, run))
    if watch is not None:
        _look_below(writer, watch, run, command)
    _finish(writer, beside.gaps, deep=None if watch is None else watch.name)
    return Launched(run=run.run, exit_code=_exit_code(status), report=report, problem=writer.problem)


def _spool(process: Process) -> tuple[SpoolWriter | None, str | None]:
    folder = process.run.folder
    try:
        return SpoolWriter(os.path.join(folder, SPOOL), process), None
    except OSError as error:
        return None, f"{folder} cannot be written to ({error.strerror})"


def _look_below(writer: SpoolWriter, watch: Watch, run: RecordedRun, command: Sequence[str]) -> None:
    """Write what was opened and no process of the run told of. Whatever fails costs this and no more."""
    script = entry_of(command, run.root).path
    own = set() if script is None else {script, os.path.realpath(script)}
    for fact in unseen_files(watch.opened(), root=run.root, folder=run.folder, run=run.run, own=own):
        writer.file(fact)


def _finish(
    writer: SpoolWriter,
    gaps: list[str],
    state: Literal["COMPLETE", "FAIL"] = "COMPLETE",
    deep: str | None = None,
) -> None:
    coverage = Coverage(gaps=gaps or UNSET, deep=deep or UNSET)
    facets = {"lineproof_coverage": msgspec.Raw(encoded(coverage))} if gaps or deep else {}
    writer.end(encoded(ProcessEnd(time=now(), state=state, run_facets=facets)))
    writer.close()


def _environment(run: RecordedRun) -> dict[str, str]:
    environ = dict(os.environ)
    there = environ.get("PYTHONPATH")
    others = [path for path in there.split(os.pathsep) if path != _SITE] if there else []
    environ["PYTHONPATH"] = os.pathsep.join([_SITE, *others])
    environ[LAUNCH] = run.as_json()
    return environ


def _executable(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise CommandError(f"{name} is no program that can be run", "check its name, or give its path")
    return found


def _start_watched(
    executable: str, command: Sequence[str], environ: dict[str, str], watch: Watch | None
) -> int:
    if watch is None:
        return _start(executable, command, environ)
    words = watch.command([executable, *command[1:]])
    # A program may look at the name it was called by: only what stands before it changes that.
    named = list(command) if words[0] == executable else words
    return _start(words[0], named, watch.variables(environ))


def _start(executable: str, command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Start the program with no signal blocked; give its process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        return os.posix_spawn(executable, list(command), dict(environ), setsigmask=[])
    except OSError as error:
        raise CommandError(
            f"{command[0]} cannot be started: {error.strerror}",
            "check that it is a program, or name its interpreter",
        ) from error


class _Signals:
    """Passes signals on to the program until it ends. While it does, none of them ends us."""

    def __enter__(self) -> Self:
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, {*_PASSED_ON, signal.SIGCHLD})
        return self

    def __exit__(self, *_: object) -> None:
        while signal.sigpending() & {*_PASSED_ON}:
            signal.sigwait(_PASSED_ON)  # came too late to be passed on
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def wait(self, child: int) -> int:
        """Wait for the program; give its wait status."""
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return status
            received = signal.sigwaitinfo({*_PASSED_ON, signal.SIGCHLD})
            # A key of the terminal reaches the program by itself: it is in the same group as we are.
            if received.si_signo != signal.SIGCHLD and received.si_pid:
                os.kill(child, received.si_signo)


class _Beside(threading.Thread):
    """Writes the first events of the run while the program starts.

    Attributes:
        objects: Contents that the events name by digest.
        gaps: What could not be found out.
    """

    def __init__(
        self, writer: SpoolWriter, program: Process, command: Sequence[str], purpose: str | None
    ) -> None:
        super().__init__(name="lineproof-beside")
        self.objects: list[bytes] = []
        self.gaps: list[str] = []
        self._writer = writer
        self._program = program
        self._command = command
        self._purpose = purpose

    def run(self) -> None:
        """Write START, then what takes longer. What goes wrong is a gap, not a message on the terminal."""
        try:
            self._record()
        except Exception as error:
            self.gaps.append(f"code and machine are not recorded: {type(error).__name__}")

    def _record(self) -> None:
        process = process_facet(self._program, self._command)
        if self._purpose is not None:
            process.purpose = self._purpose
        run_facets: dict[str, object] = {"lineproof_process": process}
        packages = _packages_of(self._command)
        if packages:
            run_facets["lineproof_environment"] = Environment(packages=packages)
        above = _run_above()
        if above is not None:
            run_facets["parent"] = above
        write_event(self._writer, self._program.run, "START", run_facets)
        self.objects = survey(self._writer, self._program.run, self._command)


def _run_above() -> Parent | None:
    """The run in which this command itself was started."""
    told = os.environ.get(LAUNCH)
    if told is None:
        return None
    try:
        above = RecordedRun.of_json(told)
    except (ValueError, TypeError):
        return None
    outer = above.above or {"run": above.run, "namespace": above.namespace, "name": above.name}
    job = ParentJob(namespace=outer["namespace"], name=outer["name"])
    return Parent(run=ParentRun(run_id=outer["run"]), job=job)


def _packages_of(command: Sequence[str]) -> dict[str, str]:
    """What is installed for the interpreter of the program, as far as its place tells."""
    prefix = Path(_executable(command[0])).absolute().parent.parent
    if prefix == Path(sys.executable).absolute().parent.parent:
        return packages_in(sys.path)
    return packages_in(map(str, prefix.glob("lib/python3*/site-packages")))


def _report(run: RecordedRun, status: int, objects: list[bytes]) -> LaunchReport:
    code = os.waitstatus_to_exitcode(status)
    return LaunchReport(
        run=run.run,
        ended=now(),
        exit_code=code if code >= 0 else None,
        signal=_signal_name(-code) if code < 0 else None,
        objects=objects,
    )


def _others(own: str, run: RecordedRun) -> bool:
    """Whether processes that the program started have recorded something."""
    return any(str(path) != own for path in (Path(run.folder) / SPOOL).glob(f"{run.run}-*.spool"))


def _stand_in(program: Process, report: LaunchReport, *, others: bool) -> None:
    """Write, for a program that recorded nothing itself, a spool that says how it ended."""
    writer, _ = _spool(program)
    if writer is None:
        return
    if report.signal is None:
        gap = _ONLY_WHAT_IT_STARTED if others else _NOT_FROM_INSIDE
        _finish(writer, [gap], "FAIL" if report.exit_code else "COMPLETE")
    else:  # what a signal ended did not end by itself: its record is incomplete
        writer.close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else _SIGNALLED - code
