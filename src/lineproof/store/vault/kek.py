"""The key that encrypts people's keys: where it comes from, and what it does.

It is said in the environment, by one of `LINEPROOF_KEK` (the key itself), `LINEPROOF_KEK_FILE` (a file with it)
and `LINEPROOF_KEK_COMMAND` (a command that unwraps it); else it is the file `kek` beside the key store.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
import os
import shlex
import signal
import subprocess
from pathlib import Path

from lineproof.errors import KeyEncryptionKeyError

__all__ = [
    "COMMAND",
    "DIRECT",
    "FILE",
    "WRAPPED",
    "KeyEncryptionKey",
    "from_source",
    "make_file",
    "make_next",
    "own_file",
    "settle_next",
    "stated",
    "stated_kek",
]

DIRECT = "LINEPROOF_KEK"
FILE = "LINEPROOF_KEK_FILE"
COMMAND = "LINEPROOF_KEK_COMMAND"
WRAPPED = "LINEPROOF_KEK_WRAPPED"  # the file that is given to the command; `kek.wrapped` when left out

_NAME = "kek"
_NEXT = "kek.next"
_SIZE = 32
_COMMAND_S = 60.0
_LONGEST = 4096  # bytes that hold a key in any encoding


class KeyEncryptionKey:
    """A key under which people's keys lie.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != _SIZE:
            raise KeyEncryptionKeyError(f"a key-encryption key has {_SIZE} bytes")
        self._key = key

    @property
    def id(self) -> bytes:
        """What tells it from other keys and says nothing of it, 8 bytes."""
        return hmac.digest(self._key, b"lineproof key-encryption key 1", "sha256")[:8]

    def wrap(self, key: bytes) -> bytes:
        """Wrap a person's key of 32 bytes into 40. Source: RFC 3394, section 2.2.1."""
        from cryptography.hazmat.primitives.keywrap import aes_key_wrap  # noqa: PLC0415 - heavy

        return aes_key_wrap(self._key, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Give a person's key.

        Raises:
            KeyEncryptionKeyError: It was not wrapped by this key, or was altered.
        """
        from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap  # noqa: PLC0415 - same

        try:
            return aes_key_unwrap(self._key, wrapped)
        except (InvalidUnwrap, ValueError) as error:
            raise KeyEncryptionKeyError("a person's key cannot be unwrapped: it was altered") from error


def stated_kek(folder: Path, *, create: bool = False) -> KeyEncryptionKey:
    """Give the key-encryption key in force.

    Args:
        folder: The folder `keys` of the ledger.
        create: Make the file `kek` where nothing else is stated and it is missing.

    Raises:
        KeyEncryptionKeyError: It is missing or unusable, or stated twice.
    """
    sources = stated()
    if len(sources) > 1:
        raise KeyEncryptionKeyError(f"{' and '.join(sources)} are both set", "set the one that holds")
    if sources:
        return from_source(sources[0], os.environ[sources[0]], folder)
    own = own_file(folder)
    if create and not own.exists():
        make_file(own)
    return from_source(FILE, str(own), folder)


def stated() -> list[str]:
    """Give the variables that state where the key comes from; none: it is the ledger's own file."""
    return [name for name in (DIRECT, FILE, COMMAND) if os.environ.get(name)]


def own_file(folder: Path) -> Path:
    """Give the file that holds the key where nothing else is stated."""
    return folder / _NAME


def make_next(folder: Path) -> KeyEncryptionKey:
    """Draw the key that is about to take the place of the one in the ledger's own file."""
    (folder / _NEXT).unlink(missing_ok=True)  # of a rotation that was cut off before it changed anything
    return make_file(folder / _NEXT)


def settle_next(folder: Path, wanted: bytes) -> bool:
    """Let the next key take its place, if it is the one that the key store is encrypted under.

    Args:
        folder: The folder `keys` of the ledger.
        wanted: Id of that key.
    """
    if stated() or not (folder / _NEXT).exists():
        return False
    if from_source(FILE, str(folder / _NEXT), folder).id != wanted:
        return False
    (folder / _NEXT).replace(own_file(folder))
    return True


def from_source(kind: str, value: str, folder: Path) -> KeyEncryptionKey:
    """Give the key of one source.

    Args:
        kind: `DIRECT`, `FILE` or `COMMAND`.
        value: The key, the path, or the command.
        folder: Where the wrapped key lies that a command is given, unless `WRAPPED` says.

    Raises:
        KeyEncryptionKeyError: It gives no key. The message holds nothing of what it gave.
    """
    if kind == DIRECT:
        return KeyEncryptionKey(_decoded(value.encode(), DIRECT))
    if kind == FILE:
        return KeyEncryptionKey(_decoded(_read(Path(value)), value))
    wrapped = Path(os.environ.get(WRAPPED) or folder / f"{_NAME}.wrapped")
    argv = shlex.split(value)
    if not argv:
        raise KeyEncryptionKeyError("the command is empty")
    return KeyEncryptionKey(_decoded(_ask(argv, _read(wrapped)), f"the command {argv[0]}"))


def make_file(path: Path) -> KeyEncryptionKey:
    """Draw a new key and write it, for its owner only and durable when this returns.

    Raises:
        KeyEncryptionKeyError: The file is there already, or cannot be written.
    """
    key = os.urandom(_SIZE)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{key.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise KeyEncryptionKeyError(f"cannot write {path}: {error.strerror}", "name another file") from error
    return KeyEncryptionKey(key)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST * 16)
    except OSError as error:
        raise KeyEncryptionKeyError(f"cannot read {path}: {error.strerror}") from error


def _decoded(data: bytes, source: str) -> bytes:
    """Read 32 bytes as they are, as 64 hex digits, or as base64."""
    if len(data) == _SIZE:
        return data
    text = data.strip()
    with contextlib.suppress(ValueError):
        if len(text) == 2 * _SIZE:
            return bytes.fromhex(text.decode("ascii"))
    with contextlib.suppress(binascii.Error):
        key = base64.b64decode(text, validate=True)
        if len(key) == _SIZE:
            return key
    # Without `from`: the cause would show what was given.
    raise KeyEncryptionKeyError(f"{source} gives no key of {_SIZE} bytes: raw, 64 hex digits or base64")


def _ask(argv: list[str], wrapped: bytes) -> bytes:
    """Run the command: wrapped bytes to its standard input, the key from its standard output."""
    # 1. No shell, a session of its own: what it starts ends with it when it takes too long.
    # 2. What it writes is never shown, neither the key nor its messages: both may hold secrets.
    try:
        process = subprocess.Popen(  # noqa: S603 - the command is the operator's own setting
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise KeyEncryptionKeyError(f"cannot run {argv[0]}: {error.strerror}") from None
    with process:  # which closes its pipes
        try:
            given, _ = process.communicate(wrapped, timeout=_COMMAND_S)
        except subprocess.TimeoutExpired:
            raise KeyEncryptionKeyError(f"{argv[0]} gave no key within {_COMMAND_S:.0f} s") from None
        finally:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0:
        raise KeyEncryptionKeyError(f"{argv[0]} ended with {process.returncode}", "run it by hand to see why")
    return bytes(given[:_LONGEST])
