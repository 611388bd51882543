"""An explanation as text, in the order in which a person asks.

What was decided about me; by what; who answers for it; from what about me; where did that come from;
how was it made; what do you not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import UNSET
from rich.console import Group
from rich.text import Text

from lineproof.cli.plain import INDENT, section, worded
from lineproof.cli.text import console, counted, literal, moment, short
from lineproof.graph.checks import DriftRow
from lineproof.graph.explain.answer import (
    Code,
    DatasetUsed,
    DecisionMade,
    Explanation,
    Feature,
    ModelUsed,
    RunUsed,
    Who,
)
from lineproof.graph.origins import Origin
from lineproof.model.lineage import EdgeKind

__all__ = ["print_explanation"]

_CANDIDATES_SHOWN = 5
_MANY = 2  # features from which what they share is said once
_LOST = {"unknown": "source unknown", "circle": "in a circle: source unknown", "cut": "cut here"}


def print_explanation(answer: Explanation) -> None:
    """Print an explanation."""
    parts = [
        *_predicted(answer),
        *section("model", _model(answer.model)),
        *section("approval", _approvals(answer)),
        *section("decisions", _decisions(answer.decisions)),
        *section(f"features ({len(answer.features)})", _features(answer.features)),
        *section("where the data comes from", _datasets(answer.datasets)),
        *section("drift", _drift(answer.drift_checks)),
        *section("runs and code", _runs(answer)),
        *section("controls by then", _controls(answer)),
        *section("not known", answer.unknown or ["nothing: the record holds all that was asked for"]),
        Text(f"as of entry:{answer.as_of}", style="dim"),
    ]
    console().print(Group(*parts), soft_wrap=True)


# Pieces


def _by(who: Who) -> str:
    name = who.name or f"{who.principal} (name destroyed)"
    return f"{name} (only self-asserted)" if who.auth_method == "self_asserted" else name


# Parts


def _predicted(answer: Explanation) -> list[Any]:
    one = answer.prediction
    lines = [f"{name} = {worded(value)}" for name, value in (one.output or {}).items()]
    lines += [f"{each.name} = {worded(each.value)}  ({short(each.of)})" for each in answer.thresholds]
    if answer.post_processing is not None:
        lines.append(f"after the model: {worded(answer.post_processing)}")
    lines.append(f"made {moment(one.time)}, recorded {moment(one.recorded)} as entry:{one.entry}")
    return [Text(literal(one.ref), style="bold"), *section("outcome", lines)]


def _model(model: ModelUsed | None) -> list[str]:
    if model is None:
        return []
    lines = [f"{model.ref or f'{model.name}, never registered'}  {model.digest or ''}".rstrip()]
    if model.estimator:
        lines.append(model.estimator)
    lines += [
        f"in {one.env} then: {one.model}{'' if one.this_version else ', another version'}"
        f", since {moment(one.since)}, {one.mechanism}, by {_by(one.by)}, entry:{one.entry}"
        for one in model.deployments
    ]
    if model.systems:
        lines.append(f"part of {', '.join(model.systems)}")
    for one in model.training_data:
        rows = "" if one.rows is None else f", {counted(one.rows, 'row')}"
        lines.append(f"fitted on {one.ref}  {one.content}{rows}")
    return lines


def _approvals(answer: Explanation) -> list[str]:
    return [
        f"{one.outcome} {moment(one.time)}{'' if one.before_prediction else ', after the prediction'}"
        f" by {_by(one.by)}, entry:{one.entry}" + (f": {one.reason}" if one.reason else "")
        for one in answer.approvals
    ]


def _decisions(decisions: Iterable[DecisionMade]) -> list[str]:
    lines = []
    for one in decisions:
        made_by = f"by {one.made_by}" + (f" at {one.site}" if one.site else "")
        lines.append(f"{one.kind}, in {one.during}, {made_by}, entry:{one.entry}")
        lines.append(f"{INDENT}chosen: {worded(one.chosen)}")
        others = [each for each in one.candidates if each != one.chosen]
        lines += [f"{INDENT}passed over: {worded(each)}" for each in others[:_CANDIDATES_SHOWN]]
        if len(others) > _CANDIDATES_SHOWN:
            lines.append(f"{INDENT}and {len(others) - _CANDIDATES_SHOWN} more")
        if one.reason:
            lines.append(f"{INDENT}because: {one.reason}")
    return lines


def _features(features: Sequence[Feature]) -> list[str]:
    """List features with the raw columns of their values; what holds for all of them is said once."""
    common = _common_influences([one.origins for one in features])
    guides = _common_influences([one.trained_on for one in features if one.used]) - common
    lines = []
    for one in features:
        unused = "  (not used by the model)" if one.used is False else ""
        tags = f"  {', '.join(one.tags)}" if one.tags else ""
        lines.append(f"{one.name}{_shown(one)}{tags}{unused}")
        lines += [f"{INDENT}{line}" for line in _comes_from(one, common)]
    for refs, what in ((common, "which rows there are"), (guides, "what was learnt")):
        if refs:
            lines.append(f"{what} was decided, for all of them, by")
            lines += [f"{INDENT}{ref}" for ref in sorted(refs)]
    return lines


def _shown(feature: Feature) -> str:
    if feature.withheld:
        return f"  withheld: {feature.withheld}"
    return "  value not kept" if feature.value is UNSET else f" = {worded(feature.value)}"


def _comes_from(feature: Feature, common: set[str]) -> list[str]:
    """Tell where a value came from, and what the model learnt from where that is something else."""
    direct, learnt = (_direct(origins) for origins in (feature.origins, feature.trained_on))
    lines = [f"from {line}" for line in direct]
    if not feature.origins:
        known = feature.used is False or feature.trained_on
        lines.append("from columns that are not known" if known else "from no recorded column")
    if _direct_columns(feature.trained_on) != _direct_columns(feature.origins):
        lines += [f"learnt from {line}" for line in learnt]
    lines += [f"and {one} more columns" for one in (feature.origins_more,) if one]
    own = {one.ref for one in feature.origins if one.kind == EdgeKind.INDIRECT} - common
    return lines + [f"rows decided by {ref}" for ref in sorted(own)]


def _direct_columns(origins: Iterable[Origin]) -> set[str]:
    return {one.plain for one in origins if one.kind == EdgeKind.DIRECT}


def _direct(origins: Iterable[Origin]) -> list[str]:
    lines = []
    for one in origins:
        if one.kind == EdgeKind.DIRECT:
            words = [] if one.precision == "exact" else [one.precision]
            words += [one.how] if one.how not in {"observed", "static"} else []
            words += [_LOST[one.sources]] if one.sources else []
            words += [f"tagged {', '.join(one.tags)}"] if one.tags else []
            lines.append(one.ref + (f"  {', '.join(words)}" if words else ""))
    return lines


def _common_influences(features: Sequence[Sequence[Origin]]) -> set[str]:
    """Give the columns that every feature depends on, and some only for which rows there are."""
    if len(features) < _MANY:
        return set()
    every = set.intersection(*({one.ref for one in origins} for origins in features))
    return every & {one.ref for origins in features for one in origins if one.kind == EdgeKind.INDIRECT}


def _drift(checks: Iterable[DriftRow]) -> list[str]:
    return [
        f"{one.current} from {one.reference}: {', '.join(one.columns[:5]) or 'nothing'} drifted, "
        f"{moment(one.time)}, entry:{one.entry}"
        for one in checks
    ]


def _datasets(datasets: Iterable[DatasetUsed]) -> list[str]:
    lines = []
    for one in datasets:
        rows = "" if one.rows is None else f", {counted(one.rows, 'row')}"
        use = "training and prediction" if one.during == "both" else one.during
        made = f", written by {one.written_by}" if one.written_by else ""
        made += f", which entry:{one.deidentified} approves as de-identification" if one.deidentified else ""
        lines.append(f"{one.ref}  {one.content}{rows}, for {use}{made}")
        if one.source is not None:
            stated = ", ".join(f"{name}: {worded(value)}" for name, value in one.source.items())
            entries = ", ".join(f"entry:{number}" for number in one.source_entries)
            lines.append(f"{INDENT}stated: {stated}  ({entries})")
    return lines


def _runs(answer: Explanation) -> list[str]:
    lines = []
    for title in ("training", "prediction"):
        run: RunUsed | None = getattr(answer.run, title)
        code: Code | None = getattr(answer.code, title)
        if run is None:
            continue
        purpose = f", for {run.purpose}" if run.purpose else ""
        lines.append(
            f"{title}: {run.ref}  {run.job.removeprefix('job:')}, {run.state}, {moment(run.start)}"
            f", by {_by(run.by)}{purpose}"
        )
        if code is not None:
            lines.append(f"{INDENT}{_code(code)}")
        if run.metrics:
            figures = ", ".join(f"{name} {worded(value)}" for name, value in run.metrics.items())
            lines.append(f"{INDENT}measured: {figures}")
    return lines


def _code(code: Code) -> str:
    commit = f"commit {code.commit[:12]}" if code.commit else "no commit"
    dirty = {True: " with changes", False: "", None: ""}[code.dirty]
    kept = f", changes kept as {code.patch_digest}" if code.patch_digest else ""
    entry = f"{code.entry_point or 'no entry point'}  {code.entry_digest or ''}".rstrip()
    return f"{entry}, {commit}{dirty}{kept}"


def _controls(answer: Explanation) -> list[str]:
    return [
        f"{one.result}  {one.control}  {one.framework} {one.clause}, {one.subject}, "
        f"{moment(one.evaluated_at)}, entry:{one.entry}" + (f": {one.reason}" if one.reason else "")
        for one in answer.controls
    ]
