"""The tables as first released. New ledgers get them from `schema.py`; this is where steps begin."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Do nothing: no ledger is older."""
