"""The shared column-lineage cases, library by library, scored as their README says.

A case is exact, a superset (reported more than it should, and said so), unknown (said that it does not
know) or missed. Nothing may be missed, and nothing may claim to be exact that is not.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

RUNNER = Path(__file__).with_name("run_cases.py")
OWN = sorted(Path(__file__).parent.glob("cases*.yaml"))
LIBRARIES = dict.fromkeys(("duckdb_sql", "pandas", "polars", "sklearn"), 0.85)  # least share of exact cases
_ORDER = ("missed", "claimed", "unknown", "superset", "exact")


def reported(path: Path) -> dict[str, dict]:
    """Run all cases of a file in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(RUNNER), str(path)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"id"')]
    return {line["id"]: line["columns"] for line in lines}


def score(expected: dict, found: dict | None) -> tuple[str, str]:
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


def scored(path: Path) -> list[tuple[dict, str, list[str]]]:
    """Give each case with its score and what is wrong with its columns."""
    cases = yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]
    columns = reported(path)
    found = []
    for case in cases:
        own = columns.get(case["id"], {})
        scores = {name: score(want, own.get(str(name))) for name, want in case["expect"].items()}
        worst = min((each for each, _ in scores.values()), key=_ORDER.index)
        if worst in ("superset", "claimed") and case.get("tolerance") == "superset":
            worst = "exact"
        found.append(
            (case, worst, [f"{name}: {kind} {text}" for name, (kind, text) in scores.items() if text])
        )
    return found


def report(title: str, found: list[tuple[dict, str, list[str]]]) -> Counter:
    """Print one line of the table; give the counts."""
    counts = Counter(kind for _, kind, _ in found)
    print(f"\n{title:12} " + "  ".join(f"{kind} {counts[kind]:3}" for kind in reversed(_ORDER)))
    return counts


def complaints(found: list[tuple[dict, str, list[str]]], kinds: tuple[str, ...]) -> list[str]:
    return [f"{case['id']} {case['title']}: {kind} {notes}" for case, kind, notes in found if kind in kinds]


@pytest.mark.parametrize("library", LIBRARIES)
def test_no_source_column_of_the_shared_cases_is_missed(vectors, library):
    found = scored(vectors / "columns" / f"{library}.yaml")
    counts = report(library, found)
    print("\n".join(complaints(found, ("superset", "unknown"))))
    assert not complaints(found, ("missed", "claimed"))
    assert counts["exact"] >= LIBRARIES[library] * len(found)


@pytest.mark.parametrize("cases", OWN, ids=lambda path: path.stem)
def test_no_source_column_of_our_own_cases_is_missed(cases):
    found = scored(cases)
    counts = report(cases.stem, found)
    assert not complaints(found, ("missed", "claimed", "unknown"))
    assert counts["exact"] >= 0.85 * len(found)


def test_every_library_of_the_shared_cases_is_observed(vectors):
    assert {path.stem for path in (vectors / "columns").glob("*.yaml")} == set(LIBRARIES)
