"""`lineproof scan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineproof.cli.options import Json, Query, Table

if TYPE_CHECKING:
    from lineproof.data.classification import TextEngine
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
    text_engine: Annotated[
        str | None,
        typer.Option(
            "--text-engine", metavar="NAME", help="Also read free text with presidio, without a network."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Read a table once: what it holds, of persons above all, and its identity.

    Of a column that holds personal data no extreme, no frequent value and no sample is printed. Where the
    record knows the file, what people confirmed or rejected of its columns goes before what is found.
    """
    from lineproof.cli.scanned import show
    from lineproof.cli.text import write_json

    if record:
        made, document = None, _recorded(place, engine, table or query or partial or text_engine)
    else:
        made = _found(place, engine, table, query, partial, text_engine)
        document = made.document()
    if json:
        write_json(document)
    else:
        show(document)
    if made is not None and made.problem is not None:  # what was printed says how much it covers
        raise made.problem


def _found(
    place: str, engine: str, name: str | None, query: str | None, partial: bool, text_engine: str | None
) -> Scan:
    from lineproof.errors import CommandError

    texts = None if text_engine is None else _engine(text_engine)

    if engine == "local":
        from lineproof.data.arrow import set_pandas_aside
        from lineproof.data.scanning import scan as look
        from lineproof.data.sources import open_source

        set_pandas_aside()
        return look(open_source(place, table=name, query=query), _said(place), partial=partial, texts=texts)
    if name or query or partial:
        raise CommandError(
            f"--table, --query and --partial are not for the engine {engine}", "leave out --engine"
        )
    if engine == "duckdb":
        from lineproof.data.scanning import scan as look
        from lineproof.data.sources.duck import DuckSource

        return look(DuckSource(place), texts=texts)
    if engine != "spark":
        raise CommandError(f"there is no engine {engine!r}", "one of local, duckdb, spark")
    from lineproof.spark import scan_parquet

    return scan_parquet(place, texts=texts)


def _engine(name: str) -> TextEngine:
    from lineproof.data.classification import text_engine

    return text_engine(name)


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
