"""A truth for cases that nobody wrote down: perturb one source column at a time and see what changes.

    python tests/conformance/oracle.py CASES.yaml [PART OF AN ID ...]

runs the cases of a file (expectations not needed) through lineproof and, without it, once for each way to
change a source column. An output column that changed must name that column; a decimal number changed by a
millionth that shows in the output, or a text whose mark arrives there, must be named as direct. What is
reported but never mattered is listed as well: it is wider than need be, or the data did not show it.
"""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import io
import math
import os
import random
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

MARK = "\u00a4"
Columns = dict[str, list[str]]


class Truth(NamedTuple):
    """What mattered to each output column, and what of it certainly flowed in."""

    matters: dict[str, set[str]]
    flows: dict[str, set[str]]


def look(case: dict[str, Any], folder: Path) -> Truth:
    """Find out what each output column of a case depends on. Columns that differ by themselves are left out.

    Raises:
        Exception: The case does not run on its own data.
    """
    base = execute(case, case["fixtures"], folder)
    again = execute(case, case["fixtures"], folder)
    steady = [name for name in base if again.get(name) == base[name]]
    truth = Truth({name: set() for name in steady}, {name: set() for name in steady})
    for source, values, fixtures in _changed(case["fixtures"], case["library"] == "duckdb"):
        try:
            got = execute(case, fixtures, folder)
        except Exception:  # noqa: BLE001 -- whatever a case may raise
            continue  # the program cannot do with such data: nothing is learned
        for name in steady:
            if name in got and got[name] != base[name]:
                truth.matters[name].add(source)
                if values is not None and (_kind(values) == "decimal" or any(MARK in v for v in got[name])):
                    truth.flows[name].add(source)
    return truth


def execute(case: dict[str, Any], fixtures: dict[str, str], folder: Path) -> Columns:
    """Run a case on some data; give the values of `out` by column, as text."""
    for name, text in fixtures.items():
        (folder / name).write_text(text, encoding="utf-8")
    variables: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(case["setup"] + case["code"], "case", "exec"), variables)
    return _columns(variables["out"], ordered=case["library"] != "duckdb")


def _columns(out: Any, *, ordered: bool) -> Columns:
    if hasattr(out, "collect_schema") and hasattr(out, "collect"):
        out = out.collect()
    if type(out).__module__.startswith("polars"):
        return {name: [_text(value) for value in out[name].to_list()] for name in out.columns}
    import pandas as pd

    frame = out if isinstance(out, pd.DataFrame) else pd.DataFrame(out)
    found = {
        str(name): [_text(value) for value in frame.iloc[:, at].tolist()]
        for at, name in enumerate(frame.columns)
    }
    return found if ordered else {name: sorted(values) for name, values in found.items()}


def _text(value: Any) -> str:
    if isinstance(value, float):
        return "nan" if math.isnan(value) else format(value, ".13g")
    return "nan" if value is None or str(value) in ("NaT", "<NA>") else repr(value)


Change = tuple[str, list[str] | None, dict[str, str]]


def _changed(fixtures: dict[str, str], few: bool) -> Iterator[Change]:
    """Give data with one column changed, with its name, and its values if the change was a gentle one."""
    for file, text in fixtures.items():
        header, *rows = csv.reader(io.StringIO(text))
        for at, column in enumerate(header):
            values = [row[at] for row in rows]
            ways = list(_ways(values, random.Random(7)))[:: 2 if few else 1]
            for new, gentle in [*((way, False) for way in ways), (_gently(values), True)]:
                changed = [[*row[:at], value, *row[at + 1 :]] for row, value in zip(rows, new, strict=True)]
                written = io.StringIO()
                csv.writer(written, lineterminator="\n").writerows([header, *changed])
                name = f"{file.rpartition('.')[0]}.{column}"
                yield name, values if gentle else None, {**fixtures, file: written.getvalue()}


def _kind(values: list[str]) -> str:
    seen = [value for value in values if value]
    for kind, pattern in (("whole", r"-?\d+"), ("decimal", r"-?\d*\.?\d+"), ("date", r"\d{4}-\d\d-\d\d.*")):
        if all(re.fullmatch(pattern, value) for value in seen):
            return kind
    return "text"


def _ways(values: list[str], chance: random.Random) -> Iterator[list[str]]:
    kind, full = _kind(values), [value for value in values if value]
    yield values[::-1]
    yield values[1:] + values[:1]
    for _ in range(3):
        yield chance.sample(values, len(values))
    for _ in range(2):
        yield [chance.choice(values) for _ in values]
    yield [values[0]] * len(values)
    if kind == "decimal":
        yield [value and repr(float(value) * 1.37 + 1.5) for value in values]
        yield [value and repr(-float(value)) for value in values]
        yield [value if at % 2 else "" for at, value in enumerate(values)]
        yield [value or full[at % len(full)] for at, value in enumerate(values)]
        yield [value if at != 1 else repr(float(full[0]) + 1000.5) for at, value in enumerate(values)]
    elif kind == "whole":
        yield [value and str(int(value) + 1) for value in values]
        yield [value and str(int(value) * 3 + 1) for value in values]
    elif kind == "text":
        yield [value if at % 3 else full[0] for at, value in enumerate(values)]
        yield [value if at % 3 else full[-1] for at, value in enumerate(values)]
        yield [f"zz {value}" if at % 2 else value for at, value in enumerate(values)]


def _gently(values: list[str]) -> list[str]:
    """Change values so that groups, order and most tests stay what they were: what changes then, flowed."""
    kind = _kind(values)
    if kind == "decimal":
        return [value and repr(float(value) * (1 + 1e-6)) for value in values]
    return [value and value + MARK for value in values] if kind == "text" else values


def differences(truth: Truth, answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Compare what mattered with what lineproof said; give the score and what is wrong, column by column."""
    for name, matters in truth.matters.items():
        found = answer["columns"].get(name)
        if found is None:
            yield "missed", f"{name} is not reported"
            continue
        direct, indirect = set(found["direct"]), set(found["indirect"])
        lost = matters - direct - indirect
        flown = truth.flows[name] - direct - lost
        wide = (direct | indirect) - matters
        if lost or flown:
            score = "unknown" if found["precision"] == "unknown" else "missed"
            yield score, f"{name} is without {sorted(lost)}" + f", not direct {sorted(flown)}" * bool(flown)
        elif wide:
            yield "wider", f"{name} has {sorted(wide)} ({found['precision']})"


def main(path: str, *chosen: str) -> None:
    warnings.simplefilter("ignore")
    spec = importlib.util.spec_from_file_location("scoring", Path(__file__).with_name("scoring.py"))
    scoring = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scoring)
    cases = [
        case for case in scoring.load(Path(path)) if not chosen or any(part in case["id"] for part in chosen)
    ]
    answers = scoring.reported(cases)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for case in cases:
            answer = answers.get(case["id"], {"error": "it was not run"})
            try:
                found = [("broken", answer["error"])] if "error" in answer else None
                found = found or list(differences(look(case, Path(folder)), answer))
            except Exception as error:  # noqa: BLE001 -- whatever a case may raise
                found = [("broken", f"{type(error).__name__}: {error}")]
            if found:
                print(
                    f"{case['id']}\n{case['code']}",
                    *(f"  {score}: {text}" for score, text in found),
                    sep="\n",
                )


if __name__ == "__main__":
    main(*sys.argv[1:])
