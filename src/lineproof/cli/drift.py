"""`lineproof drift`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineproof.cli.options import Json

if TYPE_CHECKING:
    from lineproof.data.drift import Comparison, DriftReport, Table, TableSummary
    from lineproof.states.sides import Side
    from lineproof.store import Ledger

__all__ = ["drift"]

FINDINGS = 3  # exit code
_DATASET = "dataset:"


def drift(
    reference: Annotated[
        str, typer.Argument(metavar="REFERENCE", help="File, dataset:NAME@V, or a summary that --keep wrote.")
    ],
    current: Annotated[str, typer.Argument(metavar="CURRENT", help="File or dataset:NAME@V.")],
    order: Annotated[
        str | None, typer.Option("--order", metavar="COLUMN", help="The column of time; found when left out.")
    ] = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", "--plots", metavar="DIR", help="Draw each drifted column there.")
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
        str, typer.Option("--detector", metavar="NAME", help="adwin, ddm, eddm, hddm_a, kswin, page_hinkley.")
    ] = "adwin",
    multivariate: Annotated[
        bool, typer.Option("--multivariate", help="Also: can a classifier tell the tables apart?")
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Record the check; done anyway where a side is dataset:NAME@V.")
    ] = False,
    json: Json = False,
) -> None:
    """Compare a current table with a reference, column by column.

    A column has drifted when its effect is beyond the noise that sizes and cardinality explain, and
    large enough to matter. Of recorded dataset versions what is kept of them suffices: the data need not be
    there any more. Predictions and labels are watched for a change of their relation as well.
    Exit code 3 says that something drifted.
    """
    from lineproof.cli.text import write_json
    from lineproof.data.arrow import set_pandas_aside
    from lineproof.data.drift import Roles, TableSummary, seconds_of
    from lineproof.data.drift.guarded import without_personal
    from lineproof.errors import DriftInputError

    set_pandas_aside()
    roles = Roles(label, prediction, label_time)
    rows = multivariate or at is not None or roles != Roles()
    opened = _Opened(reference, current, rows=rows, record=record)
    found = _compared(
        *opened.data,
        order=order,
        roles=roles,
        until=None if at is None else seconds_of(at),
        detector=detector,
        multivariate=multivariate,
    )
    if keep is not None:
        if reference.startswith(_DATASET) and isinstance(opened.data[0], TableSummary):
            raise DriftInputError(f"{reference} is kept in the ledger already", "leave out --keep")
        _keep(keep, found.reference)
    found = without_personal(found) if json or svg is not None else found
    opened.record(found)
    if svg is not None:
        _draw(svg, found)
    if json:
        write_json(found.report)
    else:
        _print(found)
    if found.report.drifted:
        raise typer.Exit(FINDINGS)


class _Opened:
    """Both sides, and the ledger where one of them is recorded or the check is to be.

    Without one, what opens ledgers is not imported: that takes as long as comparing a million rows.
    """

    def __init__(self, reference: str, current: str, *, rows: bool, record: bool) -> None:
        self._ledger: Ledger | None = None
        self._sides: list[Side] = []
        if not (record or reference.startswith(_DATASET) or current.startswith(_DATASET)):
            self.data = [_file(reference), _file(current)]
            return
        from lineproof.cli.opening import open_for_reading
        from lineproof.states.sides import side

        self._ledger = open_for_reading().stored
        self._sides = [side(self._ledger, one, rows=rows) for one in (reference, current)]
        self.data = [one.data for one in self._sides]

    def record(self, found: Comparison) -> None:
        """Record the check, where one side is recorded or it was asked for."""
        if self._ledger is not None:
            from lineproof.states.sides import record_check

            reference, current = self._sides
            record_check(self._ledger, reference, current, found)


def _file(text: str) -> Table | TableSummary:
    from lineproof.data.drift.kept import open_file

    return open_file(Path(text))


def _compared(reference: Table | TableSummary, current: Table | TableSummary, **asked: Any) -> Comparison:
    """Compare tables, or what is kept of them; that the rows are needed for some questions is said there."""
    from lineproof.data.drift import TableSummary, compare_tables, summarise
    from lineproof.data.drift.kept import categories_of, compare_kept

    if not isinstance(current, TableSummary):
        return compare_tables(reference, current, **asked)
    if isinstance(reference, TableSummary):
        return compare_kept(reference, current)
    near = summarise(reference, order=asked["order"], texts=categories_of(current))
    return compare_kept(near, current)


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
