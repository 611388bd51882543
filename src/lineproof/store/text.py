"""The type of every column that holds text."""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy.ext.compiler import compiles

__all__ = ["Text"]


class Text(sqlalchemy.Text):
    """Text that compares and sorts by code point, on both databases and whatever the locale of a server."""


@compiles(Text, "postgresql")
def _by_code_point(_type: Text, _compiler: Any, **_options: Any) -> str:
    return 'TEXT COLLATE "C"'
