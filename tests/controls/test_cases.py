"""Each control passes, fails, does not apply and cannot be known, on a real ledger that says so."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from lineproof.controls import catalogue
from lineproof.controls.rules import RULES


def _load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cases = _load("cases")
world = _load("world")
NEEDED = {"pass", "fail", "not_applicable", "unknown"}
# What is always there cannot be out of scope.
WITHOUT = {"GDPR-5-2": {"not_applicable"}}


def test_every_control_has_its_rule_and_its_cases():
    controls = {control.id for control in catalogue().controls}
    assert controls == set(RULES) == set(cases.CASES)
    for control, found in cases.CASES.items():
        assert NEEDED - WITHOUT.get(control, set()) <= set(found), control


@pytest.mark.parametrize(
    ("control", "expected"),
    [(control, outcome) for control, found in cases.CASES.items() for outcome in found],
)
def test_a_control_comes_to_what_the_record_shows(tmp_path, store, control, expected):
    made = cases.CASES[control][expected](world.World(tmp_path, store))
    moment = cases.MOMENTS.get((control, expected))
    (result,) = [one for one in made.ledger.check(at=moment).results if one.control == control]
    assert result.result == expected, result.reason
    assert result.reason
    assert result.remedy
    if expected in ("fail", "pass") and result.subject != "ledger":
        assert result.items_total == len(result.items) > 0
