"""Random generators: their state when the program gets them."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["SeedsPatch"]


class SeedsPatch:
    """Takes note of the states of generators right after their import. Wraps nothing."""

    LIBRARIES = ("random", "numpy.random", "torch.random")

    def __init__(self, library: str) -> None:
        self.library = library

    def install(self, module: ModuleType, session: Session) -> None:  # noqa: ARG002 — states are found by name
        """Note the states there are."""
        session.seeds_seen()
