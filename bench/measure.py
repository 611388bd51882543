"""Measuring whole processes in interleaved pairs, and stating how sure a figure is."""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
from collections.abc import Callable, Sequence


def cpu_s(command: Sequence[str], **options: object) -> float:
    """Run a command to its end; give its user and system CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def interval(values: Sequence[float], statistic: Callable[[Sequence[float]], float] = statistics.median):
    """Give a statistic with its 95 % bootstrap interval: (low, value, high)."""
    chance = random.Random(1)
    draws = sorted(statistic(chance.choices(values, k=len(values))) for _ in range(2000))
    return draws[50], statistic(values), draws[1949]


def show(label: str, values: Sequence[float], unit: str, limit: str = "", scale: float = 1.0) -> None:
    """Print one figure with its interval and its limit."""
    low, middle, high = (value * scale for value in interval(values))
    text = f"  {label:<58} {middle:9.3f} {unit:<6} [{low:.3f}, {high:.3f}]"
    print(f"{text}  limit {limit}" if limit else text, flush=True)


def environment(**extra: str) -> dict[str, str]:
    """Give the environment for a measured process: ours without settings of lineproof.

    Bytecode is kept, as it is wherever a package is installed: compiling anew is no part of any work.
    """
    left_out = ("LINEPROOF_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, **extra}
