"""The keys of the people of one ledger: made, found, used."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path

from lineproof.errors import KeyEncryptionKeyError, KeyFileError, MissingKeyError
from lineproof.model.people import forms_of
from lineproof.model.subjects import SUBJECTS_KEY, Subject, SubjectHash
from lineproof.store.vault.envelope import Sealed, is_sealed, read_header, seal, unseal
from lineproof.store.vault.interface import KeyStore, Person
from lineproof.store.vault.kek import KeyEncryptionKey, settle_next, stated_kek
from lineproof.store.vault.keystore import SqliteKeyStore

__all__ = ["KEY_STORE", "Vault", "make_subjects_key"]

KEY_STORE = "subjects.db"

_CACHED = 10_000  # keys in memory at most
_KEY_BYTES = 32
_REF_BYTES = 16


class Vault:
    """The key store of a ledger with the keys over it; none of it is read before it is needed.

    Args:
        folder: The folder `keys` of the ledger.
        ledger: Id of the ledger.
    """

    def __init__(self, folder: Path, ledger: str) -> None:
        self._folder = folder
        self._ledger = ledger
        self._store: KeyStore | None = None
        self._hash: SubjectHash | None = None
        self._kek: KeyEncryptionKey | None = None
        self._keys: dict[Sealed, bytes] = {}

    @property
    def store(self) -> KeyStore | None:
        """The key store, or None where nobody's key was ever made or it may not be read."""
        path = self._folder / KEY_STORE
        if self._store is None and path.is_file() and os.access(path, os.R_OK):
            self._store = SqliteKeyStore(path)
        return self._store

    def made(self) -> KeyStore:
        """Give the key store, made now where there is none; the caller holds the ledger's lock."""
        if self.store is None:
            self._store = SqliteKeyStore.create(
                self._folder / KEY_STORE, ledger=self._ledger.encode(), hash=self.hash.id
            )
        assert self._store is not None
        return self._store

    @property
    def hash(self) -> SubjectHash:
        """The keyed hash by which people are looked up.

        Raises:
            KeyFileError: Its key is missing, or another one than the look-ups were made with.
        """
        if self._hash is None:
            path = self._folder / SUBJECTS_KEY
            try:
                self._hash = SubjectHash.parse(path.read_text(encoding="ascii"))
            except (OSError, ValueError) as error:
                raise KeyFileError(f"cannot read {path}: {type(error).__name__}") from error
            stated = None if self.store is None else self.store.facts().get("hash")
            if stated not in (None, self._hash.id):
                raise KeyFileError(f"{path} is not the key that people are looked up by")
        return self._hash

    @property
    def kek(self) -> KeyEncryptionKey:
        """The key-encryption key that the key store was made with, or last rotated to.

        Raises:
            KeyEncryptionKeyError: What is stated is another one, or none.
        """
        if self._kek is None:
            stated = None if self.store is None else self.store.facts().get("kek")
            if stated is not None:
                settle_next(self._folder, stated)  # a rotation was cut off once it had changed everything
            kek = stated_kek(self._folder, create=stated is None)
            if stated is None and self.store is not None:
                self.store.note("kek", kek.id)  # the first key is about to be made
            elif stated != kek.id:
                raise KeyEncryptionKeyError("the key store is encrypted under another key-encryption key")
            self._kek = kek
        return self._kek

    def find(self, subjects: Iterable[Subject]) -> dict[Subject, Person]:
        """Give the people who have a key."""
        if self.store is None:
            return {}
        hashed = {self.hash.of(one): one for one in subjects}
        return {hashed[found]: person for found, person in self.store.find(hashed).items()}

    def known_as(self, subject: Subject) -> list[bytes]:
        """Give the keyed hashes of a person: that of their identifier, and of those it was linked with."""
        own = self.hash.of(subject)
        return [own] if self.store is None else self.store.hashes_of(own)

    def named_as(self, subject: Subject) -> list[bytes]:
        """Give the keyed hashes by which sets of people may know a person: `known_as`, in each form."""
        return list(dict.fromkeys((*self.known_as(subject), *map(self.hash.of, forms_of(subject)))))

    def ensure(
        self, subjects: Collection[Subject], used: Callable[[list[bytes]], Collection[bytes]]
    ) -> dict[Subject, Person]:
        """Give people with their keys, made where they have none; durable when this returns.

        The caller holds the ledger's lock, and commits what is encrypted afterwards.

        Args:
            subjects: Who.
            used: Tells which refs of some have payloads in the ledger.
        """
        # 1. What an earlier writer made and never used goes: it was killed before its entries were committed.
        # 2. Draw a ref and a key for each who is new, the key under the key-encryption key.
        # 3. All in one transaction of the key store, before anything is encrypted with them.
        store = self.made()
        found = self.find(subjects)
        new = [one for one in dict.fromkeys(subjects) if one not in found]
        if not new:
            return found
        self.sweep(used)
        found = self.find(subjects)
        new = [one for one in dict.fromkeys(subjects) if one not in found]
        store.add([(self.hash.of(one), *self.fresh()) for one in new])
        return found | self.find(new)

    def fresh(self) -> tuple[bytes, bytes]:
        """Draw a new ref, and a new key as it is stored."""
        return os.urandom(_REF_BYTES), self.kek.wrap(os.urandom(_KEY_BYTES))

    def sweep(self, used: Callable[[list[bytes]], Collection[bytes]]) -> int:
        """Remove keys that were made for entries which were never committed; give how many."""
        pending = [] if self.store is None else self.store.pending()
        if not pending or self.store is None:
            return 0
        there = set(used([one.ref for one in pending]))
        orphans = [one for one in pending if one.ref not in there]
        self.store.sweep(orphans)
        return len(orphans)

    def seal(self, payload: bytes, person: Person) -> bytes:
        """Encrypt a payload for a person."""
        named = Sealed(person.slot, person.ref)
        return seal(payload, named, self._key(named, person))

    def open(self, body: bytes) -> bytes:
        """Give the payload behind what is stored: itself, unless it is encrypted for a person.

        Raises:
            MissingKeyError: The key is not in the key store.
            SealError: The payload or the key was altered.
            KeyEncryptionKeyError: The key-encryption key is not at hand.
        """
        if not is_sealed(body):
            return body
        named = read_header(body)
        if named not in self._keys:
            person = None if self.store is None else self.store.person(named.slot, named.ref)
            if person is None:
                raise MissingKeyError(f"the key of person {named.ref.hex()} is not in the key store")
            return unseal(body, self._key(named, person))
        return unseal(body, self._keys[named])

    def people(self, subjects: Iterable[Subject]) -> tuple[Person, ...]:
        """Give all keys of some people, those that they were linked with among them."""
        found: dict[int, Person] = {}
        for person in self.find(subjects).values():
            assert self.store is not None
            found.update((one.slot, one) for one in self.store.group(person))
        return tuple(found.values())

    def link(self, one: Subject, other: Subject, used: Callable[[list[bytes]], Collection[bytes]]) -> None:
        """Let two identifiers lead to one person; the caller holds the ledger's lock."""
        store = self.made()
        self.sweep(used)
        store.link(self.hash.of(one), self.hash.of(other), self.fresh())

    def settle(self) -> None:
        """Let the people stay who were added last, although nothing is encrypted for them yet."""
        if self.store is not None:
            self.store.sweep([])

    def forget_keys(self) -> None:
        """Drop the keys in memory."""
        self._keys.clear()

    def close(self) -> None:
        """Let go of the key store's file."""
        self.forget_keys()
        self._kek = None
        if self._store is not None:
            self._store.close()
            self._store = None

    def _key(self, named: Sealed, person: Person) -> bytes:
        key = self._keys.get(named)
        if key is None:
            if len(self._keys) >= _CACHED:
                self._keys.clear()
            key = self._keys[named] = self.kek.unwrap(person.wrapped)
        return key


def make_subjects_key(folder: Path) -> None:
    """Draw the key of people's hashes where there is none; nothing is changed where there is one."""
    path = folder / SUBJECTS_KEY
    if path.exists() or (folder / KEY_STORE).exists():
        return
    with suppress(FileExistsError):  # another process was quicker
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{os.urandom(_KEY_BYTES).hex()}\n")
            file.flush()
            os.fsync(file.fileno())
