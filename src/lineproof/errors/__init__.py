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
    │   ├── ObjectAccessError          LP-STORE-41   the place of objects cannot be reached
    │   ├── BackupError                LP-STORE-42   a backup cannot be written, or is not a whole one
    │   │   └── BackupDamagedError     LP-STORE-43   the log of a backup does not verify
    │   ├── KeyEncryptionKeyError      LP-STORE-21   the key over people's keys is missing or unusable
    │   ├── MissingKeyError            LP-STORE-22   the key of a person is not in the key store
    │   ├── SealError                  LP-STORE-23   a payload does not open with its person's key
    │   ├── ForgettingError            LP-STORE-24   what was destroyed is back, and cannot be destroyed again
    │   ├── StoreAddressError          LP-STORE-31   LINEPROOF_STORE cannot be read
    │   ├── MissingDriverError         LP-STORE-32   what talks to PostgreSQL is not installed
    │   ├── StoreUnreachableError      LP-STORE-33   the database server cannot be reached, or went away
    │   ├── StoreLoginError            LP-STORE-34   the database server refuses the login
    │   ├── UnknownDatabaseError       LP-STORE-35   the server has no database of that name
    │   └── OtherStoreError            LP-STORE-36   the folder belongs to another ledger than the store holds
    ├── NotAllowedError                LP-ACCESS-01  somebody else must do this
    │   └── HeldError                      LP-ACCESS-02  a legal hold keeps it from being destroyed
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
    │   ├── StateError                 LP-DATA-10   stored state of another version, or damaged
    │   ├── SourceLostError            LP-DATA-11   it went away, or broke off, while it was read
    │   ├── CredentialsError           LP-DATA-12   the place wants credentials that are missing or refused
    │   ├── MissingReaderError         LP-DATA-13   the library that reads such a place is not installed
    │   └── MissingTextEngineError     LP-DATA-14   the engine that was to read free text is not installed
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

from lineproof.errors.data import (
    CredentialsError,
    DataAccessError,
    DataError,
    DataFormatError,
    DataLimitError,
    DataTypeError,
    DriftError,
    DriftInputError,
    EmptyDataError,
    EmptyTableError,
    EncodingError,
    MissingExtraError,
    MissingReaderError,
    MissingTextEngineError,
    NothingToCompareError,
    RaggedRowError,
    SchemaChangeError,
    SourceLostError,
    StateError,
    UnstableDataError,
)
from lineproof.errors.root import (
    LineproofError,
)
from lineproof.errors.store import (
    BackupDamagedError,
    BackupError,
    CorruptLedgerError,
    ExportError,
    ForgettingError,
    KeyEncryptionKeyError,
    KeyFileError,
    LedgerFullError,
    LedgerInUseError,
    MissingDriverError,
    MissingKeyError,
    NewerLedgerError,
    NodeCollisionError,
    NoLedgerError,
    ObjectAccessError,
    ObjectError,
    OtherStoreError,
    SealError,
    StoreAddressError,
    StoreError,
    StoreLoginError,
    StoreUnreachableError,
    UnknownDatabaseError,
    WitnessError,
)

__all__ = [
    "AmbiguousReferenceError",
    "BackupDamagedError",
    "BackupError",
    "CaptureUsageError",
    "CommandError",
    "CommitmentError",
    "CorruptLedgerError",
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
    "EventError",
    "ExportError",
    "ForgettingError",
    "ForkError",
    "HeldError",
    "IntakeError",
    "KeyEncryptionKeyError",
    "KeyFileError",
    "LeafError",
    "LedgerFullError",
    "LedgerInUseError",
    "LineproofError",
    "MissingDriverError",
    "MissingExtraError",
    "MissingKeyError",
    "MissingReaderError",
    "MissingRendererError",
    "MissingTextEngineError",
    "NewerLedgerError",
    "NewerSpoolError",
    "NoLedgerError",
    "NodeCollisionError",
    "NotAReportError",
    "NotAllowedError",
    "NoteError",
    "NothingToCompareError",
    "ObjectAccessError",
    "ObjectError",
    "OtherStoreError",
    "ProofError",
    "RaggedRowError",
    "ReferenceSyntaxError",
    "ReportError",
    "ReportFileError",
    "RollbackError",
    "SchemaChangeError",
    "SealError",
    "SourceLostError",
    "SpoolError",
    "StateError",
    "StoreAddressError",
    "StoreError",
    "StoreLoginError",
    "StoreUnreachableError",
    "TileError",
    "UnknownDatabaseError",
    "UnknownReferenceError",
    "UnstableDataError",
    "UsageError",
    "VerificationError",
    "WitnessError",
]


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


class NotAllowedError(LineproofError):
    """What was asked for is for somebody else to do; the attempt is recorded."""

    code = "LP-ACCESS-01"
    exit_code = 4
    advice = "let a second person do it, under their own account or with --as NAME"


class HeldError(NotAllowedError):
    """A legal hold covers what was to be destroyed."""

    code = "LP-ACCESS-02"
    advice = "`lineproof hold list` says who holds it and why; `lineproof hold release` ends a hold"


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
