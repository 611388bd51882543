"""Where the columns of SQL queries come from, by their text: sqlglot parses, names are resolved here.

Nothing is executed, and sqlglot is imported only when a query is resolved.
"""

from lineproof.sql.lineage import Lineage
from lineproof.sql.resolve import resolve

__all__ = ["Lineage", "resolve"]
