"""What a witness can do."""

from __future__ import annotations

from typing import ClassVar, Protocol

import msgspec

__all__ = ["Keeper", "Kept"]


class Kept(msgspec.Struct, frozen=True):
    """What a witness keeps of a log.

    Attributes:
        checkpoints: Signed notes, oldest first; nothing in them is checked.
        damage: Places that hold something else than a checkpoint, in words.
    """

    checkpoints: tuple[str, ...]
    damage: tuple[str, ...] = ()


class Keeper(Protocol):
    """Keeps checkpoints of logs at one location.

    Attributes:
        kind: What it is called in entries and on the command line.
    """

    kind: ClassVar[str]

    @property
    def nearby(self) -> bool:
        """Whether asking it needs no network."""
        ...

    def kept(self, origin: str) -> Kept:
        """Give what it keeps of the log of this origin.

        Raises:
            WitnessError: It cannot be reached.
        """
        ...

    def keep(self, origin: str, note: str) -> str:
        """Hand it a checkpoint; it is kept when this returns.

        Returns:
            What it gave for it, such as the number of a commit.

        Raises:
            WitnessError: It cannot be reached, or does not take it.
        """
        ...
