"""Every error lineproof raises: one class per cause, split by who is at fault.

    LineproofError
    ├── UsageError                 the caller asked for something that cannot be
    │   ├── ReferenceSyntaxError       LP-REF-01   the text is not a reference
    │   ├── UnknownReferenceError      LP-REF-02   nothing of that name is recorded
    │   ├── AmbiguousReferenceError    LP-REF-03   several things answer to that name
    │   ├── CommandError               LP-CLI-01   the command line cannot be carried out as given
    │   └── CaptureUsageError          LP-CAPTURE-01  the Python API was called wrongly
    ├── StoreError                 the ledger on disk is not usable as it is
    │   ├── NoLedgerError              LP-STORE-01   no .lineproof folder here or above
    │   ├── LedgerInUseError           LP-STORE-02   another process keeps the ledger locked
    │   ├── LedgerFullError            LP-STORE-03   the disk is full or not writable
    │   ├── NewerLedgerError           LP-STORE-04   written by a newer lineproof
    │   ├── CorruptLedgerError         LP-STORE-05   the ledger cannot be read
    │   ├── KeyFileError               LP-STORE-06   the signing key is missing or unusable
    │   ├── NodeCollisionError         LP-STORE-07   two names share one 64-bit identity
    │   ├── ObjectError                LP-STORE-08   a stored object is missing or altered
    │   ├── KeyEncryptionKeyError      LP-STORE-21   the key over people's keys is missing or unusable
    │   ├── MissingKeyError            LP-STORE-22   the key of a person is not in the key store
    │   └── SealError                  LP-STORE-23   a payload does not open with its person's key
    ├── NotAllowedError                LP-ACCESS-01  somebody else must do this
    ├── IntakeError                what was handed in cannot be taken
    │   ├── SpoolError                 LP-INTAKE-01  a spool file is damaged before its end
    │   ├── EventError                 LP-INTAKE-02  not an event that can be recorded
    │   └── NewerSpoolError            LP-INTAKE-03  a spool file in a format of a newer version
    ├── ReportError                a report cannot be made
    │   ├── ReportFileError            LP-REPORT-02  the file cannot be written
    │   └── MissingRendererError       LP-REPORT-03  what renders it is not installed
    ├── DataError                  the data cannot be read as a table
    │   ├── DataFormatError            LP-DATA-01   the file is not of the format its name says, or is damaged
    │   ├── EncodingError              LP-DATA-02   text that is not UTF-8, with its place
    │   ├── RaggedRowError             LP-DATA-03   a row with more or fewer fields than the header
    │   ├── EmptyDataError             LP-DATA-04   there is no table: no header, no column
    │   ├── DataTypeError              LP-DATA-05   a column of a type that has no fingerprint
    │   ├── SchemaChangeError          LP-DATA-06   parts of one table do not have the same columns
    │   ├── UnstableDataError          LP-DATA-07   the file changed while it was read
    │   ├── DataLimitError             LP-DATA-08   more than the stated limits, such as a compression bomb
    │   ├── DataAccessError            LP-DATA-09   it does not exist or may not be read
    │   └── StateError                 LP-DATA-10   stored state of another version, or damaged
    ├── DriftError                 two tables cannot be compared
    │   ├── DriftInputError            LP-DRIFT-01  what was given is not what can be compared
    │   ├── EmptyTableError            LP-DRIFT-02  a table has no columns or no rows
    │   ├── NothingToCompareError      LP-DRIFT-03  no column in common
    │   └── MissingExtraError          LP-DRIFT-04  what was asked for needs a library that is not installed
    └── VerificationError          the record is not what it claims to be
        ├── NotAReportError            LP-REPORT-01  the file is no report, or not a whole one
        ├── ProofError                 LP-LEDGER-01  a Merkle proof does not hold
        ├── NoteError                  LP-LEDGER-02  a signed note or key does not hold
        ├── LeafError                  LP-LEDGER-03  bytes are not a leaf
        ├── CommitmentError            LP-LEDGER-04  a payload does not match its commitment
        ├── TileError                  LP-LEDGER-05  a file of an exported log is malformed
        ├── RollbackError              LP-LEDGER-06  the log holds fewer entries than it did
        └── ForkError                  LP-LEDGER-07  two checkpoints of one log exclude each other

Codes are stable for ever. `remedy` always says something to do.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AmbiguousReferenceError",
    "CaptureUsageError",
    "CommandError",
    "CommitmentError",
    "CorruptLedgerError",
    "DataAccessError",
    "DataError",
    "DataFormatError",
    "DataLimitError",
    "DataTypeError",
    "EmptyDataError",
    "EncodingError",
    "EventError",
    "ExportError",
    "ForkError",
    "IntakeError",
    "KeyEncryptionKeyError",
    "KeyFileError",
    "LeafError",
    "LedgerFullError",
    "LedgerInUseError",
    "LineproofError",
    "MissingKeyError",
    "MissingRendererError",
    "NewerLedgerError",
    "NewerSpoolError",
    "NoLedgerError",
    "NodeCollisionError",
    "NotAReportError",
    "NotAllowedError",
    "NoteError",
    "ObjectError",
    "ProofError",
    "RaggedRowError",
    "ReferenceSyntaxError",
    "ReportError",
    "ReportFileError",
    "RollbackError",
    "SchemaChangeError",
    "SealError",
    "SpoolError",
    "StateError",
    "StoreError",
    "TileError",
    "UnknownReferenceError",
    "UnstableDataError",
    "UsageError",
    "VerificationError",
    "WitnessError",
]


class LineproofError(Exception):
    """Root of all errors.

    Args:
        message: What happened, with the names involved and no secret.
        remedy: What to do; the class's own advice when left out.

    Attributes:
        code: Stable identifier, `LP-<ROOM>-<NN>`.
        exit_code: What the command line returns for it.
    """

    code: ClassVar[str] = "LP-ERROR-00"
    exit_code: ClassVar[int] = 1
    advice: ClassVar[str] = "report this with the command you ran and `lineproof --version`"

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy or self.advice


class UsageError(LineproofError):
    """The caller asked for something that cannot be."""

    exit_code = 2


class ReferenceSyntaxError(UsageError):
    """The text is not a reference."""

    code = "LP-REF-01"
    advice = "write kind:name[@version], for example dataset:patients@v2 or column:patients#ssn"


class UnknownReferenceError(UsageError):
    """Nothing of that name is recorded."""

    code = "LP-REF-02"
    advice = "`lineproof log` lists the recorded runs with their inputs and outputs"


class AmbiguousReferenceError(UsageError):
    """Several recorded things answer to that name."""

    code = "LP-REF-03"
    advice = "write the reference in full, as listed"


class CommandError(UsageError):
    """The command line cannot be carried out as given."""

    code = "LP-CLI-01"
    advice = "`lineproof COMMAND --help` shows what it takes"


class CaptureUsageError(UsageError):
    """The Python API was called wrongly."""

    code = "LP-CAPTURE-01"
    advice = "see the docstring of the function"


class StoreError(LineproofError):
    """The ledger on disk is not usable as it is."""


class NoLedgerError(StoreError):
    """There is no `.lineproof` folder here or above."""

    code = "LP-STORE-01"
    advice = "run `lineproof init` in the project's folder, or set LINEPROOF_HOME"


class LedgerInUseError(StoreError):
    """Another process kept the ledger locked for too long."""

    code = "LP-STORE-02"
    advice = "wait for the other lineproof command to end, then try again; nothing was lost"


class LedgerFullError(StoreError):
    """The disk is full, or the folder may not be written to."""

    code = "LP-STORE-03"
    advice = "free space or fix the folder's permissions, then try again; acknowledged entries are safe"


class NewerLedgerError(StoreError):
    """The ledger was written by a newer lineproof."""

    code = "LP-STORE-04"
    advice = "pip install -U lineproof (nothing was changed)"


class CorruptLedgerError(StoreError):
    """The ledger cannot be read."""

    code = "LP-STORE-05"
    advice = "run `lineproof verify`, then `lineproof rebuild` if only tables differ, or restore a backup"


class KeyFileError(StoreError):
    """The signing key is missing or unusable."""

    code = "LP-STORE-06"
    advice = "restore .lineproof/keys from a backup; without the key the ledger can be read, not extended"


class NodeCollisionError(StoreError):
    """Two different names share one 64-bit identity."""

    code = "LP-STORE-07"
    advice = "rename one of the two; the entry was not recorded"


class ObjectError(StoreError):
    """A stored object is missing, or its bytes are not those recorded."""

    code = "LP-STORE-08"
    advice = (
        "restore .lineproof/objects from a backup; the entry that cites the object still names its digest"
    )


class ExportError(StoreError):
    """The log cannot be written out as files."""

    code = "LP-STORE-09"
    advice = "name a folder that you may write to; what was exported before is still whole"


class WitnessError(StoreError):
    """A witness cannot be reached, or does not keep what it is given."""

    code = "LP-STORE-10"
    advice = "see that its file or repository is there and may be written to, then `lineproof witness keep`"


class KeyEncryptionKeyError(StoreError):
    """The key under which people's keys lie is missing, unusable, or another one."""

    code = "LP-STORE-21"
    advice = (
        "state the key that the key store was made with: LINEPROOF_KEK, LINEPROOF_KEK_FILE, "
        "LINEPROOF_KEK_COMMAND, or the file .lineproof/keys/kek"
    )


