"""What a scan found, for people."""

from __future__ import annotations

from typing import Any

from lineproof.cli.text import console, literal, table

__all__ = ["show"]


def show(document: dict[str, Any]) -> None:
    """Print a scan's document: identity, then a row for each column, those with personal data in bold."""
    out = console()
    for name in ("digest", "fingerprint", "rows"):
        out.print(f"{name:<11}  {document[name]}", soft_wrap=True)
    out.print()
    shown = table("COLUMN", "TYPE", "NULLS", "DISTINCT", "HOLDS", "HIPAA", "GDPR", "SURE", "PROFILE")
    for name, column in document["columns"].items():
        shown.add_row(*_row(name, column), style="bold" if _personal(column) else "")
    out.print(shown)
    personal = sum(map(_personal, document["columns"].values()))
    out.print(f"\n{personal} of {len(document['columns'])} columns hold personal data")


def _personal(column: dict[str, Any]) -> bool:
    return bool(column["gdpr"] != "none")


def _row(name: str, column: dict[str, Any]) -> tuple[str, ...]:
    personal = _personal(column)
    return (
        literal(name),
        column["type"],
        str(column["nulls"]),
        f"{'' if column['distinct_exact'] else '~'}{column['distinct']}",
        column["class"] if personal else "-",
        column["hipaa"] or "-",
        column["gdpr"] if personal else "-",
        f"{column['confidence']:.2f}",
        _summary(column),
    )


def _summary(column: dict[str, Any]) -> str:
    """Say the most telling facts of a column in a few words."""
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
