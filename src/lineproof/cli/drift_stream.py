"""`lineproof drift stream`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineproof.cli.options import Json

if TYPE_CHECKING:
    from lineproof.data.drift.stream import StreamReport

__all__ = ["drift_stream"]

FINDINGS = 3  # exit code


def drift_stream(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Predictions in order of time.")],
    prediction: Annotated[str, typer.Option("--prediction", metavar="COLUMN", help="What was predicted.")],
    label: Annotated[str, typer.Option("--label", metavar="COLUMN", help="What turned out.")],
    labels: Annotated[
        Path | None, typer.Option("--labels", metavar="FILE", help="Labels that came later, as they came.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="The column that both files have in common.")
    ] = None,
    label_time: Annotated[
        str | None, typer.Option("--label-time", metavar="COLUMN", help="When a label came.")
    ] = None,
    detector: Annotated[
        str,
        typer.Option("--detector", metavar="NAME", help="adwin, ddm, eddm, hddm_a, kswin, page_hinkley."),
    ] = "adwin",
    json: Json = False,
) -> None:
    """Watch a stream of predictions and labels for the moment from which the model does otherwise.

    Labels are used in the order in which they came. Exit code 3 says that something changed.
    """
    from lineproof.cli.text import write_json
    from lineproof.data.arrow import set_pandas_aside
    from lineproof.data.drift import open_table
    from lineproof.data.drift.delayed import in_one, joined
    from lineproof.data.drift.stream import watch_stream
    from lineproof.errors import CommandError

    set_pandas_aside()
    if (labels is None) != (by is None):
        raise CommandError("--labels and --id go together", "give the file of labels, and the column of ids")
    table = open_table(file)
    if labels is None or by is None:
        predicted, found, known = in_one(table, prediction, label, label_time)
    else:
        predicted, found, known = joined(table, open_table(labels), prediction, label, by, label_time)
    report = watch_stream(predicted, found, known=known, detector=detector)
    if json:
        write_json(report)
    else:
        _print(report)
    if report.drifted:
        raise typer.Exit(FINDINGS)


def _print(report: StreamReport) -> None:
    from lineproof.cli.text import console, counted

    out = console()
    for one in report.alarms:
        when = "" if one.time is None else f", {one.time}"
        out.print(
            f"{one.stream} changed: certain after {counted(one.examples, 'label')} (row {one.row}{when}), "
            f"from {one.before:.3f} to {one.after:.3f}",
            soft_wrap=True,
        )
    waiting = f", {counted(report.waiting, 'prediction')} without a label as yet" if report.waiting else ""
    mean = "" if report.error is None else f", mean error {report.error:.3f}"
    out.print(
        f"{counted(len(report.alarms), 'change')} in {counted(report.examples, 'label')} "
        f"({report.detector}){mean}{waiting}",
        soft_wrap=True,
    )
