"""`lineproof drift`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineproof.cli.options import Json

if TYPE_CHECKING:
    from lineproof.data.drift import Comparison, DriftReport, Table, TableSummary

__all__ = ["drift"]

FINDINGS = 3  # exit code


def drift(
    reference: Annotated[
        str, typer.Argument(metavar="REFERENCE", help="File, dataset:NAME@V, or a summary that --keep wrote.")
    ],
    current: Annotated[str, typer.Argument(metavar="CURRENT", help="File or dataset:NAME@V.")],
    order: Annotated[
        str | None, typer.Option("--order", metavar="COLUMN", help="The column of time; found when left out.")
    ] = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="DIR", help="Draw each drifted column there.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="FILE", help="Keep the reference's summary, without rows."),
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", metavar="COLUMN", help="What turned out; found by its name.")
    ] = None,
    prediction: Annotated[
        str | None, typer.Option("--prediction", metavar="COLUMN", help="What was predicted; likewise.")
    ] = None,
    label_time: Annotated[
        str | None, typer.Option("--label-time", metavar="COLUMN", help="When the label came; likewise.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="Use only labels that had come by then.")
    ] = None,
    detector: Annotated[
        str, typer.Option("--detector", metavar="NAME", help="adwin, ddm, page_hinkley.")
    ] = "adwin",
    multivariate: Annotated[
        bool, typer.Option("--multivariate", help="Also: can a classifier tell the tables apart?")
    ] = False,
    json: Json = False,
) -> None:
    """Compare a current table with a reference, column by column.

    A column has drifted when its effect is beyond the noise that sizes and cardinality explain, and
    large enough to matter. Predictions and labels are watched for a change of their relation as well.
    Exit code 3 says that something drifted.
    """
    from lineproof.cli.text import write_json
    from lineproof.data.drift import Roles, compare_tables, seconds_of

    found = compare_tables(
        _opened(reference),
        _file(current),
        order=order,
        roles=Roles(label, prediction, label_time),
        until=None if at is None else seconds_of(at),
        detector=detector,
        multivariate=multivariate,
    )
    if keep is not None:
        _keep(keep, found.reference)
    if svg is not None:
        _draw(svg, found)
    if json:
        write_json(found.report)
    else:
        _print(found)
    if found.report.drifted:
        raise typer.Exit(FINDINGS)


def _opened(text: str) -> Table | TableSummary:
    """Open a reference: a summary kept before, or a table."""
    from lineproof.data.drift import load_summary

    path = Path(text)
    if path.suffix == ".json" and path.is_file():
        summary = load_summary(path)
        if summary is not None:
            return summary
    return _file(text)


def _file(text: str) -> Table:
    from lineproof.data.drift import open_table

    return open_table(_recorded(text) if text.startswith("dataset:") else Path(text))


def _recorded(reference: str) -> Path:
    """Find the file of a recorded dataset version, and check that it still holds that content."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.errors import DriftInputError
    from lineproof.graph.show import DatasetDetail

    ledger = open_for_reading()
    detail = ledger.show(reference)
    if not isinstance(detail, DatasetDetail) or detail.namespace != "file":
        raise DriftInputError(f"{reference} is not a recorded file", "give the file itself")
    path = ledger.folder.parent / detail.name
    if not path.is_file():
        raise DriftInputError(
            f"{detail.ref}: there is no file {path} any more", "give a copy of it as a file"
        )
    found = _digest(path)
    if found != detail.content:
        raise DriftInputError(
            f"{path} is no longer {detail.ref}: its content is {found[:19]}, recorded was {detail.content[:19]}",
            "give the file itself to compare what it holds now, or restore the recorded content",
        )
    return path


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def _keep(path: Path, summary: TableSummary) -> None:
    import msgspec

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(summary))


def _draw(folder: Path, found: Comparison) -> None:
    """Write a picture of each drifted column, named by its place and what of its name a file can bear."""
    from lineproof.data.drift.picture import draw

    folder.mkdir(parents=True, exist_ok=True)
    for place, (name, verdict) in enumerate(found.report.columns.items()):
        if verdict.drifted:
            plain = "".join(one if one.isalnum() or one in "-_" else "_" for one in name)[:60]
            picture = draw(name, verdict, found.reference.columns[name], found.current.columns[name])
            (folder / f"{place:03d}-{plain}.svg").write_text(picture, encoding="utf-8")


def _print(found: Comparison) -> None:
    from lineproof.cli.text import console, counted, literal, table

    report = found.report
    shown = table("column", "drifted", "kind", "effect", "threshold", "statistic", "notes")
    for name, one in sorted(report.columns.items(), key=lambda item: not item[1].drifted):
        shown.add_row(
            literal(name),
            "yes" if one.drifted else "no",
            one.kind,
            f"{one.score:.3f}",
            f"{one.threshold:.3f}",
            one.statistic,
            literal("; ".join(one.notes)),
        )
    out = console()
    out.print(shown)
    _print_together(report)
    for what, names in (("added", report.schema.added), ("removed", report.schema.removed)):
        if names:
            out.print(f"{what}: {', '.join(map(literal, names))}", soft_wrap=True)
    drifted = sum(one.drifted for one in report.columns.values())
    rows = report.rows
    out.print(
        f"{counted(drifted, 'column')} of {len(report.columns)} drifted; {rows['reference']:,} reference rows, "
        f"{rows['current']:,} current rows",
        soft_wrap=True,
    )


def _print_together(report: DriftReport) -> None:
    """Print what was found of predictions and labels, and of all columns at once."""
    from lineproof.cli.text import console

    out = console()
    if report.concept is not None:
        for name in ("relation", "label", "error"):
            one = getattr(report.concept, name)
            verdict = f"changed, certain at {one.at}" if one.drifted else "unchanged"
            out.print(f"{name} of predictions and labels: {verdict} ({report.concept.detector})")
    if report.multivariate is not None:
        one = report.multivariate
        verdict = "can be told apart" if one.drifted else "cannot be told apart"
        out.print(f"all columns at once: {verdict} (area {one.score:.3f}, threshold {one.threshold:.3f})")
