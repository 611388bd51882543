"""Handing a log over from one key to the next: the old key signs for the new one.

The endorsement is a note that no checkpoint can be mistaken for: its second line is no number.
"""

from __future__ import annotations

from collections.abc import Sequence

from lineproof.errors import NoteError
from lineproof.ledger.note import SigningKey, VerifierKey, open_note, sign_note

__all__ = ["endorse", "key_chain"]

_HEADER = "lineproof key rotation v1"


def endorse(old: SigningKey, new: VerifierKey) -> str:
    """Write the note in which a key hands its log over to another.

    Raises:
        NoteError: The keys are not of one log.
    """
    if old.name != new.name:
        raise NoteError(f"the key {new.name} cannot take over from {old.name}")
    return sign_note(f"{_HEADER}\n{old.name}\n{new}\n", [old])


def key_chain(stated: Sequence[tuple[str, str | None]], trusted: VerifierKey) -> list[VerifierKey]:
    """Give the keys of a log as far as trust in one of them reaches, the present one last.

    Whoever trusts a key trusts those before it, which the log names, and each later one that its predecessor
    has signed for.

    Args:
        stated: Each key of the log in order, as text, with the endorsement by the one before.
        trusted: The key that is trusted.
    """
    keys: list[VerifierKey] = []
    try:
        for text, endorsement in stated:
            key = VerifierKey.parse(text)
            if trusted in keys:
                _require_endorsed(key, endorsement, keys[-1])
            keys.append(key)
    except NoteError:
        pass  # what comes after rests on what does not hold
    return keys if trusted in keys else [trusted]


def _require_endorsed(key: VerifierKey, endorsement: str | None, by: VerifierKey) -> None:
    if open_note(endorsement or "", [by]).text != f"{_HEADER}\n{by.name}\n{key}\n":
        raise NoteError("the endorsement is for another key")