class MissingKeyError(StoreError):
    """A payload is encrypted for a person whose key is not in the key store, and no entry destroyed it."""

    code = "LP-STORE-22"
    advice = "restore .lineproof/keys from its own backup; the log verifies without it"


class SealError(StoreError):
    """A payload does not open with its person's key: the payload or the key was altered."""

    code = "LP-STORE-23"
    advice = (
        "run `lineproof verify`: it says which payload was altered; restore a backup of it, or of the keys"
    )


class NotAllowedError(LineproofError):
    """What was asked for is for somebody else to do; the attempt is recorded."""

    code = "LP-ACCESS-01"
    exit_code = 4
    advice = "let a second person do it, under their own account or with --as NAME"


class IntakeError(LineproofError):
    """What was handed in cannot be taken."""


class SpoolError(IntakeError):
    """A spool file is damaged before its last line."""

    code = "LP-INTAKE-01"
    advice = "the undamaged part was recorded; keep the file for inspection and run `lineproof verify`"


class EventError(IntakeError):
    """The bytes are not an event that can be recorded."""

    code = "LP-INTAKE-02"
    advice = "check the event against the OpenLineage schema 2-0-2"


class NewerSpoolError(IntakeError):
    """A spool file is in a format that a newer lineproof writes."""

    code = "LP-INTAKE-03"
    advice = "pip install -U lineproof (the file was left as it is)"


