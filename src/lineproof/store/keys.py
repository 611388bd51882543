"""The key files of a ledger: the key that signs its checkpoints, and the one that checks them."""

from __future__ import annotations

import os
from pathlib import Path

from lineproof.errors import KeyFileError, NoteError
from lineproof.ledger import SigningKey, VerifierKey, origin_of

__all__ = [
    "VERIFYING",
    "create_keys",
    "may_sign",
    "next_key",
    "put_next_key",
    "settle_next_key",
    "signing_key",
    "verifier_key",
]

_SIGNING = "ledger.key"
VERIFYING = "ledger.vkey"
_NEXT = "ledger.key.next"


def create_keys(folder: Path, ledger: str) -> SigningKey:
    """Make the key pair of a new ledger: `ledger.key` for its owner only, `ledger.vkey` for all."""
    key = SigningKey.generate(origin_of(ledger))
    folder.mkdir(mode=0o700, exist_ok=True)
    _write(folder / _SIGNING, key.export(), 0o600)
    _write(folder / VERIFYING, str(key.verifier), 0o644)
    return key


def signing_key(folder: Path) -> SigningKey:
    """Read the key that signs.

    Raises:
        KeyFileError: It is missing, or not a key.
    """
    try:
        return SigningKey.parse(_read(folder / _SIGNING))
    except NoteError as error:
        raise KeyFileError(f"{folder / _SIGNING} does not hold a signing key") from error


def may_sign(folder: Path) -> bool:
    """Tell whether the key that signs is there and may be read."""
    return os.access(folder / _SIGNING, os.R_OK)


def verifier_key(folder: Path) -> VerifierKey:
    """Read the key that checks.

    Raises:
        KeyFileError: It is missing, or not a key.
    """
    try:
        return VerifierKey.parse(_read(folder / VERIFYING).strip())
    except NoteError as error:
        raise KeyFileError(f"{folder / VERIFYING} does not hold a verifier key") from error


def put_next_key(folder: Path, key: SigningKey) -> None:
    """Write a key that is about to take over; it is durable when this returns.

    Raises:
        KeyFileError: It cannot be written.
    """
    try:
        _write(folder / _NEXT, key.export(), 0o600)
        _sync(folder)
    except OSError as error:
        raise KeyFileError(
            f"cannot write {folder / _NEXT}: {error.strerror}", "the present key goes on signing"
        ) from error


def next_key(folder: Path) -> SigningKey | None:
    """Read the key that is about to take over, or None when there is none."""
    if not (folder / _NEXT).exists():
        return None
    try:
        return SigningKey.parse(_read(folder / _NEXT))
    except NoteError:
        # Whoever wrote it was cut off before it signed anything. Put aside all the same: it is a secret.
        (folder / _NEXT).replace(folder / f"{_NEXT}.orphan")
        return None


def settle_next_key(folder: Path, key: SigningKey, *, took_over: bool) -> None:
    """Put the next key in the place of the present one, of which nothing is kept; or remove it."""
    if not took_over:
        (folder / _NEXT).unlink()
        return
    draft = folder / f"{VERIFYING}.new"
    draft.unlink(missing_ok=True)
    _write(draft, str(key.verifier), 0o644)
    draft.replace(folder / VERIFYING)
    (folder / _NEXT).replace(folder / _SIGNING)
    _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise KeyFileError(f"cannot read {path}: {type(error).__name__}") from error


def _write(path: Path, text: str, mode: int) -> None:
    # The mode is given at creation: there is no moment at which others may read the key.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text.rstrip("\n") + "\n")
        file.flush()
        os.fsync(file.fileno())
