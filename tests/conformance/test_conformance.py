"""Column lineage, case by case and library by library: nothing is missed, and what is wider says so.

The cases come from the shared vectors, from `tests/capture/patches/cases*.yaml`, and from the files of this
folder, which `oracle.py` has checked: each source column was perturbed, and whatever changed is expected.
All run in one process, as one program would. `make conformance` runs those of this folder that are left
out here for their number, and prints the whole table.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("scoring", HERE / "scoring.py")
scoring = sys.modules["scoring"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(scoring)

# In one process: all cases are run at once.
pytestmark = pytest.mark.xdist_group("conformance")

EXACT = 0.85  # least share of exact cases
SHARED = ("duckdb_sql", "pandas", "polars", "sklearn")
PATCHES = sorted((HERE.parent / "capture" / "patches").glob("cases*.yaml"))
HELD_OUT = sorted((HERE / "cases").glob("*.yaml"))
EVERY = 1 if os.environ.get("LINEPROOF_CONFORMANCE") == "all" else 6  # the others take half a minute
PARTS = [f"shared {name}" for name in SHARED] + [f"own {path.stem}" for path in (*PATCHES, *HELD_OUT)]


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> dict[str, list]:
    """All cases, run at once, by where they are from; those of the vectors if they are there."""
    parts = {f"own {path.stem}": scoring.load(path) for path in PATCHES}
    parts |= {f"own {path.stem}": scoring.load(path)[::EVERY] for path in HELD_OUT}
    with contextlib.suppress(pytest.skip.Exception):
        folder = request.getfixturevalue("vectors") / "columns"
        parts |= {f"shared {name}": scoring.load(folder / f"{name}.yaml") for name in SHARED}
    for part, cases in parts.items():
        for case in cases:
            case["id"] = f"{part} {case['id']}"
    found = {
        each.case["id"]: each for each in scoring.scored([case for cases in parts.values() for case in cases])
    }
    return {part: [found[case["id"]] for case in cases] for part, cases in parts.items()}


@pytest.mark.parametrize("part", PARTS)
def test_no_source_column_is_missed_and_most_answers_are_exact(request, results, part):
    found = results[part] if part in results else request.getfixturevalue("vectors")  # which skips
    print(f"\n{scoring.table(found, part.partition(' ')[0])}")
    print("\n".join(scoring.complaints(found, ("superset", "unknown"))))
    assert not scoring.complaints(found, ("missed", "claimed"))
    assert sum(each.kind == "exact" for each in found) >= EXACT * len(found)


def test_our_own_cases_are_all_known(results):
    own = [each for part, found in results.items() if part.startswith("own") for each in found]
    assert not scoring.complaints(own, ("unknown",))


def test_every_library_of_the_shared_cases_is_observed(vectors):
    assert {path.stem for path in (vectors / "columns").glob("*.yaml")} == set(SHARED)
