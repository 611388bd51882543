"""The table of what people state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lineproof.store.text import Text

revision = "0002"
down_revision = "0001"

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SOURCE = sa.text("name = 'lineproof_source'")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "statement",
        sa.Column("entry", _LONG, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("type", Text(), nullable=False),
        sa.Column("subject", Text(), nullable=False),
        sa.Column("node", _LONG, nullable=True),
        sa.Column("time", Text(), nullable=True),
    )
    op.create_index("ix_statement_subject", "statement", ["subject"])
    op.create_index("ix_statement_node", "statement", ["node"])
    op.create_index("statement_of_type", "statement", ["type", "entry"])
    op.create_index("facet_of_source", "facet", ["owner"], sqlite_where=_SOURCE, postgresql_where=_SOURCE)
