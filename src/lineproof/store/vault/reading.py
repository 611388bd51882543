"""Reading payloads in the tables' snapshot, those that are encrypted for a person among them."""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from lineproof.store.vault.vault import Vault

__all__ = ["readable", "with_vault"]

_OPTION = "lineproof_vault"


def with_vault(engine: Engine, vault: Vault) -> Engine:
    """Give the engine so that `readable` finds the keys from each of its connections."""
    return engine.execution_options(**{_OPTION: vault})


def readable(connection: Connection, body: bytes | None) -> bytes | None:
    """Give what was recorded, from what `payload.body` holds; None when it was destroyed.

    Raises:
        MissingKeyError: It is encrypted for a person whose key is not in the key store.
        SealError: It, or that key, was altered.
        KeyEncryptionKeyError: The key over people's keys is not at hand.
    """
    if body is None:
        return None
    vault = connection.get_execution_options().get(_OPTION)
    return vault.open(bytes(body)) if isinstance(vault, Vault) else bytes(body)
