"""Where tables come from: files by their ending, folders of Parquet, objects in memory."""

from lineproof.data.sources.interface import Source, TypesWidened
from lineproof.data.sources.opening import open_source

__all__ = ["Source", "TypesWidened", "open_source"]
