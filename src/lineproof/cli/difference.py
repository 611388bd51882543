"""The difference between two runs as text, most telling first.

First the effect, which is what made somebody ask: metrics. Then the causes, those first that explain most
and show least by themselves: data, which changes without anybody editing anything; code; features, what
the two made of each other; then parameters, which are visible in the code; and last the environment, which
differs often and matters seldom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from msgspec import UNSET
from rich.console import Group
from rich.text import Text

from lineproof.cli.plain import INDENT, section, worded
from lineproof.cli.text import console, counted, literal, short
from lineproof.graph.diff.answer import (
    Change,
    CodeDiff,
    ColumnsDiff,
    DataChange,
    Diff,
    FeatureChange,
    MetricChange,
    ParameterChange,
)

__all__ = ["print_difference"]

_LINES_SHOWN = 40
_ABSENT = "not there"


def print_difference(answer: Diff) -> None:
    """Print what differs."""
    parts = [
        Text(f"a  {short(answer.a)}\nb  {short(answer.b)}", style="bold"),
        *(Text(short(note), style="yellow") for note in answer.notes),
        *section("metrics", (_metric(one) for one in answer.metrics)),
        *section("data", _data(answer.data)),
        *section("code", _code(answer.code)),
        *section("features", _features(answer.features)),
        *section("parameters", _parameters(answer.parameters)),
        *section("environment", (_change(one) for one in answer.environment)),
        *([Text("no difference recorded")] if answer.same else []),
        *section("not known", answer.unknown),
        Text(f"as of entry:{answer.as_of}", style="dim"),
    ]
    console().print(Group(*parts), soft_wrap=True)


def _side(one: object) -> str:
    return _ABSENT if one is UNSET else worded(one)


def _change(one: Change | ParameterChange) -> str:
    return f"{one.name}: {_side(one.a)} -> {_side(one.b)}"


def _metric(one: MetricChange) -> str:
    line = f"{one.name}: {_side(one.a)} -> {_side(one.b)}"
    if one.delta:
        line += f"  ({one.delta:+.6g})"
    return f"{line}  (earlier figures differ too)" if one.earlier else line


def _data(data: Iterable[DataChange]) -> list[str]:
    lines = []
    for one in data:
        name = one.dataset if one.role == "input" else f"{one.role}: {one.dataset}"
        lines.append(f"{name}  {one.change}")
        contents = [content for content in (one.a_content, one.b_content) if content is not None]
        lines.append(INDENT + " -> ".join(dict.fromkeys(contents)))
        if one.rows.a != one.rows.b:
            lines.append(f"{INDENT}rows: {_rows(one.rows.a)} -> {_rows(one.rows.b)}")
        elif one.rows.a is not UNSET and one.change == "changed":
            lines.append(f"{INDENT}rows: {worded(one.rows.a)} in both")
        lines += [f"{INDENT}{line}" for line in _columns(one.columns)]
    return lines


def _rows(one: object) -> str:
    return "not recorded" if one is UNSET else worded(one)


def _columns(columns: ColumnsDiff | None) -> list[str]:
    if columns is None:
        return []
    named = {
        "columns added": columns.added,
        "columns removed": columns.removed,
        "types changed": [_change(one) for one in columns.type_changed],
        "values changed in": columns.content_changed or [],
    }
    return [f"{what}: {', '.join(names)}" for what, names in named.items() if names]


def _code(code: CodeDiff | None) -> list[str]:
    if code is None:
        return []
    lines = [_change(one) for one in code.changes]
    lines += [f"{name}  uncommitted changes differ" for name in code.files]
    if code.script is not None:
        script = code.script
        added, removed = counted(script.added, "line"), counted(script.removed, "line")
        lines.append(f"{script.name}: {added} added, {removed} removed")
        lines += [f"{INDENT}{line}" for line in script.lines[:_LINES_SHOWN]]
        if len(script.lines) > _LINES_SHOWN or script.cut:
            lines.append(f"{INDENT}... --json gives more of them")
    return lines


def _features(features: Iterable[FeatureChange]) -> list[str]:
    lines = []
    by_owner: dict[str, list[FeatureChange]] = defaultdict(list)
    for one in features:
        by_owner[one.of].append(one)
    for of, changed in by_owner.items():
        lines.append(of)
        for one in changed:
            what = "comes from other columns" if one.change == "origins" else one.change
            lines.append(f"{INDENT}{one.name}  {what}")
            lines += [f"{INDENT * 2}- {ref}" for ref in one.origins_removed]
            lines += [f"{INDENT * 2}+ {ref}" for ref in one.origins_added]
    return lines


def _parameters(parameters: Iterable[ParameterChange]) -> list[str]:
    lines = []
    by_owner: dict[str | None, list[ParameterChange]] = defaultdict(list)
    for one in parameters:
        by_owner[one.estimator].append(one)
    for estimator, changed in by_owner.items():
        indent = "" if estimator is None else INDENT
        lines += [] if estimator is None else [literal(estimator)]
        for one in changed:
            if one.name is None:
                only = "in b only" if one.a is UNSET else "in a only"
                lines.append(f"{indent}{only}: {_side(one.b if one.a is UNSET else one.a) or 'defaults'}")
            else:
                by = f"  (set in {one.given} only)" if one.given in {"a", "b"} else ""
                lines.append(f"{indent}{_change(one)}{by}")
    return lines
