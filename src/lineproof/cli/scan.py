"""`lineproof scan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineproof.cli.options import Json, Query, Table

if TYPE_CHECKING:
    from lineproof.data.scanning import Scan, Word

__all__ = ["scan"]


def scan(
    place: Annotated[
        str,
        typer.Argument(
            metavar="FILE|URL", help="CSV, JSON lines, Parquet, Arrow; a folder of Parquet; a database."
        ),
    ],
    table: Table = None,
    query: Query = None,
    engine: Annotated[
        str,
        typer.Option(
            "--engine", metavar="NAME", help="local, duckdb, or spark (Parquet only): the same result."
        ),
    ] = "local",
    record: Annotated[
        bool, typer.Option("--record", help="Keep what was found with the dataset version that the file is.")
    ] = False,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Where it cannot be read to its end, tell what was read till there."),
    ] = False,
    json: Json = False,
) -> None:
    """Read a table once: what it holds, of persons above all, and its identity.

    Of a column that holds personal data no extreme, no frequent value and no sample is printed. Where the
    record knows the file, what people confirmed or rejected of its columns goes before what is found.
    """
    from lineproof.cli.text import console, literal, write_json
    from lineproof.cli.text import table as rows

    made = _found(place, engine, table, query, partial) if not record else None
    document = _recorded(place, engine, table or query or partial) if made is None else made.document()
    if json:
        write_json(document)
        _incomplete(made)
        return
    out = console()
    for name in ("digest", "fingerprint", "rows"):
        out.print(f"{name:<11}  {document[name]}", soft_wrap=True)
    out.print()
    shown = rows("COLUMN", "TYPE", "NULLS", "DISTINCT", "HOLDS", "HIPAA", "GDPR", "SURE", "PROFILE")
    for name, column in document["columns"].items():
        personal = column["gdpr"] != "none"
        shown.add_row(
            literal(name),
            column["type"],
            str(column["nulls"]),
            f"{'' if column['distinct_exact'] else '~'}{column['distinct']}",
            column["class"] if personal else "-",
            column["hipaa"] or "-",
            column["gdpr"] if personal else "-",
            f"{column['confidence']:.2f}",
            _summary(column),
            style="bold" if personal else "",
        )
    out.print(shown)
    personal = sum(column["gdpr"] != "none" for column in document["columns"].values())
    out.print(f"\n{personal} of {len(document['columns'])} columns hold personal data")
    _incomplete(made)


def _incomplete(made: Scan | None) -> None:
    """End as failed when not all was read: what was printed says how much it covers."""
    if made is not None and made.problem is not None:
        raise made.problem


def _found(place: str, engine: str, name: str | None, query: str | None, partial: bool) -> Scan:
    from lineproof.errors import CommandError

    if engine == "local":
        from lineproof.data.arrow import set_pandas_aside
        from lineproof.data.scanning import scan as look
        from lineproof.data.sources import open_source

        set_pandas_aside()
        return look(open_source(place, table=name, query=query), _said(place), partial=partial)
    if name or query or partial:
        raise CommandError(
            f"--table, --query and --partial are not for the engine {engine}", "leave out --engine"
        )
    if engine == "duckdb":
        from lineproof.data.scanning import scan as look
        from lineproof.data.sources.duck import DuckSource

        return look(DuckSource(place))
    if engine != "spark":
        raise CommandError(f"there is no engine {engine!r}", "one of local, duckdb, spark")
    from lineproof.spark import scan_parquet

    return scan_parquet(place)


def _said(place: str) -> Word | None:
    """Give what people said of the columns of a file; None where no ledger is near, or none that knows it."""
    from lineproof.errors import StoreError
    from lineproof.graph import open_ledger, view
    from lineproof.intake.content import name_of
    from lineproof.model.openlineage import FILE_NAMESPACE
    from lineproof.states import words_on
    from lineproof.states.known import is_known

    file = Path(place)
    if not file.exists():
        return None
    try:
        ledger = open_ledger().stored
    except StoreError:
        return None
    if not is_known(ledger, file):
        return None
    with ledger.connection() as connection:
        return words_on(connection, view(connection), FILE_NAMESPACE, name_of(ledger, file))


def _recorded(place: str, engine: str, otherwise: object) -> dict[str, Any]:
    from lineproof.cli.opening import open_for_reading
    from lineproof.errors import CommandError, UnstableDataError
    from lineproof.states.known import version_of
    from lineproof.states.record import record_file

    file = Path(place)
    if engine != "local" or otherwise or not file.is_file():
        raise CommandError(
            "only a single file, read here to its end, is recorded",
            "leave out the other options, or --record",
        )
    ledger = open_for_reading().stored
    done = record_file(ledger, version_of(ledger, file), file)
    if done is None:
        raise UnstableDataError(f"{file} changed while it was read")
    return done.kept.scan.document() | {"entry": done.entry}


def _summary(column: dict[str, Any]) -> str:
    """Say the most telling facts of a column in a few words."""
    from lineproof.cli.text import literal

    words = []
    if "min" in column:
        words.append(f"{_cut(column['min'])} to {_cut(column['max'])}")
    if "mean" in column:
        words.append(f"mean {column['mean']:.4g}")
    if "lengths" in column and column["gdpr"] != "none":
        words.append(f"mean length {column['lengths']['mean']:.3g}")
    if "top" in column and column["type"] in ("string", "bool"):
        words.append(", ".join(f"{_cut(value)} ({size})" for value, size in column["top"][:3]))
    return literal("; ".join(words))


def _cut(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 24 else f"{text[:23]}…"  # noqa: PLR2004 - a column of the table
