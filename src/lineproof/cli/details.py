"""Details of one thing as text: a heading, a table of facts, sections with lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.console import Group
from rich.text import Text

from lineproof.cli.log import coverage_in_words
from lineproof.cli.text import console, literal, moment, short, table
from lineproof.graph import Edge
from lineproof.graph.checks import DriftRow
from lineproof.graph.runs import MetricValue, RunRow
from lineproof.graph.show import (
    ColumnDetail,
    DatasetDetail,
    DecisionDetail,
    Detail,
    EntryDetail,
    JobDetail,
    PredictionDetail,
    PrincipalDetail,
    RunDetail,
)
from lineproof.graph.show.run import Deidentification, InnerRun, Use
from lineproof.graph.tagged import ColumnTag

__all__ = ["print_detail"]

_MODULES_SHOWN = 10
_PACKAGES_SHOWN = 8
_VALUE_SHOWN = 100  # characters


def print_detail(detail: Detail, *, coverage: bool = False) -> None:
    """Print what `lineproof show` found.

    Args:
        detail: What was found.
        coverage: Of a run only what the record holds of it and what not.
    """
    if coverage and isinstance(detail, RunDetail):
        parts = [_heading(detail.ref, detail.log.job), *_coverage(detail.coverage)]
    else:
        parts = _PARTS[type(detail)](detail)
    console().print(Group(*parts), soft_wrap=True)


# Pieces


def _heading(ref: str, *said: object) -> Text:
    line = Text(literal(ref), style="bold")
    for one in said:
        if one is not None:
            line.append(f"  {short(one)}", style="not bold")
    return line


def _facts(facts: Mapping[str, object]) -> Text:
    """Lay out name and value; what is None is left out."""
    given = {name: literal(value) for name, value in facts.items() if value is not None and value != ""}
    width = max(map(len, given), default=0) + 2
    lines = (Text.assemble("  ", (name.ljust(width), "dim"), value) for name, value in given.items())
    return Text("\n").join(lines)


def _section(title: str, lines: Iterable[str]) -> list[Any]:
    found = [Text(f"    {line}") for line in lines]
    return [Text(f"  {title}", style="bold cyan"), *found] if found else []


def _value(value: object) -> str:
    """Give a value on part of a line; --json gives the whole of it."""
    if isinstance(value, dict) and "class" in value:
        return literal(f"{str(value['class']).rpartition('.')[2]}(...)")
    text = literal(f"{value:.6g}" if isinstance(value, float) else value)
    return text if len(text) <= _VALUE_SHOWN else f"{text[:_VALUE_SHOWN]}..."


def _pairs(mapping: Mapping[str, Any] | None) -> list[str]:
    return [f"{literal(name)} = {_value(value)}" for name, value in (mapping or {}).items()]


# Kinds


def _run(detail: RunDetail) -> list[Any]:
    row = detail.log
    process = detail.process or {}
    facts = {
        "state": row.state,
        "job": row.job,
        "start": moment(row.start),
        "end": moment(row.end),
        "exit": process.get("signal") or process.get("exit_code"),
        "command": " ".join(process.get("argv") or ()),
        "purpose": process.get("purpose"),
        "principal": row.principal,
        "inside": detail.parent,
        "coverage": coverage_in_words(detail.coverage),
        "error": (detail.error or {}).get("message"),
    }
    return [
        _heading(detail.ref, row.state),
        _facts(facts),
        *_section("code", _code(detail.code)),
        *_section("environment", _environment(detail.environment)),
        *_section("inputs", _uses(detail.inputs)),
        *_section("outputs", _uses(detail.outputs)),
        *_section("runs inside", _inner(detail.inner)),
        *_section("metrics", _metrics(detail.metrics)),
        *_section("decisions", detail.decisions),
        *_section("de-identification", [_approved(one) for one in detail.deidentification]),
        *_section("entries", [", ".join(str(one) for one in detail.entries)] if detail.entries else []),
    ]


def _approved(one: Deidentification) -> str:
    why = ", ".join(literal(text) for text in (one.method, one.reason) if text)
    who = literal(one.by or "somebody whose name is destroyed")
    return f"{one.outcome} by {who}, entry:{one.entry}" + (f": {why}" if why else "")


def _code(code: Mapping[str, Any] | None) -> list[str]:
    if code is None:
        return []
    commit = code.get("commit")
    where = [
        str(commit)[:12] if commit else "no commit",
        code.get("branch"),
        "with changes" if code.get("dirty") else None,
    ]
    lines = [f"{literal(code.get('entry_point', '?'))}  {short(code.get('entry_digest', ''))}".rstrip()]
    lines.append("git " + ", ".join(literal(one) for one in where if one))
    if code.get("patch_digest"):
        lines.append(f"changes kept as {short(code['patch_digest'])}")
    modules = [literal(one.get("path")) for one in code.get("modules") or ()]
    if modules:
        more = f" and {len(modules) - _MODULES_SHOWN} more" if len(modules) > _MODULES_SHOWN else ""
        lines.append("modules " + ", ".join(modules[:_MODULES_SHOWN]) + more)
    if code.get("modules_left_out"):
        lines.append(f"{literal(code['modules_left_out'])} more modules, too many or too large to keep")
    lines += [f"missing: {literal(one)}" for one in code.get("missing") or ()]
    for cell in code.get("cells") or ():
        first = str(cell.get("source", "")).strip().partition("\n")[0]
        said = f"failed: {cell['error']}" if "error" in cell else first
        lines.append(f"In[{literal(cell.get('execution_count'))}]  {_value(said)}")
    return lines


def _environment(environment: Mapping[str, Any] | None) -> list[str]:
    if environment is None:
        return []
    python, platform = environment.get("python") or {}, environment.get("platform") or {}
    lines = [
        f"Python {literal(python.get('version', '?'))} on {literal(' '.join(platform.values()))}".rstrip(),
    ]
    packages = environment.get("packages") or {}
    named = [f"{literal(name)} {literal(version)}" for name, version in sorted(packages.items())]
    if named:
        more = f" and {len(named) - _PACKAGES_SHOWN} more" if len(named) > _PACKAGES_SHOWN else ""
        lines.append(", ".join(named[:_PACKAGES_SHOWN]) + more)
    told = (key for key in ("cpu", "numerics", "seeds") if environment.get(key))
    return lines + [f"{key}: {_plain(environment[key])}" for key in told]


def _plain(facts: Mapping[str, Any]) -> str:
    """Give what a line can hold: values that are no tables, and of tables their name and version."""
    words = []
    for name, value in facts.items():
        if not isinstance(value, dict):
            words.append(f"{literal(name)} {short(_value(value))}")
        elif "name" in value:
            words.append(
                f"{literal(name)} {literal(value['name'])} {literal(value.get('version', ''))}".rstrip()
            )
    return ", ".join(words)


def _uses(uses: Iterable[Use]) -> list[str]:
    return [f"{literal(use.ref)}  {short(use.content)}" for use in uses]


def _inner(inner: Iterable[InnerRun]) -> list[str]:
    lines = []
    for one in inner:
        lines.append(f"{short(one.run)}  {literal(one.job.removeprefix('job:'))}  {one.state}")
        if one.estimator:
            given = ", ".join(f"{literal(name)}={_value(value)}" for name, value in (one.given or {}).items())
            lines.append(f"  {literal(one.estimator)}({given})")
        if one.splits:
            lines.append("  " + ", ".join(_pairs(one.splits)))
    return lines


def _metrics(metrics: Iterable[MetricValue]) -> list[str]:
    return [
        f"{literal(one.name)} = {_value(one.text if one.value is None else one.value)}"
        + (f"  step {one.step}" if one.step is not None else "")
        for one in metrics
    ]


def _coverage(coverage: Mapping[str, Any] | None) -> list[Any]:
    if coverage is None:
        return [Text("  not known before the run has ended")]
    parts: list[Any] = [
        _facts({name: value for name, value in coverage.items() if not isinstance(value, (list, dict))})
    ]
    for name, value in coverage.items():
        if isinstance(value, dict):
            parts += _section(name, _pairs(value))
        elif isinstance(value, list):
            parts += _section(name, [_placed(one) for one in value])
    return parts


def _placed(one: object) -> str:
    """Give what happened somewhere a number of times as a line."""
    if not isinstance(one, dict):
        return _value(one)
    names = [literal(one[key]) for key in ("operation", "hook", "error") if key in one]
    where = f" at {literal(one['site'])}" if one.get("site") else ""
    rest = {
        key: value for key, value in one.items() if key not in ("operation", "hook", "error", "site", "times")
    }
    more = "".join(f", {literal(key)} {_value(value)}" for key, value in rest.items())
    return f"{' '.join(names)}{where}, {literal(one.get('times', 1))} times{more}"


def _dataset(detail: DatasetDetail) -> list[Any]:
    facts = {
        "content": detail.content,
        "type": detail.type,
        "first recorded": f"entry:{detail.entry}  {moment(detail.time)}",
        "also": ", ".join(detail.also),
    }
    columns = [
        f"{literal(one.name)}  {literal(one.type or '')}  {_tags(detail.tags.get(one.name, ()))}".rstrip()
        for one in detail.columns
    ]
    title = "features" if detail.type == "MODEL" else "columns"
    versions = [
        f"{one.version}  {short(one.content)}  entry:{one.entry}  {moment(one.time)}"
        for one in detail.versions
    ]
    parts = [_heading(detail.ref), _facts(facts), *_section(f"{title} ({len(columns)})", columns)]
    parts += _section("written by", detail.written_by) + _section("read by", detail.read_by)
    parts += _section("checked for drift", [_drift(one) for one in detail.drift_checks])
    for name, body in detail.facets.items():
        parts += _section(name, _pairs(body))
    return parts + (_section("versions", versions) if len(versions) > 1 else [])


def _tags(tags: Iterable[ColumnTag]) -> str:
    """Give tags in words, those of one state together: `PII, EMAIL (found)`."""
    states: dict[str, list[str]] = {}
    for one in tags:
        states.setdefault(one.state, []).append(one.tag)
    return "; ".join(f"{literal(', '.join(words))} ({state})" for state, words in states.items())


def _tag(one: ColumnTag) -> str:
    """Give one tag as a line, with who says so."""
    entry = "" if one.entry is None else f"  entry:{one.entry}"
    sources = f"  from {literal(', '.join(one.sources))}" if one.sources else ""
    return f"{literal(one.tag)}  {one.state}{entry}{sources}"


def _drift(check: DriftRow) -> str:
    moved = ", ".join(check.columns[:5]) or ("schema" if check.drifted else "nothing")
    sides = f"{check.current} from {check.reference}"
    return f"entry:{check.entry}  {moment(check.time)}  {literal(sides)}: {literal(moved)}"


def _column(detail: ColumnDetail) -> list[Any]:
    facts = {"in": detail.dataset, "type": detail.type, "position": detail.position}
    return [
        _heading(detail.ref),
        _facts(facts),
        *_section("comes from", _edges(detail.sources, lambda edge: edge.source)),
        *_section("goes into", _edges(detail.targets, lambda edge: edge.target)),
        *_section("tags", [_tag(one) for one in detail.tags]),
    ]


def _edges(edges: Iterable[Edge], end: Callable[[Edge], str]) -> list[str]:
    return [
        f"{literal(end(edge))}  {edge.kind}, {edge.precision}, {edge.how}, {literal(edge.rule)}"
        for edge in edges
    ]


def _job(detail: JobDetail) -> list[Any]:
    rows = table("RUN", "STATE", "START", "OUTPUTS")
    for row in detail.runs:
        rows.add_row(short(row.run), row.state, moment(row.start), _outputs(row))
    parts: list[Any] = [_heading(detail.ref)]
    for name, body in detail.facets.items():
        parts += _section(name, _pairs(body))
    return [*parts, rows]


def _outputs(row: RunRow) -> str:
    return "\n".join(short(ref) for ref in row.outputs) or "-"


def _prediction(detail: PredictionDetail) -> list[Any]:
    facts = {
        "model": detail.model,
        "run": detail.run,
        "time": moment(detail.time),
        "entry": f"entry:{detail.entry}",
        "segment": detail.segment,
        "post-processing": detail.post_processing,
    }
    parts = [_heading(detail.ref), _facts(facts), *_section("output", _pairs(detail.output))]
    return parts + _section("input", _pairs(detail.input))


def _entry(detail: EntryDetail) -> list[Any]:
    state = None if detail.state == "readable" else str(detail.state)
    if detail.state == "shredded":
        by, reason = detail.destroyed_by or "an unknown entry", detail.reason or "no reason given"
        state = f"shredded: destroyed by {by}: {reason}"
    elif state is None and detail.subject_ref is not None:
        state = f"encrypted for person {detail.subject_ref}"
    lines = [] if detail.payload is None else _json_lines(detail.payload)
    return [
        _heading(detail.ref, detail.leaf.get("type")),
        _facts({**detail.leaf, "payload": state, "withheld": ", ".join(detail.withheld)}),
        *_section("payload", lines),
    ]


def _decision(detail: DecisionDetail) -> list[Any]:
    facts = {
        "run": detail.run,
        "made by": detail.made_by,
        "at": detail.site,
        "time": moment(detail.time),
        "reason": detail.reason,
        "entry": f"entry:{detail.entry}",
    }
    return [
        _heading(detail.ref, detail.decision),
        _facts(facts),
        *_section("chosen", _json_lines(detail.chosen)),
        *_section("candidates", [_compact(one) for one in detail.candidates]),
    ]


def _principal(detail: PrincipalDetail) -> list[Any]:
    facts = {
        "name": detail.name,
        "kind": detail.principal_kind,
        "identity": detail.auth_method,
        "entry": f"entry:{detail.entry}",
    }
    return [_heading(detail.ref), _facts(facts)]


def _json_lines(document: Any) -> list[str]:
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    return [literal(line) for line in text.splitlines()]


def _compact(document: Any) -> str:
    import msgspec

    return literal(msgspec.json.encode(document).decode())


_PARTS: dict[type, Callable[[Any], list[Any]]] = {
    RunDetail: _run,
    DatasetDetail: _dataset,
    ColumnDetail: _column,
    JobDetail: _job,
    PredictionDetail: _prediction,
    EntryDetail: _entry,
    DecisionDetail: _decision,
    PrincipalDetail: _principal,
}
