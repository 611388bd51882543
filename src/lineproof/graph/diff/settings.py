"""How parameters and environment of two runs differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from lineproof.graph.diff.answer import Change, ParameterChange
from lineproof.graph.diff.side import Comparison, Side
from lineproof.graph.runs import facets_of

__all__ = ["environment_diff", "parameters_diff"]

# What changes results most often first.
_SECTIONS = ("packages", "python", "numerics", "seeds", "platform", "cpu", "variables", "locale", "ci")

_Settings = dict[str, tuple[Any, bool]]  # name -> effective value, whether the program set it


def parameters_diff(compared: Comparison) -> list[ParameterChange]:
    """Compare the command line, and settings of estimators, the n-th of a class with the n-th."""
    a, b = (_estimators(compared, side) for side in compared.sides)
    found = _command_lines(compared)
    for estimator in sorted({*a, *b}):
        if estimator in a and estimator in b:
            found += _between(estimator, a[estimator], b[estimator])
        else:
            found.append(_on_one_side(estimator, a.get(estimator), b.get(estimator)))
    return found


def environment_diff(compared: Comparison) -> list[Change]:
    """Compare packages, interpreter, numerics, seeds, platform, variables."""
    sides = [compared.facet(side, "lineproof_environment") for side in compared.sides]
    for side, known in zip(compared.sides, sides, strict=True):
        if known is None:
            compared.unknown.append(f"the environment of {side.about.ref}: none is recorded")
    if sides[0] is None or sides[1] is None:
        return []
    found: list[Change] = []
    for section in _SECTIONS:
        a, b = (None if side is None else side.get(section) for side in sides)
        if (a is None) != (b is None):
            compared.unknown.append(f"{section} of the environment: recorded of one run only")
        elif a is not None and b is not None:
            found += _changes({section: a}, {section: b})
    return found


def _command_lines(compared: Comparison) -> list[ParameterChange]:
    a, b = ((compared.facet(side, "lineproof_process") or {}).get("argv") for side in compared.sides)
    if a == b:
        return []
    if a is None or b is None:
        compared.unknown.append("the command line: recorded of one run only")
        return []
    return [ParameterChange(estimator=None, name="command line", a=a, b=b, given="both")]


def _estimators(compared: Comparison, side: Side) -> dict[str, _Settings]:
    """Give the settings of each estimator of a run and the runs inside it, in the order of their use."""
    known = facets_of(compared.facts, side.within, "lineproof_hyperparameters")
    times: Counter[str] = Counter()
    found: dict[str, _Settings] = {}
    for one in side.within:
        if one not in known:
            continue
        body = known[one]
        name = str(body.get("estimator") or "")
        times[name] += 1
        found[name if times[name] == 1 else f"{name}#{times[name]}"] = _settings(body)
    return found


def _settings(body: Mapping[str, Any]) -> _Settings:
    given, resolved = ({str(k): v for k, v in (body.get(key) or {}).items()} for key in ("given", "resolved"))
    settings: _Settings = {name: (value, name in given) for name, value in {**given, **resolved}.items()}
    if body.get("steps"):
        settings["steps"] = (body["steps"], True)
    for name, value in _flat({"splits": body.get("splits") or {}}).items():
        if not name.endswith(".site"):  # a line that moved is no other split
            settings[name] = (value, False)
    return settings


def _between(estimator: str, a: _Settings, b: _Settings) -> list[ParameterChange]:
    missing = (UNSET, False)
    return [
        ParameterChange(
            estimator=estimator or None,
            name=name,
            a=a.get(name, missing)[0],
            b=b.get(name, missing)[0],
            given=_given(a.get(name, missing)[1], b.get(name, missing)[1]),
        )
        for name in sorted({*a, *b})
        if a.get(name) != b.get(name)
    ]


def _on_one_side(estimator: str, a: _Settings | None, b: _Settings | None) -> ParameterChange:
    def told(side: _Settings | None) -> Any:
        return UNSET if side is None else {name: value for name, (value, given) in side.items() if given}

    return ParameterChange(
        estimator=estimator or None,
        name=None,
        a=told(a),
        b=told(b),
        given=_given(a is not None, b is not None),
    )


def _given(a: bool, b: bool) -> str:
    return "both" if a and b else "a" if a else "b" if b else "neither"


def _changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Change]:
    before, after = _flat(a), _flat(b)
    return [
        Change(name=name, a=before.get(name, UNSET), b=after.get(name, UNSET))
        for name in sorted({*before, *after})
        if before.get(name, UNSET) != after.get(name, UNSET)
    ]


def _flat(mapping: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Give nested names with dots between them."""
    found: dict[str, Any] = {}
    for name, value in mapping.items():
        path = f"{above}{name}"
        parts = _by_name(value) if isinstance(value, list) else value
        if isinstance(parts, Mapping):
            found |= _flat(parts, f"{path}.")
        else:
            found[path] = value
    return found


def _by_name(items: list[Any]) -> dict[str, Any] | None:
    """Give things that have names by them: libraries are listed in the order in which they were loaded."""
    if not items or not all(isinstance(one, Mapping) and "prefix" in one for one in items):
        return None
    times: Counter[str] = Counter()
    named: dict[str, Any] = {}
    for one in sorted(items, key=lambda one: sorted((name, str(value)) for name, value in one.items())):
        name = str(one["prefix"])
        times[name] += 1
        named[name if times[name] == 1 else f"{name}#{times[name]}"] = one
    return named
