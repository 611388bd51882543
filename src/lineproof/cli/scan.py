"""`lineproof scan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineproof.cli.options import Json

if TYPE_CHECKING:
    from lineproof.data.scanning import Word

__all__ = ["scan"]


def scan(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, JSON lines, Parquet, Arrow; or a folder of Parquet.")
    ],
    engine: Annotated[
        str, typer.Option("--engine", metavar="NAME", help="local, or spark (Parquet only): the same result.")
    ] = "local",
    record: Annotated[
        bool, typer.Option("--record", help="Keep what was found with the dataset version that the file is.")
    ] = False,
    json: Json = False,
) -> None:
    """Read a table once: what it holds, of persons above all, and its identity.

    Of a column that holds personal data no extreme, no frequent value and no sample is printed. Where the
    record knows the file, what people confirmed or rejected of its columns goes before what is found.
    """
    from lineproof.cli.text import console, literal, table, write_json

    document = _recorded(file, engine) if record else _found(file, engine)
    if json:
        write_json(document)
        return
    out = console()
    for name in ("digest", "fingerprint", "rows"):
        out.print(f"{name:<11}  {document[name]}", soft_wrap=True)
    out.print()
    shown = table("COLUMN", "TYPE", "NULLS", "DISTINCT", "HOLDS", "HIPAA", "GDPR", "SURE", "PROFILE")
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
    found = sum(column["gdpr"] != "none" for column in document["columns"].values())
    out.print(f"\n{found} of {len(document['columns'])} columns hold personal data")


def _found(file: Path, engine: str) -> dict[str, Any]:
    from lineproof.errors import CommandError

    if engine == "local":
        from lineproof.data.arrow import set_pandas_aside
        from lineproof.data.scanning import scan as look

        set_pandas_aside()
        return look(file, _said(file)).document()
    if engine != "spark":
        raise CommandError(f"there is no engine {engine!r}", "one of local, spark")
    from lineproof.spark import scan_parquet

    return scan_parquet(str(file)).document()


def _said(file: Path) -> Word | None:
    """Give what people said of the columns of a file; None where no ledger is near, or none that knows it."""
    from lineproof.errors import StoreError
    from lineproof.graph import open_ledger, view
    from lineproof.model.openlineage import FILE_NAMESPACE
    from lineproof.states import words_on
    from lineproof.states.known import is_known, name_of

    try:
        ledger = open_ledger().stored
    except StoreError:
        return None
    if not is_known(ledger, file):
        return None
    with ledger.connection() as connection:
        return words_on(connection, view(connection), FILE_NAMESPACE, name_of(ledger, file))


def _recorded(file: Path, engine: str) -> dict[str, Any]:
    from lineproof.cli.opening import open_for_reading
    from lineproof.errors import CommandError, UnstableDataError
    from lineproof.states.known import version_of
    from lineproof.states.record import record_file

    if engine != "local" or file.is_dir():
        raise CommandError("only a single file, read here, is recorded", "leave out --engine, or --record")
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
