"""One pass over a table: its identity, its profile and a sample, in a state whose parts merge."""

from lineproof.data.kernel.content import VERSION, Content, ContentState
from lineproof.data.kernel.mixing import Workspace

__all__ = ["VERSION", "Content", "ContentState", "Workspace"]
