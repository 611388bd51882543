"""Everything recorded about one thing, one module per kind."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from lineproof.graph.facts import Facts
from lineproof.graph.resolve import Found, resolve
from lineproof.graph.show.dataset import ColumnDetail, DatasetDetail, show_column, show_dataset
from lineproof.graph.show.entry import (
    DecisionDetail,
    EntryDetail,
    PrincipalDetail,
    show_decision,
    show_entry,
    show_principal,
)
from lineproof.graph.show.prediction import PredictionDetail, show_prediction
from lineproof.graph.show.run import JobDetail, RunDetail, show_job, show_run
from lineproof.graph.view import View
from lineproof.model.references import Kind, Reference

__all__ = [
    "ColumnDetail",
    "DatasetDetail",
    "DecisionDetail",
    "Detail",
    "EntryDetail",
    "JobDetail",
    "PredictionDetail",
    "PrincipalDetail",
    "RunDetail",
    "show",
]

Detail = (
    ColumnDetail
    | DatasetDetail
    | DecisionDetail
    | EntryDetail
    | JobDetail
    | PredictionDetail
    | PrincipalDetail
    | RunDetail
)

_SHOW: dict[Kind, Callable[[Facts, Found], Detail]] = {
    Kind.DATASET: show_dataset,
    Kind.MODEL: show_dataset,
    Kind.COLUMN: show_column,
    Kind.RUN: show_run,
    Kind.JOB: show_job,
    Kind.PREDICTION: show_prediction,
    Kind.ENTRY: show_entry,
    Kind.DECISION: show_decision,
    Kind.PRINCIPAL: show_principal,
}


def show(connection: Connection, reference: Reference, seen: View, *, values: bool = False) -> Detail:
    """Give everything recorded about what a reference names.

    Args:
        connection: To the ledger.
        reference: What to show.
        seen: As of when.
        values: Of an entry, give what is withheld otherwise; whoever asks for it is on record by now.

    Raises:
        UnknownReferenceError: Nothing recorded answers to it.
        AmbiguousReferenceError: Several things do.
    """
    found = resolve(connection, reference, seen)
    if values and found.kind is Kind.ENTRY:
        return show_entry(Facts(connection, seen), found, values=True)
    return _SHOW[found.kind](Facts(connection, seen), found)
