"""Drift: how far a current window is from a reference, against the noise that their sizes explain."""

from lineproof.data.drift.compare import Comparison, compare, compare_tables, summarise
from lineproof.data.drift.findings import ColumnDrift, DriftReport, Finding
from lineproof.data.drift.labels import Roles, seconds_of
from lineproof.data.drift.source import Table, open_table, table_of
from lineproof.data.drift.summary import TableSummary, load_summary

__all__ = [
    "ColumnDrift",
    "Comparison",
    "DriftReport",
    "Finding",
    "Roles",
    "Table",
    "TableSummary",
    "compare",
    "compare_tables",
    "load_summary",
    "open_table",
    "seconds_of",
    "summarise",
    "table_of",
]
