"""Arrow (pyarrow): tables, record batches, columns and their compute functions, files and datasets.

A method without a rule of its own falls to the union of all that went in, marked superset. What the
interpreter does without a call, `table["a"]`, is recognised by the memory it shares with its table.
"""

from lineproof.capture.patches.pyarrow.patch import PyarrowPatch

__all__ = ["PyarrowPatch"]
