"""What the controls of the catalogue come to for the systems that the model belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lineproof.controls import Check, Outcome, Result
from lineproof.reports.document import Block, Cell, Section, Table, Tone
from lineproof.reports.dossier.material import Material
from lineproof.reports.dossier.parts import cell, cells, code, prose, table

__all__ = ["controls", "counted_results"]

_MOST_ITEMS = 300  # rows; the caption says how many there are
_LINKED = 20  # entries named beside one result
_TONES = {
    Outcome.PASS: Tone.GOOD,
    Outcome.FAIL: Tone.BAD,
    Outcome.WAIVED: Tone.BAD,
    Outcome.UNKNOWN: Tone.OPEN,
    Outcome.MANUAL: Tone.OPEN,
}
_ORDER = (
    Outcome.FAIL,
    Outcome.WAIVED,
    Outcome.UNKNOWN,
    Outcome.MANUAL,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
)


def controls(about: Material) -> Section:
    """Tell the result of each control, worst first, and what it was judged by."""
    check = about.check
    results = sorted(check.results, key=lambda one: (_ORDER.index(one.result), one.framework, one.control))
    words = (
        f"Judged from the record up to entry {check.as_of}, for the end of {check.at[:10]}, by catalogue "
        f"{check.catalogue}: {counted_results(check)}. Unknown never counts as a pass; manual means that a person "
        "must judge."
    )
    blocks: list[Block] = [prose(words)]
    head = ("control", "clause", "result", "why", "what to do")
    rows = (_row(one) for one in results)
    blocks.append(table("control-results", "Controls, worst result first", head, rows))
    blocks += _items(results)
    return Section("controls", "Controls", tuple(blocks))


def counted_results(check: Check) -> str:
    """Give how many results there are of each kind, in words."""
    counts = [(outcome, sum(one.result is outcome for one in check.results)) for outcome in _ORDER]
    return ", ".join(f"{count} {_words(outcome)}" for outcome, count in counts if count) or "no results"


def _words(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")


def _row(one: Result) -> tuple[Cell, ...]:
    passed = one.result in {Outcome.PASS, Outcome.NOT_APPLICABLE}
    return cells(
        cell(f"{one.control} ({one.severity}; {one.subject}): {one.title}"),
        one.clause,
        _result(one.result, one.evidence),
        _why(one),
        "" if passed else one.remedy,
    )


def _result(outcome: Outcome, evidence: tuple[int, ...]) -> Cell:
    more = f", {len(evidence)} entries of evidence" if len(evidence) > _LINKED else ""
    return Cell(f"{_words(outcome)}{more}", tuple(sorted(evidence))[:_LINKED], _TONES.get(outcome))


def _why(one: Result) -> str:
    notes = [one.reason[:1].upper() + one.reason[1:]]
    if one.defaults:
        defaults = ", ".join(f"{name} {_plain(value)}" for name, value in one.defaults.items())
        notes.append(f"House defaults, set by no text: {defaults}")
    if one.applies_from:
        notes.append(f"A duty from {one.applies_from} on")
    if one.left_out:
        notes.append(f"Not judged here: {one.left_out}")
    return " ".join(f"{note.rstrip('.')}." for note in notes)


def _plain(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _items(results: list[Result]) -> Iterator[Table]:
    """Tell what made the results that are no pass."""
    open_ = [one for one in results if one.result not in {Outcome.PASS, Outcome.NOT_APPLICABLE}]
    found = [(one, item) for one in open_ for item in one.items if item.result is not Outcome.PASS]
    if not found:
        return
    rows = (
        cells(
            one.control, code(item.ref), _result(item.result, item.evidence), item.reason, item.remedy or ""
        )
        for one, item in found[:_MOST_ITEMS]
    )
    total = sum(one.items_total - sum(item.result is Outcome.PASS for item in one.items) for one in open_)
    head = ("control", "about", "result", "why", "what to do")
    yield table("control-items", "What made those results", head, rows, total=max(total, len(found)))
