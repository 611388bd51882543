"""Where the columns of objects in memory came from: values, attachment, and reading of the source."""

from lineproof.capture.provenance.attachment import attach, detach, table_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, SourceColumn, Table, combined

__all__ = [
    "CONSTANT",
    "ColumnOrigin",
    "SourceColumn",
    "Table",
    "attach",
    "combined",
    "detach",
    "table_of",
]
