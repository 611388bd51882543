"""SQL engines used without a table library: SQLAlchemy, and the drivers of SQLite and PostgreSQL."""

from lineproof.capture.patches.databases.alchemy import SqlalchemyPatch
from lineproof.capture.patches.databases.drivers import PsycopgPatch, SqlitePatch

__all__ = ["PsycopgPatch", "SqlalchemyPatch", "SqlitePatch"]
