"""Column-lineage cases: how they are read, run through lineproof, and scored as the vectors' README says.

A case is exact, a superset (reported more than it should, and said so), claimed (reported more, and said it
was exact), unknown (said that it does not know) or missed.

The files of this folder are written short: `column: direct | indirect ? either ~ may`, each a list of source
columns, with the table left out where only one table of the file has a column of that name.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

__all__ = ["ORDER", "Scored", "complaints", "load", "reported", "scored", "table"]

HERE = Path(__file__).parent
ORDER = ("missed", "claimed", "unknown", "superset", "exact")
Lists = dict[str, list[str]]
_MARKS = {"|": "indirect", "?": "either", "~": "may"}


class Scored(NamedTuple):
    """One case and what became of it."""

    case: dict[str, Any]
    kind: str
    notes: list[str]


def load(path: Path) -> list[dict[str, Any]]:
    """Give the cases of a file, each whole: with its library, fixtures, setup and lists."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    fixtures = document["fixtures"]
    qualified = _qualified(fixtures)
    found = []
    for number, case in enumerate(document["cases"], 1):
        expect = {
            name: _lists(want, qualified) if isinstance(want, str) else want
            for name, want in case.get("expect", {}).items()
        }
        found.append(
            {
                "library": document.get("library", path.stem.removeprefix("cases_")),
                "kind": case.get("title", ""),
                "setup": document.get("setup", ""),
                "sources": [name.rpartition(".")[0] for name in fixtures],
                **case,
                "id": f"{path.stem} {case.get('id', case.get('kind', ''))} {number}",
                "fixtures": fixtures,
                "expect": expect,
            }
        )
    return found


def _qualified(fixtures: dict[str, str]) -> dict[str, str]:
    """Give the whole name of each column that only one table has."""
    owners: dict[str, list[str]] = {}
    for file, text in fixtures.items():
        for column in text.partition("\n")[0].split(","):
            owners.setdefault(column, []).append(f"{file.rpartition('.')[0]}.{column}")
    return {column: names[0] for column, names in owners.items() if len(names) == 1}


def _lists(text: str, qualified: dict[str, str]) -> Lists:
    found: Lists = {"direct": [], "indirect": [], "either": [], "may": []}
    current = "direct"
    for word in text.split():
        if word in _MARKS:
            current = _MARKS[word]
        elif word != "-":
            found[current].append(qualified.get(word, word))
    return found


def reported(cases: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Run cases as a user's program would, all in one process of their own; give what `origins` says."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.json"
        file.write_text(json.dumps(list(cases)), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-W", "ignore", str(HERE / "run.py"), str(file)],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"id"')]
    return {line["id"]: line for line in lines}


def score(expected: Lists, found: dict[str, Any] | None) -> tuple[str, str]:
    """Score one output column."""
    if found is None:
        return "missed", "nothing is reported"
    lists = {name: set(expected.get(name) or ()) for name in ("direct", "indirect", "either", "may")}
    direct, indirect = set(found["direct"]), set(found["indirect"])
    must = lists["direct"] | lists["indirect"] | lists["either"]
    missed = (must - direct - indirect) | (lists["direct"] & (indirect - direct))
    if missed:
        return ("unknown" if found["precision"] == "unknown" else "missed"), f"without {sorted(missed)}"
    over = (direct | indirect) - must - lists["may"] | (direct & lists["indirect"])
    if over:
        return ("claimed" if found["precision"] == "exact" else "superset"), f"also {sorted(over)}"
    return "exact", ""


def scored(cases: list[dict[str, Any]]) -> list[Scored]:
    """Give each case with its score and what is wrong with its columns."""
    answers = reported(cases)
    found = []
    for case in cases:
        answer = answers.get(case["id"], {"error": "it was not run"})
        own = answer.get("columns", {})
        scores = {str(name): score(want, own.get(str(name))) for name, want in case["expect"].items()}
        worst = min((kind for kind, _ in scores.values()), key=ORDER.index, default="missed")
        if worst in ("superset", "claimed") and case.get("tolerance") == "superset":
            worst = "exact"
        notes = [f"{name}: {kind} {text}" for name, (kind, text) in scores.items() if text]
        found.append(Scored(case, worst, [answer["error"]] if "error" in answer else notes))
    return found


def table(found: list[Scored], part: str) -> str:
    """Give the counts by library and, for cases that have one, kind of operation.

    Args:
        part: What the cases are, for those without a kind.
    """
    rows: dict[tuple[str, str], Counter[str]] = {}
    for each in sorted(found, key=lambda each: str(each.case["library"])):
        kind = each.case["kind"] if "title" not in each.case else part
        rows.setdefault((each.case["library"], kind), Counter())[each.kind] += 1
    lines = [f"{'library':14}{'kind':18}" + "".join(f"{name:>10}" for name in reversed(ORDER))]
    for (library, kind), counts in rows.items():
        lines.append(f"{library:14}{kind:18}" + "".join(f"{counts[name]:10}" for name in reversed(ORDER)))
    return "\n".join(lines)


def complaints(found: list[Scored], kinds: tuple[str, ...]) -> list[str]:
    """List the cases of some scores with what is wrong."""
    return [
        f"{each.case['id']}: {each.kind} {each.notes}\n{each.case['code']}"
        for each in found
        if each.kind in kinds
    ]
