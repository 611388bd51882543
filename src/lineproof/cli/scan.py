"""`lineproof scan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lineproof.cli.options import Json

__all__ = ["scan"]


def scan(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, JSON lines, Parquet, Arrow; or a folder of Parquet.")
    ],
    engine: Annotated[
        str, typer.Option("--engine", metavar="NAME", help="local, or spark (Parquet only): the same result.")
    ] = "local",
    json: Json = False,
) -> None:
    """Read a table once: what it holds, of persons above all, and its identity.

    Of a column that holds personal data no extreme, no frequent value and no sample is printed.
    """
    from lineproof.cli.text import console, literal, table, write_json

    document = _found(file, engine)
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
        from lineproof.data.scanning import scan as look

        return look(file).document()
    if engine != "spark":
        raise CommandError(f"there is no engine {engine!r}", "one of local, spark")
    from lineproof.spark import scan_parquet

    return scan_parquet(str(file)).document()


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
