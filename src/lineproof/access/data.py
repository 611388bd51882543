"""Datasets that people speak of, found by their references."""

from __future__ import annotations

from sqlalchemy import Connection

from lineproof.errors import CommandError
from lineproof.graph import View, resolve
from lineproof.graph.facts import VersionFacts
from lineproof.model.references import Kind, Reference

__all__ = ["dataset_named"]


def dataset_named(connection: Connection, reference: str, seen: View) -> VersionFacts:
    """Find the dataset that a `dataset:` or `column:` reference names; of its versions the latest.

    Raises:
        CommandError: It names something else.
        UsageError: There is no such dataset or column.
    """
    found = resolve(connection, Reference.parse(reference), seen)
    if found.kind not in (Kind.DATASET, Kind.COLUMN) or found.version is None:
        raise CommandError(f"{reference} is not a dataset", "give dataset:NAME or column:DATASET#COLUMN")
    return found.version
