"""How the model was made: the run, its parameters, figures, decisions and surroundings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from lineproof.graph.facts import batches
from lineproof.graph.resolve import Found
from lineproof.graph.show.entry import DecisionDetail, show_decision
from lineproof.graph.show.run import InnerRun, RunDetail
from lineproof.graph.states import descendants
from lineproof.model.identity import node_id
from lineproof.model.references import Kind
from lineproof.reports.document import Block, Cell, Section, Tone
from lineproof.reports.dossier.material import Material
from lineproof.reports.dossier.parts import cell, cells, code, fact, listed, moment, prose, table, value
from lineproof.store.schema import metric

__all__ = ["decisions", "environment", "metrics", "parameters"]

_MOST_ROWS = 500  # of a table; the caption says how many there are
_NO_TRAINING = "No training of this model is recorded."


def parameters(about: Material) -> Section:
    """Tell the run that made the model, and the settings of what it fitted."""
    run = about.training
    if run is None:
        return _nothing("parameters", "Training and parameters")
    rows = [row for inner in run.inner for row in _settings(about, inner)]
    blocks: list[Block] = [_run(about, run)]
    if rows:
        head = ("parameter", "value", "set by", "estimator", "run")
        caption = "Parameters of everything that was fitted"
        blocks.append(table("parameter-values", caption, head, rows[:_MOST_ROWS], total=len(rows)))
    else:
        blocks.append(prose("No parameters are recorded.", tone=Tone.OPEN))
    return Section("parameters", "Training and parameters", tuple(blocks))


def _run(about: Material, run: RunDetail) -> Block:
    process, written = run.process or {}, run.code or {}
    argv = process.get("argv")
    return listed(
        fact("Run", code(run.ref, *run.entries[:1])),
        fact("Job", code(run.log.job)),
        fact("Recorded by", cell(about.who(run.log.principal), *about.who(run.log.principal).entries)),
        fact("State", cell(run.log.state, *run.entries[-1:])),
        fact("Started", cell(moment(run.log.start))),
        fact("Ended", cell(moment(run.log.end))),
        fact("Command", code(" ".join(map(str, argv)) if isinstance(argv, list) else "not recorded")),
        fact("Commit", code(written.get("commit") or "not recorded")),
        fact("Uncommitted changes", _dirty(written)),
        fact("Script", code(_script(written))),
    )


def _dirty(written: Mapping[str, Any]) -> Cell:
    if written.get("dirty") is None:
        return cell("not recorded", tone=Tone.OPEN)
    patch = written.get("patch_digest")
    return cell(f"yes, kept as {patch}" if patch else "yes") if written["dirty"] else cell("no")


def _script(written: Mapping[str, Any]) -> str:
    parts = [written.get("entry_point"), written.get("entry_digest")]
    return " ".join(part for part in parts if isinstance(part, str)) or "not recorded"


def _settings(about: Material, inner: InnerRun) -> Iterator[tuple[Cell, ...]]:
    given, resolved = inner.given or {}, inner.resolved or {}
    entries = about.facet_entries(node_id("run", inner.run.removeprefix("run:")), "lineproof_hyperparameters")
    for name in sorted({*given, *resolved}, key=lambda name: (name not in given, name)):
        yield cells(
            cell(name, *entries[:1]),
            _setting(given.get(name, resolved.get(name))),
            "the program" if name in given else "default",
            inner.estimator or "not recorded",
            code(inner.run),
        )


def _setting(recorded: Any) -> Cell:
    return cell("None") if recorded is None else value(recorded)  # None is a value that settings often have


def metrics(about: Material) -> Section:
    """Tell the figures that were measured in the run."""
    run = about.training
    if run is None:
        return _nothing("metrics", "Metrics")
    found: list[Any] = []
    within = descendants(about.facts, [node_id("run", run.ref.removeprefix("run:"))])
    for piece in batches(within):
        found += about.connection.execute(
            select(metric).where(metric.c.run.in_(piece), about.seen.known(metric))
        )
    found.sort(key=lambda row: (row.entry, row.ordinal))
    names = about.facts.runs({row.run for row in found})
    rows = (
        cells(
            cell(row.name, row.entry),
            row.text if row.value is None else repr(row.value),
            "" if row.step is None else row.step,
            code(names[row.run].ref) if row.run in names else "",
        )
        for row in found[:_MOST_ROWS]
    )
    if not found:
        return Section("metrics", "Metrics", (prose("No metrics are recorded.", tone=Tone.OPEN),))
    head = ("metric", "value", "step", "measured in")
    figures = table("metric-values", "Figures in the order they were measured", head, rows, total=len(found))
    return Section("metrics", "Metrics", (figures,))


def decisions(about: Material) -> Section:
    """Tell what was chosen in the run, among which candidates."""
    run = about.training
    if run is None:
        return _nothing("decisions", "Decisions")
    if not run.decisions:
        return Section("decisions", "Decisions", (prose("No decisions are recorded.", tone=Tone.OPEN),))
    blocks: list[Block] = []
    for place, reference in enumerate(run.decisions[:_MOST_ROWS], start=1):
        name = reference.removeprefix("decision:")
        found = Found(kind=Kind.DECISION, ref=reference, id=0, name=name)
        blocks += _decision(place, show_decision(about.facts, found))
    return Section("decisions", "Decisions", tuple(blocks))


def _decision(place: int, made: DecisionDetail) -> Iterator[Block]:
    yield listed(
        fact("Decision", cell(made.decision.replace("_", " "), made.entry)),
        fact("Chosen", value(made.chosen)),
        fact("Reason", cell(made.reason or "not stated", tone=None if made.reason else Tone.OPEN)),
        fact("Made by", cell(f"{made.made_by}, {made.site}" if made.site else made.made_by)),
        fact("Time", cell(moment(made.time))),
    )
    if made.candidates:
        rows = [
            cells(str(number), value(candidate), "chosen" if _same(candidate, made.chosen) else "")
            for number, candidate in enumerate(made.candidates, start=1)
        ]
        caption = f"Candidates of decision {place}"
        head = ("candidate", "settings and scores", "outcome")
        yield table(f"candidates-{place}", caption, head, rows[:_MOST_ROWS], total=len(rows))


def _same(candidate: Any, chosen: Any) -> bool:
    if isinstance(candidate, dict) and isinstance(chosen, dict):
        return chosen.items() <= candidate.items() or candidate.get("params") == chosen
    return bool(candidate == chosen)


def environment(about: Material) -> Section:
    """Tell what the code ran in."""
    run = about.training
    if run is None or not run.environment:
        return _nothing("environment", "Environment", run)
    entries = about.facet_entries(node_id("run", run.ref.removeprefix("run:")), "lineproof_environment")
    packages = run.environment.get("packages")
    facts = [
        fact(name.replace("_", " ").capitalize(), value(_inline(said), *entries[:1]))
        for name, said in run.environment.items()
        if name != "packages" and said
    ]
    blocks: list[Block] = [listed(*facts)]
    if isinstance(packages, dict) and packages:
        rows = [cells(name, str(version)) for name, version in sorted(packages.items())]
        caption, head = "Installed packages", ("package", "version")
        blocks.append(table("packages", caption, head, rows[:_MOST_ROWS], total=len(rows)))
    return Section("environment", "Environment", tuple(blocks))


def _inline(said: Any) -> Any:
    if isinstance(said, dict):
        return "; ".join(f"{name}: {one}" for name, one in said.items())
    return said


def _nothing(name: str, title: str, run: RunDetail | None = None) -> Section:
    words = _NO_TRAINING if run is None else "Nothing is recorded of it."
    return Section(name, title, (prose(words, tone=Tone.OPEN),))
