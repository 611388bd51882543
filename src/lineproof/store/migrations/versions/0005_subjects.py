"""An index of the versions of which it is known whose rows they have."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SUBJECTS = sa.text("name = 'lineproof_subjects'")


def upgrade() -> None:
    """Make it: finding a person must not read every facet."""
    op.create_index(
        "facet_of_subjects", "facet", ["owner"], sqlite_where=_SUBJECTS, postgresql_where=_SUBJECTS
    )
