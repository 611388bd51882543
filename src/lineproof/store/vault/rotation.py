"""Another key-encryption key: people's keys are wrapped anew, no payload is written again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from lineproof.errors import KeyEncryptionKeyError
from lineproof.store.vault import kek
from lineproof.store.vault.vault import Vault

__all__ = ["KekTarget", "RotatedKek", "rotate_kek"]

_SOURCES = {"env": kek.DIRECT, "file": kek.FILE, "command": kek.COMMAND}


class KekTarget(msgspec.Struct, frozen=True):
    """Where the new key-encryption key comes from.

    Attributes:
        kind: `file`, made where it is not there; `env`, a variable that holds it; or `command`.
        value: Its path, name, or text.
    """

    kind: Literal["file", "env", "command"]
    value: str


class RotatedKek(msgspec.Struct, frozen=True, kw_only=True):
    """What a rotation did.

    Attributes:
        people: How many keys were wrapped anew.
        setting: The environment variable to set from now on; None where the ledger's own file holds the key.
    """

    people: int
    setting: str | None


def rotate_kek(
    vault: Vault, folder: Path, target: KekTarget | None, progress: Callable[[int, int], None] | None = None
) -> RotatedKek:
    """Wrap the keys of all people under a new key-encryption key; the caller holds the ledger's lock.

    Args:
        vault: The keys.
        folder: The folder `keys` of the ledger.
        target: Where the new one comes from; a new one in the ledger's own file when left out.
        progress: Called with (done, total) people.

    Raises:
        KeyEncryptionKeyError: The present one or the new one is not at hand, or they are one; nothing changed.
    """
    # 1. Have both: the present one as it is stated, the new one durable wherever it lies.
    # 2. Wrap all keys anew in one transaction, which also says which key-encryption key it is.
    # 3. Only then the ledger's own file changes; who is killed in between leaves it to the next reader.
    store, present = vault.made(), vault.kek
    own = kek.own_file(folder)
    if target is None:
        if kek.stated():
            raise KeyEncryptionKeyError(
                f"{kek.stated()[0]} states the key-encryption key", "say where the new one comes from"
            )
        new = kek.make_next(folder)
    else:
        new = _of(target, folder)
    if new.id == present.id:
        raise KeyEncryptionKeyError("the new key-encryption key is the present one", "make another")
    people = store.rewrap(lambda key: new.wrap(present.unwrap(key)), new.id, progress or (lambda *_: None))
    if target is None:
        kek.settle_next(folder, new.id)
    elif not kek.stated():
        own.unlink(missing_ok=True)  # it opens copies of the key store from before, and nothing else
    vault.close()
    return RotatedKek(people=people, setting=None if target is None else _SOURCES[target.kind])


def _of(target: KekTarget, folder: Path) -> kek.KeyEncryptionKey:
    if target.kind == "env":
        value = os.environ.get(target.value)
        if not value:
            raise KeyEncryptionKeyError(
                f"{target.value} is not set", "name the variable that holds the new key"
            )
        return kek.from_source(kek.DIRECT, value, folder)
    if target.kind == "file" and not Path(target.value).exists():
        return kek.make_file(Path(target.value))
    return kek.from_source(_SOURCES[target.kind], target.value, folder)
