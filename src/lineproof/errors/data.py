"""Errors of tables that are read and compared."""

from __future__ import annotations

from lineproof.errors.root import LineproofError

__all__ = [
    "CredentialsError",
    "DataAccessError",
    "DataError",
    "DataFormatError",
    "DataLimitError",
    "DataTypeError",
    "DriftError",
    "DriftInputError",
    "EmptyDataError",
    "EmptyTableError",
    "EncodingError",
    "MissingExtraError",
    "MissingReaderError",
    "MissingTextEngineError",
    "NothingToCompareError",
    "RaggedRowError",
    "SchemaChangeError",
    "SourceLostError",
    "StateError",
    "UnstableDataError",
]


class DataError(LineproofError):
    """The data cannot be read as a table."""


class DataFormatError(DataError):
    """The file is not of the format its name says, or is damaged."""

    code = "LP-DATA-01"
    advice = "check that the file is complete, and that its ending says what it is"


class EncodingError(DataError):
    """There is text that is not UTF-8."""

    code = "LP-DATA-02"
    advice = "convert the file to UTF-8, for example with `iconv -f LATIN1 -t UTF-8`"


class RaggedRowError(DataError):
    """A row has more or fewer fields than the header."""

    code = "LP-DATA-03"
    advice = "correct the row; a field that holds the delimiter or a line break must be in double quotes"


class EmptyDataError(DataError):
    """There is no table: no header, or no column."""

    code = "LP-DATA-04"
    advice = "write at least a header; a table may have no rows, but not no columns"


class DataTypeError(DataError):
    """A column is of a type whose values cannot be compared over formats."""

    code = "LP-DATA-05"
    advice = "cast the column to another type, or leave it out"


class SchemaChangeError(DataError):
    """Parts of one table do not have the same columns."""

    code = "LP-DATA-06"
    advice = "treat parts with different columns as different datasets, or rewrite them with one schema"


class UnstableDataError(DataError):
    """The file changed while it was read."""

    code = "LP-DATA-07"
    advice = "run it again when nothing writes to the file, or on a copy"


class DataLimitError(DataError):
    """The data goes beyond a stated limit."""

    code = "LP-DATA-08"
    advice = "check where the file comes from; if it is right, store it as Parquet"


class DataAccessError(DataError):
    """The data does not exist or may not be read."""

    code = "LP-DATA-09"
    advice = "check the path and its permissions"


class StateError(DataError):
    """A stored state was written by another version, or is damaged."""

    code = "LP-DATA-10"
    advice = "compute it again from the data"


class SourceLostError(DataError):
    """The data went away, or its server broke off, while it was read."""

    code = "LP-DATA-11"
    advice = "run it again; nothing of the part that was read has been kept"


class CredentialsError(DataError):
    """The place of the data wants credentials that are missing, or refuses those it got."""

    code = "LP-DATA-12"
    advice = "give credentials as the place's own tools take them: environment, profile, or password file"


class MissingReaderError(DataError):
    """The library that reads such a place is not installed."""

    code = "LP-DATA-13"
    advice = "pip install 'lineproof[remote]'"


class MissingTextEngineError(DataError):
    """The engine that was asked to read free text is not installed."""

    code = "LP-DATA-14"
    advice = "pip install 'lineproof[presidio]'; no model is needed, and nothing is downloaded when it runs"


class DriftError(LineproofError):
    """Two tables cannot be compared."""


class DriftInputError(DriftError):
    """What was given cannot be compared: another content than recorded, a column that is not there."""

    code = "LP-DRIFT-01"
    advice = "give the file itself, and columns by their exact name"


class EmptyTableError(DriftError):
    """A table has no columns or no rows, so there is nothing to measure."""

    code = "LP-DRIFT-02"
    advice = "give a window that holds rows; nothing can be said of an empty one"


class NothingToCompareError(DriftError):
    """Two tables have no column in common."""

    code = "LP-DRIFT-03"
    advice = "check that both are versions of the same table; columns are matched by their exact name"


class MissingExtraError(DriftError):
    """What was asked for needs a library that is not installed."""

    code = "LP-DRIFT-04"
    advice = "pip install 'lineproof[data,sklearn]'"
