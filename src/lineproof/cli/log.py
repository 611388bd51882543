"""`lineproof log`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lineproof.cli.options import AsOf, At, Json, Limit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineproof.graph import RunRow

__all__ = ["coverage_in_words", "log", "print_runs"]


def log(
    limit: Limit = None,
    inner: Annotated[
        bool, typer.Option("--all", help="Also runs inside runs: fits, searches, predictions.")
    ] = False,
    as_of: AsOf = None,
    at: At = None,
    json: Json = False,
) -> None:
    """List the recorded runs, newest first."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import write_json

    rows = open_for_reading().log(limit=limit, inner=inner, as_of=as_of, at=at)
    if json:
        for row in rows:
            write_json(row)
        return
    print_runs(rows)


def print_runs(rows: Iterable[RunRow]) -> None:
    """Print runs as a table."""
    from lineproof.cli.text import console, moment, short, table

    shown = table("RUN", "JOB", "STATE", "START", "INPUTS", "OUTPUTS", "METRICS", "COVERAGE")
    for row in rows:
        shown.add_row(
            short(row.run),
            short(row.job.removeprefix("job:").removeprefix("default::")),
            row.state,
            moment(row.start),
            _names(row.inputs),
            _names(row.outputs),
            "\n".join(f"{short(name)} {_figure(value)}" for name, value in row.metrics.items()) or "-",
            coverage_in_words(row.coverage),
        )
    if shown.row_count:
        console().print(shown)
    else:
        console(stderr=True).print("no runs recorded yet; `lineproof run -- python SCRIPT` records one")


def coverage_in_words(coverage: dict[str, object] | None) -> str:
    """Say in a few words how much of a run the record holds."""
    from lineproof.cli.text import counted

    if coverage is None:
        return "-"
    words = []
    features = coverage.get("features")
    if isinstance(features, dict):
        words += [f"{features[precision]} {precision}" for precision in features if features[precision]]
    for key, noun in (
        ("unattributed", "unexplained file"),
        ("demoted", "demoted place"),
        ("faults", "fault"),
        ("gaps", "gap"),
    ):
        found = coverage.get(key)
        if isinstance(found, (list, dict)) and found:
            words.append(counted(len(found), noun))
    return ", ".join(words) or "complete"


def _names(refs: list[str]) -> str:
    from lineproof.cli.text import short

    return (
        "\n".join(short(ref.removeprefix("dataset:file::").removeprefix("dataset:")) for ref in refs) or "-"
    )


def _figure(value: float | str | None) -> str:
    return f"{value:.4g}" if isinstance(value, (int, float)) else str(value)
