"""One pass over a table: its identity, its profile and a sample, in a state whose parts merge."""

from lineproof.data.kernel.codec import from_bytes, to_bytes
from lineproof.data.kernel.content import VERSION, Content, ContentState
from lineproof.data.kernel.mixing import Workspace
from lineproof.data.kernel.profile import Profile, profile
from lineproof.data.kernel.table import TableState

__all__ = [
    "VERSION",
    "Content",
    "ContentState",
    "Profile",
    "TableState",
    "Workspace",
    "from_bytes",
    "profile",
    "to_bytes",
]
