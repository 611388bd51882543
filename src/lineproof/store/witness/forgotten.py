"""The list of destructions, kept with witnesses beside the checkpoints: a restored backup forgets again by it.

A note is signed by the ledger's key, and names nobody: ids of entries, and random references.

    ORIGIN-destroyed
    NUMBER OF LINES
    SHRED entry UUID
    SHRED person SLOT REF
    SHRED number DENSE-ID

Each witness is handed what it does not have yet.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing

import msgspec

from lineproof.errors import NoteError, WitnessError
from lineproof.ledger import VerifierKey, open_note, origin_of, sign_note
from lineproof.store.keys import signing_key
from lineproof.store.ledger import Ledger
from lineproof.store.location import KEYS
from lineproof.store.vault.again import numbers_gone
from lineproof.store.vault.destroy import Destroyed
from lineproof.store.vault.interface import Destruction
from lineproof.store.witness.file import FileKeeper
from lineproof.store.witness.git import GitKeeper
from lineproof.store.witness.kinds import keeper_of
from lineproof.store.witness.register import KnownWitness, known_witnesses

__all__ = ["Forgotten", "forget_again", "hand_list", "tell_witnesses"]

_KEEPING = (FileKeeper.kind, GitKeeper.kind)  # those that give back what they were handed
_LINES = 500  # of one note: witnesses read lines of bounded length


class Forgotten(msgspec.Struct, frozen=True):
    """What `forget_again` did.

    Attributes:
        destroyed: What had come back and is gone again; None for nothing.
        problems: Witnesses that could not be asked, and notes that do not hold: what they list may be back.
    """

    destroyed: Destroyed | None
    problems: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """Say in a line each what went again, and what may be back."""
        gone = "" if self.destroyed is None else f": entry:{self.destroyed.entry} says so"
        said = [f"what was destroyed before and had come back is gone again{gone}"] if gone else []
        return (*said, *(f"what was destroyed since may be back: {problem}" for problem in self.problems))


def forget_again(ledger: Ledger) -> Forgotten:
    """Destroy again what the key store or a witness lists as destroyed; call it after restoring a backup.

    Opening a ledger does this by the list in the key store alone; here the witnesses that the log names are
    asked too, for the case that both files were restored.

    Raises:
        ForgettingError: What a witness lists is there again, and this process cannot destroy it.
        StoreError: The ledger cannot be written.
    """
    found: list[Destruction] = []
    problems: list[str] = []
    with ledger.snapshot() as connection:
        known = known_witnesses(connection)
        keys = ledger.verifier_keys(connection)
    for one in known:
        if one.kind not in _KEEPING:
            continue
        try:
            notes = keeper_of(one).kept(_origin(ledger)).checkpoints
        except WitnessError as error:
            problems.append(f"witness {one.name}: {error.message}")
            continue
        for note in notes:
            try:
                found += _read(note, keys)
            except NoteError as error:
                problems.append(f"witness {one.name}: {error.message}")
    return Forgotten(ledger.forget_again(found) if found else None, tuple(problems))


def hand_list(ledger: Ledger, known: KnownWitness) -> int:
    """Hand a witness the destructions that it does not have; give how many lines it took.

    Raises:
        WitnessError: It cannot be reached, or does not take them.
    """
    store = ledger.vault.store
    lines = [] if store is None else list(_lines(store.destructions()))
    with ledger.snapshot() as connection, closing(connection.cursor()) as cursor:
        for shred, numbers in numbers_gone(cursor).items():
            lines += [f"{shred} number {one}" for one in numbers]
    if not lines or known.kind not in _KEEPING:
        return 0
    keeper = keeper_of(known)
    there = {line for note in keeper.kept(_origin(ledger)).checkpoints for line in _body(note)}
    missing = [line for line in lines if line not in there]
    key = signing_key(ledger.folder / KEYS)
    for start in range(0, len(missing), _LINES):
        piece = missing[start : start + _LINES]
        text = "\n".join((_origin(ledger), str(len(piece)), *piece, ""))
        keeper.keep(_origin(ledger), sign_note(text, [key]))
    return len(missing)


def tell_witnesses(ledger: Ledger) -> tuple[str, ...]:
    """Hand every witness that keeps lists what was just destroyed; give those that could not be told, with why.

    A destruction is done without them: what they lack they are handed with the next checkpoint.
    """
    problems = []
    with ledger.snapshot() as connection:
        known = known_witnesses(connection)
    for one in known:
        try:
            hand_list(ledger, one)
        except WitnessError as error:
            problems.append(f"witness {one.name}: {error.message}")
    return tuple(problems)


def _origin(ledger: Ledger) -> str:
    # Not a path below the log's own name: git could not hold both as branches.
    return f"{origin_of(ledger.id)}-destroyed"


def _lines(done: Iterable[Destruction]) -> Iterator[str]:
    for one in done:
        yield from (f"{one.shred} entry {entry}" for entry in one.entries)
        yield from (f"{one.shred} person {slot} {ref.hex()}" for slot, ref in one.people)


def _body(note: str) -> Sequence[str]:
    return note.partition("\n\n")[0].split("\n")[2:]


def _read(note: str, keys: Sequence[VerifierKey]) -> Iterator[Destruction]:
    """Give the destructions of a note, one for each line.

    Raises:
        NoteError: Nobody who is trusted signed it, or it is no list of destructions.
    """
    open_note(note, keys)
    for line in _body(note):
        shred, kind, *what = line.split(" ")
        try:
            if kind == "entry":
                (entry,) = what
                yield Destruction(str(uuid.UUID(shred)), entries=(str(uuid.UUID(entry)),))
            elif kind == "number":
                (number,) = what
                yield Destruction(str(uuid.UUID(shred)), numbers=(int(number),))
            else:
                slot, ref = what
                yield Destruction(str(uuid.UUID(shred)), people=((int(slot), bytes.fromhex(ref)),))
        except ValueError as error:
            raise NoteError("a list of destructions holds a line that is none") from error