class ReportError(LineproofError):
    """A report cannot be made."""


class ReportFileError(ReportError):
    """The file of a report cannot be written."""

    code = "LP-REPORT-02"
    advice = "name a file in a folder that you may write to; nothing was recorded"


class MissingRendererError(ReportError):
    """What renders reports is not installed."""

    code = "LP-REPORT-03"
    advice = "pip install 'lineproof[reports]', or ask for --format json (nothing was recorded)"


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


class VerificationError(LineproofError):
    """The record is not what it claims to be."""

    exit_code = 5


class NotAReportError(VerificationError):
    """The file is not a report of lineproof, or not a whole one."""

    code = "LP-REPORT-01"
    advice = "get the file again from who made it; `lineproof report` makes a new one from the ledger"


class ProofError(VerificationError):
    """A Merkle proof does not show what it should; nothing weaker may be concluded."""

    code = "LP-LEDGER-01"
    advice = "fetch the proof again; if it still fails, do not rely on this log and keep both checkpoints"


class NoteError(VerificationError):
    """A signed note, its signature or a verifier key does not hold."""

    code = "LP-LEDGER-02"
    advice = "compare the key's fingerprint with the one you were given by another way"


class LeafError(VerificationError):
    """The bytes are not a leaf of the ledger's format."""

    code = "LP-LEDGER-03"
    advice = "run `lineproof verify` to see which entry is affected"


class CommitmentError(VerificationError):
    """A payload does not match the commitment in its leaf."""

    code = "LP-LEDGER-04"
    advice = "run `lineproof verify` to see which entry is affected"


class TileError(VerificationError):
    """A tile, an entry bundle or another file of an exported log is malformed."""

    code = "LP-LEDGER-05"
    advice = "get the files again from who publishes them; `lineproof ledger export` makes them anew"


class RollbackError(VerificationError):
    """The log holds fewer entries than somebody has seen: its end was cut off, or a backup restored."""

    code = "LP-LEDGER-06"
    advice = "keep both checkpoints as evidence; find out who restored or shortened the ledger, and from what"


class ForkError(VerificationError):
    """Two checkpoints of one log exclude each other: its history was rewritten, or there are two of it."""

    code = "LP-LEDGER-07"
    advice = (
        "keep both checkpoints as evidence; compare with a backup or an export to see which entries differ"
    )
