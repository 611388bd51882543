"""SQL engines used without a table library: SQLAlchemy, and the drivers of SQLite and PostgreSQL."""
