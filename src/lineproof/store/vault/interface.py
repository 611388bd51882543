"""What a store of people's keys can do, wherever it lies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

__all__ = ["Destruction", "KeyStore", "Person"]


class Person(msgspec.Struct, frozen=True):
    """A person as the key store knows them.

    Attributes:
        slot: Where the key lies; it says nothing but in which order people were met.
        ref: Their `subject_ref`, 16 random bytes.
        wrapped: Their key under the key-encryption key, 40 bytes.
    """

    slot: int
    ref: bytes
    wrapped: bytes


class Destruction(msgspec.Struct, frozen=True):
    """What a `shred` entry destroyed, in words that name nobody.

    Attributes:
        shred: Id of that entry, a UUID: numbers may be given to other entries after a restore.
        entries: Ids of the entries whose payloads are gone.
        people: Slot and ref of those whose keys are gone.
        numbers: Dense ids of those who are gone from the dictionary of the sets of people.
    """

    shred: str
    entries: tuple[str, ...] = ()
    people: tuple[tuple[int, bytes], ...] = ()
    numbers: tuple[int, ...] = ()


class KeyStore(Protocol):
    """Keeps wrapped keys, what people are looked up by, and the list of destructions.

    Every method that changes something is durable when it returns; writers hold the ledger's lock.
    """

    def find(self, hashes: Collection[bytes]) -> dict[bytes, Person]:
        """Give the people behind some keyed hashes; those that are not known are left out."""
        ...

    def add(self, people: Sequence[tuple[bytes, bytes, bytes]]) -> None:
        """Add people, each as keyed hash, ref and wrapped key. They are pending until `confirm`."""
        ...

    def pending(self) -> list[Person]:
        """Give the people that the last writer added, whose payloads may never have been committed."""
        ...

    def sweep(self, orphans: Sequence[Person]) -> None:
        """Remove pending people whom nothing is encrypted for, and let the others stay."""
        ...

    def person(self, slot: int, ref: bytes) -> Person | None:
        """Give a person by what a sealed payload says, or None."""
        ...

    def link(self, one: bytes, other: bytes, fresh: tuple[bytes, bytes]) -> None:
        """Let two keyed hashes lead to one person; `fresh` (ref, wrapped key) where neither is known."""
        ...

    def group(self, person: Person) -> list[Person]:
        """Give all keys of one person: more than one where people were linked after the fact."""
        ...

    def hashes_of(self, hashed: bytes) -> list[bytes]:
        """Give all keyed hashes that lead to the person a hash leads to; itself where it leads to nobody."""

    def forget(self, done: Destruction, hashes: Collection[bytes] = ()) -> None:
        """Remove the keys of the people of a destruction, what leads to them, and list the destruction.

        Args:
            done: What is destroyed.
            hashes: The keyed hashes of these people, where all of them are known.
        """
        ...

    def destructions(self) -> Iterator[Destruction]:
        """Give the list of destructions."""
        ...

    def settled(self) -> str | None:
        """Give the id of the `shred` entry that was carried out last."""
        ...

    def rewrap(
        self, change: Callable[[bytes], bytes], kek: bytes, progress: Callable[[int, int], None]
    ) -> int:
        """Put another wrapping in place of each; all or none. Give how many there are."""
        ...

    def facts(self) -> Mapping[str, bytes]:
        """Give what the store says of itself: `ledger`, `kek` and `hash`, each an id of a key or ledger."""
        ...

    def note(self, name: str, value: bytes) -> None:
        """Let it say something of itself."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
