"""The tables as first released.

A new ledger gets its tables from `schema.py`; a test sees that all steps together give the same.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from lineproof.store.text import Text

revision = "0001"
down_revision = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, nullable=False, autoincrement=False)


def upgrade() -> None:
    """Make all tables."""
    _log()
    _nodes()
    _runs()
    _lineage()
    _facts()
    _outcomes()


def _log() -> None:
    op.create_table(
        "entry",
        _key("seq", _LONG),
        sa.Column("id", Text(), nullable=False, unique=True),
        sa.Column("type", Text(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "payload",
        _key("seq", _LONG),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
    )
    op.create_table(
        "tile",
        _key("level", sa.Integer()),
        _key("idx", _LONG),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "head",
        _key("id", sa.Integer()),
        sa.Column("size", _LONG, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.Column("checkpoint", Text(), nullable=False),
    )
    op.create_table(
        "meta",
        _key("key", Text()),
        sa.Column("value", Text(), nullable=False),
    )
    op.create_table(
        "spool",
        _key("name", Text()),
        sa.Column("taken_bytes", _LONG, nullable=False),
        sa.Column("chain", Text(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
    )


def _nodes() -> None:
    op.create_table(
        "dataset",
        _key("id", _LONG),
        sa.Column("namespace", Text(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("type", Text(), nullable=True),
        sa.Column("entry", _LONG, nullable=False),
    )
    op.create_index("ix_dataset_name", "dataset", ["name"])
    op.create_table(
        "version",
        _key("id", _LONG),
        sa.Column("dataset", _LONG, nullable=False),
        sa.Column("content", Text(), nullable=False),
        sa.Column("entry", _LONG, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("time", Text(), nullable=True),
    )
    op.create_index("ix_version_content", "version", ["content"])
    op.create_index("version_of_dataset", "version", ["dataset", "entry", "ordinal"])
    op.create_table(
        "col",
        _key("id", _LONG),
        sa.Column("version", _LONG, nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("type", Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("entry", _LONG, nullable=False),
    )
    op.create_index("ix_col_name", "col", ["name"])
    op.create_index("ix_col_version", "col", ["version"])
    op.create_table(
        "job",
        _key("id", _LONG),
        sa.Column("namespace", Text(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("entry", _LONG, nullable=False),
    )
    op.create_index("ix_job_name", "job", ["name"])


def _runs() -> None:
    op.create_table(
        "run",
        _key("id", _LONG),
        sa.Column("uuid", Text(), nullable=False),
        sa.Column("job", _LONG, nullable=False),
        sa.Column("entry", _LONG, nullable=False),
    )
    op.create_index("ix_run_job", "run", ["job"])
    op.create_index("ix_run_uuid", "run", ["uuid"])
    op.create_table(
        "run_parent",
        _key("run", _LONG),
        sa.Column("parent", _LONG, nullable=False),
        sa.Column("entry", _LONG, nullable=False),
    )
    op.create_index("ix_run_parent_parent", "run_parent", ["parent"])
    op.create_table(
        "run_event",
        _key("run", _LONG),
        _key("entry", _LONG),
        sa.Column("type", Text(), nullable=True),
        sa.Column("time", Text(), nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "run_dataset",
        _key("run", _LONG),
        _key("version", _LONG),
        _key("direction", Text()),
        sa.Column("entry", _LONG, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_run_dataset_version", "run_dataset", ["version"])


def _lineage() -> None:
    op.create_table(
        "facet",
        _key("owner", _LONG),
        _key("name", Text()),
        _key("entry", _LONG),
        sa.Column("body", Text(), nullable=False),
    )
    op.create_table(
        "metric",
        _key("run", _LONG),
        _key("entry", _LONG),
        _key("ordinal", sa.Integer()),
        sa.Column("name", Text(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("text", Text(), nullable=True),
        sa.Column("step", _LONG, nullable=True),
    )
    op.create_table(
        "edge",
        _key("src", _LONG),
        _key("dst", _LONG),
        _key("kind", Text()),
        _key("how", Text()),
        _key("precision", Text()),
        _key("rule", Text()),
        sa.Column("run", _LONG, nullable=True),
        sa.Column("entry", _LONG, nullable=False),
        sa.Column("time", Text(), nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "edge_upstream", "edge", ["dst", "src", "kind", "how", "precision", "rule", "run", "entry", "time"]
    )
    op.create_table(
        "symlink",
        _key("version", _LONG),
        _key("namespace", Text()),
        _key("name", Text()),
        sa.Column("entry", _LONG, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_symlink_name", "symlink", ["name"])


def _facts() -> None:
    op.create_table(
        "decision",
        _key("id", Text()),
        sa.Column("run", _LONG, nullable=True),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("chosen", Text(), nullable=False),
        sa.Column("candidates", Text(), nullable=False),
        sa.Column("reason", Text(), nullable=True),
        sa.Column("made_by", Text(), nullable=False),
        sa.Column("site", Text(), nullable=True),
        sa.Column("time", Text(), nullable=True),
        sa.Column("entry", _LONG, nullable=False),
    )
    op.create_index("ix_decision_run", "decision", ["run"])


def _outcomes() -> None:
    op.create_table(
        "prediction",
        _key("model_version", _LONG),
        _key("id", Text()),
        sa.Column("segment", Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("entry", _LONG, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_prediction_id", "prediction", ["id"])
    op.create_table(
        "principal",
        _key("ref", Text()),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("auth_method", Text(), nullable=False),
        sa.Column("entry", _LONG, nullable=False),
    )
    op.create_table(
        "activity",
        _key("entry", _LONG),
        sa.Column("type", Text(), nullable=False),
        sa.Column("time", Text(), nullable=True),
        sa.Column("run", Text(), nullable=True),
        sa.Column("job", Text(), nullable=True),
        sa.Column("model", Text(), nullable=True),
        sa.Column("summary", Text(), nullable=False),
    )
    op.create_index("ix_activity_run", "activity", ["run"])
    op.create_table(
        "tombstone",
        _key("entry", _LONG),
        sa.Column("destroyed_by", _LONG, nullable=False),
        sa.Column("reason", Text(), nullable=False),
    )
