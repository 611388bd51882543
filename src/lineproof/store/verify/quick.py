"""The common case of a log that holds, 256 entries at a time: everything is computed, nothing is explained.

A block of which anything differs is read again entry by entry, by what names the place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from lineproof.ledger import TILE_WIDTH
from lineproof.model.entries import EntryType
from lineproof.store.database import Session, read_rows

__all__ = ["BlockCheck"]

_BEFORE_SHARED = 124  # characters of a leaf: commitment and id
_SHARED = 150  # ledger, principal and time
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
_UUIDS = re.compile(
    f"(?:[0-9a-f]{{8}}-[0-9a-f]{{4}}-7[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-[0-9a-f]{{12}}){{{TILE_WIDTH}}}"
)
_TYPES = frozenset(str(one) for one in EntryType)
_MOST_SHARED = 10_000  # remembered as checked
_SALT = 32
_INNER = bytes(value ^ 0x36 for value in range(256))
_OUTER = bytes(value ^ 0x5C for value in range(256))
_INNER_REST = b"\x36" * (64 - _SALT)
_OUTER_REST = b"\x5c" * (64 - _SALT)


class BlockCheck:
    """Checks complete blocks of a ledger.

    Args:
        session: A snapshot of the ledger.
        ledger: Its id.
        note: Called with (entry, payload) of each entry that says that something was destroyed.
    """

    def __init__(self, session: Session, ledger: str, note: Callable[[int, bytes], None]) -> None:
        self._session = session
        self._note = note
        self._form = re.compile(
            f',"ledger":"{re.escape(ledger)}","principal":"principal:{_UUID}","recorded":"({_TIME})"'
        )
        self._known: set[str] = set()

    def root(self, first: int, tile: bytes | None) -> bytes | None:
        """Check the block that starts with this entry.

        Args:
            first: Number of its first entry.
            tile: The stored hashes of its leaves.

        Returns:
            Root of the tree over it when every part of all its entries holds; None when it must be read
            again, entry by entry.
        """
        # 1. Every entry must be there, with the payload that it was recorded with.
        # 2. The commitment is computed from salt and payload; with it, the size, and the columns beside the
        #    leaf, the leaf is written anew and must be the stored one. So nothing of it is left unchecked
        #    but what the block shares: ledger, principal, time.
        # 3. Hashes of the leaves must be the stored ones.
        entries = read_rows(self._session, _ENTRIES, (first, first + TILE_WIDTH))
        payloads = read_rows(self._session, _PAYLOADS, (first, first + TILE_WIDTH))
        if entries is None or payloads is None or not len(entries) == len(payloads) == TILE_WIDTH:
            return None
        try:
            ids, types, leaves = zip(*entries, strict=True)
            salts, bodies = zip(*payloads, strict=True)
            if not self._holds(ids, types, leaves, salts, bodies):
                return None
            hashes = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
        except (TypeError, ValueError, AttributeError):
            return None  # something is not of the type that was stored, or was destroyed
        if b"".join(hashes) != tile:
            return None
        for at, type_ in enumerate(types):
            if type_ == EntryType.SHRED:
                self._note(first + at, bodies[at])
        return _root(hashes)

    def _holds(
        self,
        ids: tuple[str, ...],
        types: tuple[str, ...],
        leaves: tuple[bytes, ...],
        salts: tuple[bytes, ...],
        bodies: tuple[bytes, ...],
    ) -> bool:
        if _UUIDS.fullmatch("".join(ids)) is None or {len(one) for one in ids} != {36}:
            return False
        if not _TYPES.issuperset(types) or {len(salt) for salt in salts} != {_SALT}:
            return False
        stored = b"\n".join(leaves).decode("ascii").split("\n")
        shared = [leaf[_BEFORE_SHARED : _BEFORE_SHARED + _SHARED] for leaf in stored]
        if not all(map(self._sound, set(shared))):
            return False
        commitments = [
            sha256(
                salt.translate(_OUTER)
                + _OUTER_REST
                + sha256(salt.translate(_INNER) + _INNER_REST + body).digest()
            ).hexdigest()
            for salt, body in zip(salts, bodies, strict=True)
        ]
        written = [
            f'{{"commitment":"{commitment}","id":"{id_}"{rest},"size":{len(body)},"type":"{type_}","v":1}}'
            for commitment, id_, rest, body, type_ in zip(
                commitments, ids, shared, bodies, types, strict=True
            )
        ]
        return written == stored

    def _sound(self, shared: str) -> bool:
        """Tell whether what entries share has its form."""
        if shared in self._known:
            return True
        match = self._form.fullmatch(shared)
        if match is None:
            return False
        datetime.fromisoformat(match[1])
        if len(self._known) >= _MOST_SHARED:
            self._known.clear()
        self._known.add(shared)
        return True


_ENTRIES = "SELECT id, type, leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq"
_PAYLOADS = "SELECT salt, body FROM payload WHERE seq >= ? AND seq < ? ORDER BY seq"


def _root(row: list[bytes]) -> bytes:
    while len(row) > 1:
        pairs = iter(row)
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return row[0]
