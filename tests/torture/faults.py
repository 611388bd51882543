"""System calls made to fail one by one, in programs that do nothing but the work they are to do.

A dry run under strace names every call that touches the place under test; each is then made to fail in a run of
its own. A fault that fired nowhere, or somewhere else, fails the test: it proved nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

__all__ = ["CALLS", "FAULTS", "Fault", "Faults"]

CALLS = ("openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename")
FAULTS = ("error=EIO", "error=ENOSPC", "error=EINTR", "signal=KILL")
_LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")


class Fault(NamedTuple):
    """One call made to fail.

    Attributes:
        call: Name of the system call.
        number: Which of its calls, from 1.
        what: What happens instead, in strace's words.
    """

    call: str
    number: int
    what: str

    @property
    def passes(self) -> bool:
        """Whether a program is to notice nothing: an interrupted call is made again. Renaming is never interrupted."""
        return self.what == "error=EINTR" and self.call != "rename"

    @property
    def kills(self) -> bool:
        """Whether the program ends there and then."""
        return self.what == "signal=KILL"


class Faults:
    """Makes the calls of a program fail.

    Args:
        folder: Where its traces may lie.
        place: The path, or part of one, that tells calls under test from others.
    """

    def __init__(self, folder: Path, place: str) -> None:
        self._trace = folder / "trace"
        self._place = place
        self._strace = _strace()

    def calls(
        self, command: Sequence[str], call: str, *also: dict[str, object], **options: object
    ) -> list[int]:
        """Run a program without faults; give the numbers of its calls that touch the place.

        Each process and thread is counted apart, and a fault strikes in all of them: left out are numbers by
        which the program itself would be struck elsewhere too. Programs that wait for each other do not make
        the same calls each time: of several runs the numbers count that were there in all.
        """
        options_of_all = [options, *also]
        return sorted(set.intersection(*(self._calls(command, call, one) for one in options_of_all)))

    def _calls(self, command: Sequence[str], call: str, options: dict[str, object]) -> set[int]:
        done = self._run(command, f"--trace={call}", options)
        assert done.returncode == 0, done.stderr
        counted: Counter[str] = Counter()
        touching, elsewhere = set(), set()
        first = None
        for line in self._trace.read_text(errors="replace").splitlines():
            found = _LINE.match(line)
            if found is not None and found[2] == call:
                first = first or found[1]
                counted[found[1]] += 1
                if self._place in found[3]:
                    touching.add(counted[found[1]])
                elif found[1] == first:
                    elsewhere.add(counted[found[1]])
        return touching - elsewhere

    def run(
        self, command: Sequence[str], fault: Fault, **options: object
    ) -> subprocess.CompletedProcess[str] | None:
        """Run a program with a fault; None where it did not fire at the place."""
        inject = f"--inject={fault.call}:{fault.what}:when={fault.number}"
        done = self._run(command, f"--trace={fault.call}", options, inject)
        return done if any(self._place in line for line in self._fired(fault)) else None

    def _run(
        self, command: Sequence[str], traced: str, options: object, *inject: str
    ) -> subprocess.CompletedProcess[str]:
        assert isinstance(options, dict)
        environment = {**os.environ, "PYTHONHASHSEED": "0", **options.pop("env", {})}
        full = [self._strace, "-f", "-y", "-o", str(self._trace), traced, *inject, *command]
        return subprocess.run(
            full, capture_output=True, text=True, timeout=120, check=False, env=environment, **options
        )

    def _fired(self, fault: Fault) -> Iterator[str]:
        last: dict[str, str] = {}
        for line in self._trace.read_text(errors="replace").splitlines():
            thread = line.partition(" ")[0]
            if "(INJECTED)" in line:
                yield line
            elif fault.kills and "killed by SIGKILL" in line:
                yield last.get(thread, "")
            last[thread] = line

    def tail(self) -> str:
        """Give the last calls that were traced."""
        return self._trace.read_text(errors="replace")[-500:]


def _strace() -> str:
    found = shutil.which("strace")
    if found is None:
        message = "strace is not installed (Debian: apt-get install strace)"
        if os.environ.get("LINEPROOF_REQUIRE"):
            pytest.fail(message)
        pytest.skip(message)
    return found
