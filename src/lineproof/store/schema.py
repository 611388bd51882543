"""The tables of a ledger: the log itself, and what is projected from it.

Every projected row names the entry it came from in `entry` and follows from that entry alone. Ids
of nodes are hashes of their names (`model.identity.node_id`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)
from sqlalchemy.types import TypeEngine

from lineproof.store.text import Text

__all__ = [
    "LOG_TABLES",
    "PROJECTED",
    "REVISION",
    "REVISION_TABLE",
    "activity",
    "col",
    "dataset",
    "decision",
    "edge",
    "entry",
    "facet",
    "head",
    "job",
    "meta",
    "metadata",
    "metric",
    "payload",
    "prediction",
    "principal",
    "run",
    "run_dataset",
    "run_event",
    "run_parent",
    "sealed",
    "spool",
    "statement",
    "symlink",
    "tile",
    "tombstone",
    "version",
]

REVISION_TABLE = "alembic_version"  # Alembic's own name, so that its tools work on a ledger
REVISION = "0005"  # of the newest migration; a ledger that has it needs none

metadata = MetaData()
# SQLite takes a 64-bit rowid for INTEGER only; PostgreSQL needs BIGINT.
_ID = BigInteger().with_variant(Integer, "sqlite")


def _key(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    return Column(name, kind, primary_key=True, nullable=False, autoincrement=False)


def _value(name: str, kind: TypeEngine[Any], *, nullable: bool = False) -> Column[Any]:
    return Column(name, kind, nullable=nullable)


# The log

entry = Table(
    "entry",
    metadata,
    _key("seq", _ID),  # entry number and leaf index, from 0
    Column("id", Text, nullable=False, unique=True),
    _value("type", Text()),
    _value("leaf", LargeBinary()),  # the exact bytes that are hashed
)
payload = Table(
    "payload",
    metadata,
    _key("seq", _ID),
    _value("salt", LargeBinary(), nullable=True),  # both NULL: destroyed
    _value("body", LargeBinary(), nullable=True),
)
tile = Table(
    "tile",
    metadata,
    _key("level", Integer()),
    _key("idx", _ID),
    _value("hashes", LargeBinary()),  # 256 hashes, 8 KiB
)
head = Table(
    "head",
    metadata,
    _key("id", Integer()),  # always 1
    _value("size", _ID),
    _value("frontier", LargeBinary()),
    _value("leaves", LargeBinary()),  # hashes of the leaves after the last complete tile
    _value("checkpoint", Text()),  # signed note
)
meta = Table("meta", metadata, _key("key", Text()), _value("value", Text()))
spool = Table(
    "spool",
    metadata,
    _key("name", Text()),
    _value("taken_bytes", _ID),
    _value("chain", Text()),  # SHA-256 of the last line taken
    _value("ended", Integer()),
)

# The lineage graph

dataset = Table(
    "dataset",
    metadata,
    _key("id", _ID),
    _value("namespace", Text()),
    Column("name", Text, nullable=False, index=True),
    _value("type", Text(), nullable=True),
    _value("entry", _ID),
)
version = Table(
    "version",
    metadata,
    _key("id", _ID),
    _value("dataset", _ID),
    Column("content", Text, nullable=False, index=True),
    _value("entry", _ID),
    _value("ordinal", Integer()),  # position within the entry
    _value("time", Text(), nullable=True),
)
Index("version_of_dataset", version.c.dataset, version.c.entry, version.c.ordinal)
col = Table(
    "col",
    metadata,
    _key("id", _ID),
    Column("version", _ID, nullable=False, index=True),
    Column("name", Text, nullable=False, index=True),
    _value("type", Text(), nullable=True),
    _value("position", Integer(), nullable=True),
    _value("entry", _ID),
)
job = Table(
    "job",
    metadata,
    _key("id", _ID),
    _value("namespace", Text()),
    Column("name", Text, nullable=False, index=True),
    _value("entry", _ID),
)
run = Table(
    "run",
    metadata,
    _key("id", _ID),
    Column("uuid", Text, nullable=False, index=True),
    Column("job", _ID, nullable=False, index=True),
    _value("entry", _ID),
)
run_parent = Table(
    "run_parent",
    metadata,
    _key("run", _ID),
    Column("parent", _ID, nullable=False, index=True),
    _value("entry", _ID),
)
run_event = Table(
    "run_event",
    metadata,
    _key("run", _ID),
    _key("entry", _ID),
    _value("type", Text(), nullable=True),
    _value("time", Text(), nullable=True),
    sqlite_with_rowid=False,
)
run_dataset = Table(
    "run_dataset",
    metadata,
    _key("run", _ID),
    Column("version", _ID, primary_key=True, autoincrement=False, index=True),
    _key("direction", Text()),  # input | output
    _value("entry", _ID),
    sqlite_with_rowid=False,
)
facet = Table(
    "facet",
    metadata,
    _key("owner", _ID),  # node id of a run, job or version
    _key("name", Text()),
    _key("entry", _ID),
    _value("body", Text()),  # JSON
)
# Few datasets have a stated source; questions about all of them must not read every facet.
# Partial, on PostgreSQL too: `database/postgres.py` takes over the conditions, so that nobody else loads its dialect.
Index("facet_of_subjects", facet.c.owner, sqlite_where=facet.c.name == "lineproof_subjects")
Index("facet_of_source", facet.c.owner, sqlite_where=facet.c.name == "lineproof_source")
Index("facet_of_classification", facet.c.owner, sqlite_where=facet.c.name == "lineproof_classification")
metric = Table(
    "metric",
    metadata,
    _key("run", _ID),
    _key("entry", _ID),
    _key("ordinal", Integer()),
    _value("name", Text()),
    _value("value", Float(), nullable=True),
    _value("text", Text(), nullable=True),  # a value that is not a finite number
    _value("step", _ID, nullable=True),
)
edge = Table(
    "edge",
    metadata,
    _key("src", _ID),
    _key("dst", _ID),
    _key("kind", Text()),
    _key("how", Text()),
    _key("precision", Text()),
    _key("rule", Text()),
    _value("run", _ID, nullable=True),
    _value("entry", _ID),
    _value("time", Text(), nullable=True),
    sqlite_with_rowid=False,
)
# Covers the walk upstream, so that it never touches the table.
Index(
    "edge_upstream",
    *(edge.c[name] for name in ("dst", "src", "kind", "how", "precision", "rule", "run", "entry", "time")),
)
symlink = Table(
    "symlink",
    metadata,
    _key("version", _ID),
    _key("namespace", Text()),
    Column("name", Text, primary_key=True, index=True),
    _value("entry", _ID),
    sqlite_with_rowid=False,
)

# Facts

decision = Table(
    "decision",
    metadata,
    _key("id", Text()),
    Column("run", _ID, nullable=True, index=True),
    _value("kind", Text()),
    _value("chosen", Text()),  # JSON
    _value("candidates", Text()),  # JSON
    _value("reason", Text(), nullable=True),
    _value("made_by", Text()),
    _value("site", Text(), nullable=True),
    _value("time", Text(), nullable=True),
    _value("entry", _ID),
)
prediction = Table(
    "prediction",
    metadata,
    _key("model_version", _ID),  # id of the version; 0 when the model was never registered
    Column("id", Text, primary_key=True, index=True),
    _value("segment", Text()),
    _value("ordinal", Integer()),
    _value("entry", _ID),
    sqlite_with_rowid=False,
)
principal = Table(
    "principal",
    metadata,
    _key("ref", Text()),
    _value("kind", Text()),
    _value("name", Text()),
    _value("auth_method", Text()),
    _value("entry", _ID),
)
activity = Table(
    "activity",
    metadata,
    _key("entry", _ID),
    _value("type", Text()),
    _value("time", Text(), nullable=True),
    Column("run", Text, nullable=True, index=True),  # UUID
    _value("job", Text(), nullable=True),
    _value("model", Text(), nullable=True),
    _value("summary", Text()),
)
statement = Table(  # what people state; the words are in the payload of the entry
    "statement",
    metadata,
    _key("entry", _ID),
    _value("type", Text()),
    Column("subject", Text, nullable=False, index=True),
    Column("node", _ID, nullable=True, index=True),  # of the model version it is about
    _value("time", Text(), nullable=True),
)
Index("statement_of_type", statement.c.type, statement.c.entry)
sealed = Table(  # whose payload is encrypted for a person; it says so itself, without any key
    "sealed",
    metadata,
    _key("entry", _ID),
    Column("subject", Text, nullable=False, index=True),  # subject_ref, hex
)
tombstone = Table(
    "tombstone",
    metadata,
    _key("entry", _ID),  # whose payload is gone
    _value("destroyed_by", _ID),
    _value("reason", Text()),
)

LOG_TABLES = (entry, payload, tile, head, meta, spool)
PROJECTED = (
    dataset,
    version,
    col,
    job,
    run,
    run_parent,
    run_event,
    run_dataset,
    facet,
    metric,
    edge,
    symlink,
    decision,
    prediction,
    principal,
    activity,
    statement,
    sealed,
    tombstone,
)
