"""Taking in everything that lies in the spool folder, exactly once, whatever is killed when.

Why once: the ledger ignores an entry whose id it has, how far a spool has been taken is written in
the same transaction as its entries, and a file goes only after the commit that made it superfluous.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lineproof.errors import NewerSpoolError, SpoolError
from lineproof.intake.account import ProcessAccount, RunAccount
from lineproof.intake.closing import close_late_process, close_run
from lineproof.intake.modules import keep_modules
from lineproof.intake.recorder import Recorder
from lineproof.intake.report import IntakeReport
from lineproof.intake.spool import (
    BEGUN_SUFFIX,
    SPOOL_SUFFIX,
    SpoolLine,
    clear_away,
    exit_status,
    is_alive,
    lines,
    side_of,
    start_of,
)
from lineproof.model.spool import LaunchReport, ProcessStart
from lineproof.store import Ledger
from lineproof.store.database.lock import intake_turn

__all__ = ["Progress", "take_in"]

Progress = Callable[[int, int], None]  # bytes taken in, bytes there were to take

_WORKERS_GRACE_S = 1.0  # how long the workers of a run that has just ended may take to end too
_NO_SPOOL = "see that .lineproof/spool can be written to and that its disk is not full, then run it again"
_START_GRACE_S = 60.0  # how long a launched program may take to begin to record


class _Spool(msgspec.Struct):
    path: Path
    start: ProcessStart
    alive: bool


def take_in(
    ledger: Ledger, reports: Iterable[LaunchReport] | None = None, progress: Progress | None = None
) -> IntakeReport:
    """Take in all spools of a ledger, in order of the start of their runs.

    Damage in one spool does not keep the others from being taken; it is among the report's problems.
    Several processes may do this at once: they take turns.

    Args:
        ledger: Where to record.
        reports: What parents of `lineproof run` know about children that have ended.
        progress: Called after each commit.

    Raises:
        StoreError: The ledger cannot be written, or another process has its turn and was stopped. What was committed stays, the rest stays in the spool.
    """
    # 1. One at a time.
    # 2. Keep the objects that parents hand over: the entries that cite them come next.
    # 3. Sort the spools by run; those that cannot be understood are left alone.
    # 4. Take each run; end it when its owner has ended; only then remove its files.
    told = {report.run: report for report in reports or ()}
    folder = ledger.folder / "spool"
    outcome = IntakeReport()
    if not told and not any(folder.glob(f"*{SPOOL_SUFFIX}")):
        return outcome
    with intake_turn(ledger.folder):
        for report in told.values():
            for content in report.objects:
                ledger.objects.put(content)
        sweep = _Sweep(Recorder(ledger, outcome, _byte_counter(folder, progress)), told, outcome)
        found = sweep.runs(folder)
        for spools in found:
            sweep.take_run(spools)
        for run in told.keys() - {spools[0].start.run for spools in found}:
            outcome.problems.append(
                SpoolError(f"run {run} left no spool: nothing of it is recorded", _NO_SPOOL)
            )
    return outcome


def _byte_counter(folder: Path, progress: Progress | None) -> Callable[[int], None]:
    if progress is None:
        return lambda _: None
    total = sum(path.stat().st_size for path in folder.glob(f"*{SPOOL_SUFFIX}"))
    taken = 0

    def count(more: int) -> None:
        nonlocal taken
        taken += more
        progress(taken, max(taken, total))

    return count


class _Sweep:
    """One passage through the spool folder."""

    def __init__(self, recorder: Recorder, told: dict[str, LaunchReport], outcome: IntakeReport) -> None:
        self.recorder = recorder
        self.told = told
        self.outcome = outcome

    def runs(self, folder: Path) -> list[list[_Spool]]:
        """Give the spools that can be read, those of one run together, in order of start."""
        _clear_beginnings(folder)
        found: dict[str, list[_Spool]] = {}
        for path in sorted(folder.glob(f"*{SPOOL_SUFFIX}")):
            spool = self._opened(path)
            if spool is not None:
                found.setdefault(spool.start.run, []).append(spool)
        for spools in found.values():
            spools.sort(key=lambda spool: (spool.start.started, spool.path.name))
        return sorted(found.values(), key=lambda spools: spools[0].start.started)

    def _opened(self, path: Path) -> _Spool | None:
        alive = is_alive(path)
        try:
            start = start_of(path)
        except NewerSpoolError as error:
            self.outcome.problems.append(error)
            return None
        except SpoolError as error:
            if not alive:
                clear_away(path, 0)
            self.outcome.problems.append(error)
            return None
        if start is None and not alive:
            clear_away(path, 0)
        return None if start is None else _Spool(path, start, alive)

    def take_run(self, spools: list[_Spool]) -> None:
        """Take what the processes of one run have written, and end the run if it has ended."""
        run = spools[0].start.run
        closed = self.recorder.has(spools[0].start.end_id)
        if not closed and not self._has_ended(run, spools):
            for spool in spools:
                self._take_part(spool)
            return
        if not closed:
            _wait_for_workers(spools)
        account = RunAccount(run)
        ended = [spool for spool in spools if not spool.alive or (run in self.told and spool.start.owner)]
        for spool in spools:
            if spool in ended:
                self._take_whole(spool, account)
            else:
                self._take_part(spool)
        if not account.processes:
            return
        keep_modules(account, self.recorder.keep)
        if closed:
            self._close_late(ended, account)
        else:
            composed = close_run(account, self.told.get(run), alive=len(spools) - len(ended))
            self.recorder.finish([spool.path.name for spool in ended], composed)
            self.outcome.runs.append(run)
        for spool in ended:
            problem = self.recorder.take_people(side_of(spool.path, spool.start))
            if problem is not None:
                self.outcome.problems.append(problem)
            clear_away(spool.path, self.recorder.taken(spool.path.name).position.offset)
            self.outcome.spools += 1

    def _has_ended(self, run: str, spools: list[_Spool]) -> bool:
        if run in self.told:
            return True
        if any(spool.start.owner for spool in spools):
            return not any(spool.alive for spool in spools if spool.start.owner)
        # The program was launched and nothing of it is here: it may be about to begin.
        youngest = max(spool.path.stat().st_mtime for spool in spools)
        return not any(spool.alive for spool in spools) and time.time() - youngest > _START_GRACE_S

    def _take_part(self, spool: _Spool) -> None:
        self.outcome.alive += spool.alive
        taken = self.recorder.taken(spool.path.name)
        try:
            self.recorder.take(spool.path.name, lines(spool.path, taken.position))
        except SpoolError as error:
            self.outcome.problems.append(error)

    def _take_whole(self, spool: _Spool, account: RunAccount) -> None:
        """Read a spool that does not grow any more from its beginning; record what is not yet recorded."""
        modified = datetime.fromtimestamp(spool.path.stat().st_mtime, UTC)
        process = ProcessAccount(spool.path.name, spool.start, modified.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        process.exit_code = exit_status(spool.path)
        account.processes.append(process)
        taken = self.recorder.taken(spool.path.name).position

        def untaken() -> Iterator[SpoolLine]:
            for line in lines(spool.path):
                account.add(process, line.record)
                if line.position.offset > taken.offset:
                    yield line
                elif line.position.offset == taken.offset and line.position.chain != taken.chain:
                    raise SpoolError(f"{spool.path.name} is not the file that was taken in part before")

        try:
            self.recorder.take(spool.path.name, untaken())
        except SpoolError as error:
            process.gap = f"its spool is damaged, and what it says from there on is not recorded ({error})"
            self.outcome.problems.append(error)

    def _close_late(self, ended: list[_Spool], account: RunAccount) -> None:
        """Record what processes leave that outlived their run; those of an earlier try are recorded."""
        for spool, process in zip(ended, account.processes, strict=True):
            if not self.recorder.taken(spool.path.name).ended:
                self.recorder.finish([spool.path.name], close_late_process(account, process))


def _wait_for_workers(spools: list[_Spool]) -> None:
    """Give worker processes the moment they need to notice that their parent has gone."""
    deadline = time.monotonic() + _WORKERS_GRACE_S
    for spool in spools:
        while spool.alive and not spool.start.owner and time.monotonic() < deadline:
            time.sleep(0.02)
            spool.alive = is_alive(spool.path)


def _clear_beginnings(folder: Path) -> None:
    """Remove spools that never got their first line: their writer was killed while making them."""
    for path in folder.glob(f"*{BEGUN_SUFFIX}"):
        if not is_alive(path) and time.time() - path.stat().st_mtime > _START_GRACE_S:
            path.unlink()
