"""Being a witness: cosigning the checkpoint of an exported log that has only grown since it was seen last."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from lineproof.errors import CommandError, KeyFileError, NoteError, TileError, WitnessError
from lineproof.ledger import (
    CHECKPOINT,
    Checkpoint,
    CosigningKey,
    HashSource,
    VerifierKey,
    add_cosignature,
    check_extends,
    open_checkpoint,
    partial_tiles,
    split_note,
    tile_path,
    tile_source,
)
from lineproof.store.export.chain import CHAIN_FILE, chain_from

__all__ = ["Cosigned", "cosign_export", "create_witness_key"]


class Cosigned(msgspec.Struct, frozen=True):
    """What was cosigned.

    Attributes:
        origin: Which log.
        size: Its number of entries.
        before: The number when it was seen last; None when it was seen for the first time.
        witness: Verifier key of the witness.
    """

    origin: str
    size: int
    before: int | None
    witness: str


class _Memory(msgspec.Struct, frozen=True):
    """What a witness remembers of a log.

    Attributes:
        keys: Those that have signed for it, the last one last.
        checkpoint: What it saw last.
    """

    keys: tuple[str, ...]
    checkpoint: str


def create_witness_key(path: Path, name: str) -> CosigningKey:
    """Make the key of a witness, in a file for its owner only.

    Raises:
        NoteError: No key can have that name.
        CommandError: The file is there already, or cannot be written.
    """
    key = CosigningKey.generate(name)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise CommandError(
            f"cannot make {path}: {error.strerror}", "name a file that is not there"
        ) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key.export() + "\n")
    return key


def cosign_export(folder: Path, key_file: Path, *, log: VerifierKey | None, time: int) -> Cosigned:
    """Cosign the checkpoint of an exported log.

    Args:
        folder: The exported log.
        key_file: The witness's key; what it has seen lies beside it, in a folder of that name and `.seen`.
        log: The log's verifier key, had by another way than the folder; only needed when it is seen first.
        time: Now, seconds since 1970.

    Raises:
        WitnessError: There is no exported log.
        KeyFileError: The witness's key cannot be read.
        NoteError: The log's key did not sign the checkpoint, or is not known.
        RollbackError: It has fewer entries than were seen.
        ForkError: It holds other entries than were seen.
        ProofError: The tiles do not give its root.
    """
    # 1. The log's key must have signed it, or one that it handed over to.
    # 2. It must have grown from what was seen last.
    # 3. Remember it, durably, and only then cosign: a second history is never vouched for.
    key = _key(key_file)
    note = _text(folder / CHECKPOINT)
    origin = note.partition("\n")[0]
    memory = (
        key_file.with_name(f"{key_file.name}.seen")
        / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.json"
    )
    seen = _seen(memory)
    known = [] if seen is None else [VerifierKey.parse(one) for one in seen.keys]
    log = known[-1] if known else log
    if log is None:
        raise NoteError(f"the log {origin} is not known", "pass its public key with --log")
    signer = chain_from(_bytes(folder / CHAIN_FILE), log)[-1]
    present = open_checkpoint(note, [*{*known, signer}])
    before = None
    if seen is not None:
        earlier = Checkpoint.parse(split_note(seen.checkpoint)[0])
        check_extends(earlier, present, _source(folder, present.size))
        before = earlier.size
    open_checkpoint(note, [signer])  # an old key may show what a log was, not what it has become
    _remember(memory, _Memory((*(str(one) for one in known if one != signer), str(signer)), note))
    cosigned = add_cosignature(note, key.cosign(split_note(note)[0], time))
    draft = folder / f".{CHECKPOINT}.new"
    draft.write_text(cosigned, encoding="utf-8")
    draft.replace(folder / CHECKPOINT)
    return Cosigned(present.origin, present.size, before, str(key.verifier))


def _source(folder: Path, size: int) -> HashSource:
    widths = {(level, index): width for level, index, width in partial_tiles(size)}

    def read(level: int, index: int) -> bytes:
        width = widths.get((level, index))
        found = b"" if width is None else _bytes(folder / tile_path(level, index, width))
        return found or _bytes(folder / tile_path(level, index))

    return tile_source(read)


def _key(path: Path) -> CosigningKey:
    try:
        return CosigningKey.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, NoteError) as error:
        raise KeyFileError(
            f"{path} does not hold the key of a witness", "`lineproof witness key` makes one"
        ) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise WitnessError(
            f"{path.parent} holds no exported log: no {path.name}", "`lineproof ledger export`"
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise TileError(f"cannot read {path}: {error.strerror}") from error


def _seen(path: Path) -> _Memory | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Memory)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise WitnessError(
            f"cannot read what was seen, {path}", "restore it: without it nothing can be vouched for"
        ) from error


def _remember(path: Path, memory: _Memory) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(memory))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
