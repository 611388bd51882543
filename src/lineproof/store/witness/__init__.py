"""Witnesses: places out of our reach that keep checkpoints, so that a log cannot change its past unseen.

A new kind is a class of `interface.Keeper` in a file of its own and a line in `KINDS`.
"""

from lineproof.store.witness.ask import WitnessAnswer, ask_place, ask_witnesses
from lineproof.store.witness.kinds import KINDS, keeper_of
from lineproof.store.witness.register import KnownWitness, known_witnesses

__all__ = [
    "KINDS",
    "KnownWitness",
    "WitnessAnswer",
    "ask_place",
    "ask_witnesses",
    "keeper_of",
    "known_witnesses",
]
