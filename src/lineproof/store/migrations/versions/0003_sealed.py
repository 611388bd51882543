"""The table of payloads that are encrypted for a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lineproof.store.text import Text

revision = "0003"
down_revision = "0002"

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table; no payload of an older ledger is encrypted."""
    op.create_table(
        "sealed",
        sa.Column("entry", _LONG, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("subject", Text(), nullable=False),
    )
    op.create_index("ix_sealed_subject", "sealed", ["subject"])
