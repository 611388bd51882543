"""The kinds of witnesses there are."""

from __future__ import annotations

from collections.abc import Callable

from lineproof.errors import CommandError
from lineproof.store.witness.file import FileKeeper
from lineproof.store.witness.git import GitKeeper
from lineproof.store.witness.interface import Keeper
from lineproof.store.witness.register import KnownWitness
from lineproof.store.witness.tsa import TsaKeeper

__all__ = ["KINDS", "keeper_of"]

KINDS: dict[str, Callable[[KnownWitness], Keeper]] = {
    FileKeeper.kind: lambda known: FileKeeper(known.location),
    GitKeeper.kind: lambda known: GitKeeper(known.location),
    TsaKeeper.kind: lambda known: TsaKeeper(known.location, known.certificate, known.tokens),
}


def keeper_of(known: KnownWitness) -> Keeper:
    """Give the witness that a ledger names.

    Raises:
        CommandError: There is no such kind.
    """
    try:
        kind = KINDS[known.kind]
    except KeyError:
        raise CommandError(f"{known.kind!r} is no kind of witness", f"one of {', '.join(KINDS)}") from None
    return kind(known)
