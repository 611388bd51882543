"""The kinds of witnesses there are."""

from __future__ import annotations

from lineproof.errors import CommandError
from lineproof.store.witness.file import FileKeeper
from lineproof.store.witness.git import GitKeeper
from lineproof.store.witness.interface import Keeper

__all__ = ["KINDS", "keeper_of"]

KINDS: dict[str, type[Keeper]] = {kind.kind: kind for kind in (FileKeeper, GitKeeper)}


def keeper_of(kind: str, location: str) -> Keeper:
    """Give the witness of this kind at this location.

    Raises:
        CommandError: There is no such kind.
    """
    try:
        return KINDS[kind](location)
    except KeyError:
        raise CommandError(f"{kind!r} is no kind of witness", f"one of {', '.join(KINDS)}") from None
