"""Forgetting, as part of what a ledger can do: payloads and people's keys destroyed, for good and in both files."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, closing
from itertools import chain
from pathlib import Path

import msgspec

from lineproof.errors import ForgettingError
from lineproof.ledger import SigningKey
from lineproof.model.subjects import Subject
from lineproof.store import schema
from lineproof.store.database import Cursor, Database, Session, transaction
from lineproof.store.keys import may_sign
from lineproof.store.location import KEYS
from lineproof.store.people import PeopleSets
from lineproof.store.principals import known_principal
from lineproof.store.sequencer import append_group
from lineproof.store.vault import Destruction, Vault
from lineproof.store.vault.again import follow_log, in_step, numbers_gone, what_came_back
from lineproof.store.vault.asking import Asked, ask_in_log, last_asked
from lineproof.store.vault.destroy import (
    Destroyed,
    Order,
    destroy_in_log,
    last_destruction,
    note_destruction,
)
from lineproof.store.vault.rotation import KekTarget, RotatedKek, rotate_kek
from lineproof.store.vault.sealing import refs_in_use

__all__ = ["Forgetting"]

_BACK = "what was destroyed is back in"


class Forgetting(ABC):
    """The part of a ledger that destroys; what it needs of the rest is abstract."""

    folder: Path
    id: str
    vault: Vault
    _database: Database

    @property
    @abstractmethod
    def writable(self) -> bool:
        """Whether this process may append."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Session]:
        """Give a connection that sees one state of the database."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[Session]: ...

    @abstractmethod
    def _signing_key(self, connection: Session) -> SigningKey: ...

    @abstractmethod
    def _principal(self, cursor: Cursor, key: SigningKey, name: str | None = None) -> str: ...

    def destroy_payload(self, seq: int, reason: str) -> int:
        """Destroy the payload of an entry for good; its leaf stays and the log still verifies.

        Args:
            seq: Entry number.
            reason: Why, for the `shred` entry that says so.

        Returns:
            Number of the `shred` entry.

        Raises:
            UsageError: There is no such entry, or its payload is gone already.
            HeldError: A legal hold covers it.
        """
        return self.destroy((seq,), reason=reason).entry

    def destroy(
        self,
        entries: Sequence[int] = (),
        *,
        subjects: Sequence[Subject] = (),
        reason: str,
        asked: int | None = None,
        acting_as: str | None = None,
    ) -> Destroyed:
        """Destroy payloads for good, and people's keys with all that is encrypted for them.

        Args:
            entries: Entries whose payloads go.
            subjects: People whose keys go; those linked with one of them are the same person.
            reason: Why, for the `shred` entry that says so.
            asked: Entry in which somebody else asked for it.
            acting_as: Name of the person who acts, as asserted; the user of this process when left out.

        Raises:
            UsageError: An entry is not there, is gone already, or is one the log rests on; or there is nothing.
            HeldError: A legal hold covers something of it; nothing was destroyed.
        """
        with self._writing() as connection:
            people = self.vault.people(subjects)
            order = Order(entries=tuple(entries), people=people, reason=reason, asked=asked)
            return self._destroy(connection, order, subjects, acting_as)

    def ask_to_destroy(
        self,
        entries: Sequence[int] = (),
        *,
        subjects: Sequence[Subject] = (),
        reason: str,
        acting_as: str | None = None,
    ) -> int:
        """Record that somebody asks for a destruction; give the number of the entry. Nothing is destroyed.

        Raises:
            UsageError: There is nothing of it to destroy.
            HeldError: A legal hold covers something of it.
        """
        with self._writing() as connection:
            order = Order(entries=tuple(entries), people=self.vault.people(subjects), reason=reason)
            key = self._signing_key(connection)
            with transaction(connection) as cursor:
                said = ask_in_log(cursor, order)
                principal = self._principal(cursor, key, acting_as)
                return append_group(cursor, self.id, principal, key, [said]).first

    def asked_to_destroy(self, entries: Sequence[int], subjects: Sequence[Subject] = ()) -> Asked | None:
        """Give who asked last for just this destruction, where it was not carried out; None for nobody."""
        with self.snapshot() as connection:
            return last_asked(connection.cursor(), entries, self.vault.people(subjects))

    def principal_of(self, name: str) -> str | None:
        """Give the reference that somebody of an asserted name is known by, or None."""
        with self.snapshot() as connection:
            return known_principal(connection.cursor(), name)

    def forget_again(self, lists: Iterable[Destruction] = ()) -> Destroyed | None:
        """Destroy again what was destroyed before and is there all the same, as after restoring a backup.

        Called whenever a ledger is opened whose files do not agree on what was destroyed last.

        Args:
            lists: What else is known to have been destroyed, beside the list in the key store.

        Returns:
            What was destroyed now; None when nothing had come back.

        Raises:
            ForgettingError: Something had, and cannot be destroyed: files or keys here do not allow it.
        """
        lists = tuple(lists)
        if lists and not self._may_destroy():
            self._demand_gone(lists)
            return None
        # 1. The key store and the sets of people follow what the log says was destroyed: older ones may have
        #    been restored.
        # 2. What the lists name and is there goes again, past holds: they came too late for it.
        # 3. All say that they have followed the same destruction last.
        with self._writing() as connection, closing(connection.cursor()) as cursor:
            store, sets = self.vault.made(), PeopleSets(self.folder / KEYS)
            follow_log(cursor, store)
            gone = chain.from_iterable(numbers_gone(cursor).values())
            sets.forget(numbers=gone, shred=last_destruction(cursor))
            order = what_came_back(cursor, store, sets, lists)
            if order is not None:
                if not may_sign(self.folder / KEYS):
                    raise ForgettingError(f"{_BACK} {self.folder}, and the key that signs for it is missing")
                return self._destroy(connection, order)
            settled = store.settled()
            if settled is not None:
                with transaction(connection) as settling:
                    note_destruction(settling, settled)
                sets.forget(shred=settled)
        return None

    def link_subjects(self, one: Subject, other: Subject) -> None:
        """Say that two identifiers, of one space or two, are one person: destroyed together, for good.

        Keys that both have already stay; what is recorded of the person later is encrypted under either.
        """
        with self._writing() as connection, closing(connection.cursor()) as cursor:
            self.vault.link(one, other, lambda refs: refs_in_use(cursor, refs))

    def rotate_kek(
        self, target: KekTarget | None = None, progress: Callable[[int, int], None] | None = None
    ) -> RotatedKek:
        """Wrap people's keys under a new key-encryption key; see `store.vault.rotation.rotate_kek`."""
        with self._writing():
            return rotate_kek(self.vault, self.folder / KEYS, target, progress)

    def subject_refs(self, subject: Subject, *, make: bool = False) -> tuple[str, ...]:
        """Give the references of a person, more than one where they were linked; none who has no key.

        Who has none and is in a set of people is given one: it is how the log names them.

        Args:
            subject: Who.
            make: Give them a key where they have none, for what is about to be said of them.
        """
        if not self.vault.find([subject]) and (make or self._is_in_a_set(subject)):
            with self._writing() as connection, closing(connection.cursor()) as cursor:
                self.vault.ensure([subject], lambda refs: refs_in_use(cursor, refs))
                self.vault.settle()
        return tuple(one.ref.hex() for one in self.vault.people([subject]))

    def _is_in_a_set(self, subject: Subject) -> bool:
        sets = PeopleSets(self.folder / KEYS)
        return sets.is_there and sets.knows(self.vault.named_as(subject))

    def _destroy(
        self,
        connection: Session,
        order: Order,
        subjects: Sequence[Subject] = (),
        acting_as: str | None = None,
    ) -> Destroyed:
        # 1. In one transaction: say so in an entry, remove salts, payloads and what they projected.
        # 2. The sets of people and the key store follow: keys, what leads to them, the list of destructions. A
        #    crash in between is seen when the ledger is opened next.
        # 3. Empty both write-ahead logs, so that no file keeps the bytes. Until then it is not done.
        key, sets = self._signing_key(connection), PeopleSets(self.folder / KEYS)
        hashes = [known for one in subjects for known in self.vault.named_as(one)]
        numbers = sets.numbers(hashes).union(order.numbers)
        order = msgspec.structs.replace(order, numbers=tuple(sorted(numbers)))
        with transaction(connection) as cursor:
            principal = self._principal(cursor, key, acting_as)
            told, done = destroy_in_log(cursor, self.id, principal, key, self.vault, order)
        sets.forget(hashes, numbers=order.numbers, shred=done.shred)
        self.vault.made().forget(done, [self.vault.hash.of(one) for one in dict.fromkeys(subjects)])
        self.vault.forget_keys()
        self._database.forget(connection, (schema.payload, *schema.PROJECTED))
        return told

    def catch_up(self) -> None:
        """See that what was destroyed is not served, whichever of the files was replaced by an older one."""
        with self.snapshot() as connection, closing(connection.cursor()) as cursor:
            if in_step(cursor, self.vault, PeopleSets(self.folder / KEYS)):
                return
        if self._may_destroy():
            self.forget_again()
        elif self.vault.store is not None:
            raise ForgettingError(f"what was destroyed may be back in {self.folder}, which cannot be written")

    def _may_destroy(self) -> bool:
        return self.writable and os.access(self.folder / KEYS, os.W_OK)

    def _demand_gone(self, lists: Sequence[Destruction]) -> None:
        sets = PeopleSets(self.folder / KEYS)
        with self.snapshot() as connection, closing(connection.cursor()) as cursor:
            if what_came_back(cursor, self.vault.store, sets, lists) is not None:
                raise ForgettingError(f"{_BACK} {self.folder}, which cannot be written")
