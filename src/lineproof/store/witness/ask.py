"""Asking witnesses what they keep, and holding the log against it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from lineproof.errors import (
    ForkError,
    LineproofError,
    NoteError,
    ProofError,
    RollbackError,
    UnknownReferenceError,
)
from lineproof.ledger import Checkpoint, VerifierKey, check_extends, open_checkpoint
from lineproof.store.database import Session
from lineproof.store.hashes import StoredHead, read_head
from lineproof.store.verify.report import Failure
from lineproof.store.witness.file import FileKeeper
from lineproof.store.witness.git import GitKeeper
from lineproof.store.witness.interface import Keeper, Kept
from lineproof.store.witness.kinds import keeper_of
from lineproof.store.witness.register import KnownWitness, known_witnesses

__all__ = ["WitnessAnswer", "ask_place", "ask_witnesses", "check_witness"]

_SHOWN = 10  # damaged places and lost checkpoints that are named


class WitnessAnswer(msgspec.Struct, kw_only=True):
    """What one witness says of the log.

    Attributes:
        name: What people call it.
        kind: What it is.
        location: Where it is.
        ok: It could be asked, and the log holds everything that it has seen.
        kept: Checkpoints of this log that it keeps.
        newest: Number of entries of the newest that the log holds; None when it keeps none.
        failures: Of kind `rollback`, `fork` or `witness`; checkpoints are the evidence.
        problem: Why it could not be asked, or was not.
    """

    name: str
    kind: str
    location: str
    ok: bool = False
    kept: int = 0
    newest: int | None = None
    failures: list[Failure] = []
    problem: str | None = None


def ask_witnesses(
    connection: Session,
    keys: Sequence[VerifierKey],
    *,
    names: Sequence[str] = (),
    nearby: bool = False,
) -> list[WitnessAnswer]:
    """Ask the witnesses that the ledger names.

    Args:
        connection: Snapshot of the ledger.
        keys: Those that sign or have signed for it, the present one last.
        names: Only these; all when left out.
        nearby: Leave those out that need a network.

    Raises:
        NoteError: The ledger's own checkpoint does not hold.
        UnknownReferenceError: There is no witness of such a name.
    """
    answers = []
    every = known_witnesses(connection)
    for name in names:
        if all(one.name != name for one in every):
            raise UnknownReferenceError(f"there is no witness {name}", "`lineproof witness list` names them")
    for known in every:
        if names and known.name not in names:
            continue
        keeper = keeper_of(known)
        if nearby and not keeper.nearby:
            answer = WitnessAnswer(name=known.name, kind=known.kind, location=known.location)
            answer.problem = "it is elsewhere; `lineproof witness check` asks it"
        else:
            answer = check_witness(connection, keys, keeper, known)
        answers.append(answer)
    return answers


def ask_place(connection: Session, keys: Sequence[VerifierKey], location: str) -> WitnessAnswer:
    """Ask a file or git repository, whether the ledger names it as a witness or not.

    Raises:
        NoteError: The ledger's own checkpoint does not hold.
    """
    kind = FileKeeper.kind if Path(location).is_file() else GitKeeper.kind
    place = str(Path(location).resolve()) if Path(location).exists() else location
    for known in known_witnesses(connection):
        if place in (known.location, known.tokens):
            return check_witness(connection, keys, keeper_of(known), known)
    stranger = KnownWitness(witness="", name=location, kind=kind, location=place, entry=-1)
    return check_witness(connection, keys, keeper_of(stranger), stranger)


def check_witness(
    connection: Session, keys: Sequence[VerifierKey], keeper: Keeper, known: KnownWitness
) -> WitnessAnswer:
    """Demand that the log is consistent with every checkpoint that a witness keeps.

    Args:
        connection: Snapshot of the ledger.
        keys: Those that sign or have signed for it, the present one last.
        keeper: The witness.
        known: What the ledger says of it.

    Raises:
        NoteError: The ledger's own checkpoint does not hold.
    """
    head = read_head(connection)
    present = open_checkpoint(head.checkpoint, keys[-1:])
    answer = WitnessAnswer(name=known.name, kind=known.kind, location=known.location)
    try:
        kept = keeper.kept(present.origin)
    except LineproofError as error:
        answer.problem = error.message
        return answer
    # 1. Only what the log's key signed is its word.
    opened = _opened(kept, keys, answer)
    # 2. Everything it has seen must be a beginning of the present log.
    _compare(opened, present, head, answer)
    # 3. What it was handed must still be there.
    for entry, note in list(known.kept.items()):
        if note not in kept.checkpoints and len(answer.failures) < _SHOWN:
            answer.failures.append(
                Failure(
                    kind="witness",
                    entry=entry,
                    key={"witness": known.name},
                    expected=note,
                    found="the witness does not keep it any more",
                )
            )
    answer.ok = not answer.failures
    return answer


def _opened(kept: Kept, keys: Sequence[VerifierKey], answer: WitnessAnswer) -> list[tuple[Checkpoint, str]]:
    damage = list(kept.damage)
    opened = {}
    for note in kept.checkpoints:
        try:
            opened[note] = open_checkpoint(note, keys)
        except NoteError as error:
            damage.append(f"a checkpoint of {note.splitlines()[1][:20]} entries does not hold: {error}")
    answer.kept = len(opened)
    answer.failures += [
        Failure(
            kind="witness", key={"witness": answer.name}, expected="checkpoints signed by the log", found=one
        )
        for one in damage[:_SHOWN]
    ]
    return sorted(((one, note) for note, one in opened.items()), key=lambda pair: pair[0].size)


def _compare(
    opened: list[tuple[Checkpoint, str]], present: Checkpoint, head: StoredHead, answer: WitnessAnswer
) -> None:
    """Find the last checkpoint that the log still holds, and the first that it contradicts."""
    rolled_back = None
    for kept, note in opened:
        try:
            check_extends(kept, present, head.source)
            answer.newest = kept.size
        except ForkError:
            first = answer.newest or 0
            answer.failures.append(
                Failure(
                    kind="fork",
                    entry=first,
                    key={"witness": answer.name, "entries": _range(first, kept.size)},
                    expected=note,
                    found=head.checkpoint,
                )
            )
            break  # what was seen later rests on the same difference
        except RollbackError:
            rolled_back = kept, note
        except ProofError as error:
            answer.problem = f"{error.message}: run `lineproof verify`"
            answer.failures.append(
                Failure(kind="tree", expected="the hashes under the checkpoint", found=str(error))
            )
            break
    if rolled_back is not None:
        kept, note = rolled_back
        answer.failures.append(
            Failure(
                kind="rollback",
                entry=present.size,
                key={"witness": answer.name, "entries": _range(present.size, kept.size)},
                expected=note,
                found=head.checkpoint,
            )
        )


def _range(start: int, stop: int) -> str:
    return str(start) if stop == start + 1 else f"{start} to {stop - 1}"
