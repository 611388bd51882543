"""The index by which classified columns are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_CLASSIFIED = sa.text("name = 'lineproof_classification'")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "facet_of_classification",
        "facet",
        ["owner"],
        sqlite_where=_CLASSIFIED,
        postgresql_where=_CLASSIFIED,
    )
