"""The side file of a spool: keyed hashes of people, encrypted, away from the events."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING

from lineproof.capture.folder import SPOOL
from lineproof.model.people import SIDE_SUFFIX, PeopleOf, SetOfPeople, seal_side, side_key
from lineproof.model.subjects import SUBJECTS_KEY, SubjectHash

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["Side", "side_of"]

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


class Side:
    """The side file of this process; made by its first record.

    Args:
        session: The recording.
        key: Content of the ledger's key file.

    Attributes:
        hashing: The keyed hash of people.
    """

    def __init__(self, session: Session, key: str) -> None:
        self._folder = session.process.run.folder
        self._run = session.process.run.run
        self._gap = weakref.WeakMethod(session.gap)
        self._key = side_key(key)
        self._pid = os.getpid()
        self._written: set[str] = set()
        self.hashing = SubjectHash.parse(key)

    def write(self, record: SetOfPeople | PeopleOf) -> None:
        """Write a record, each set once."""
        if self._pid != os.getpid():  # a fork has a side file of its own, as it has a spool
            self._pid, self._written = os.getpid(), set()
        known = (
            record.id
            if isinstance(record, SetOfPeople)
            else f"{record.name}#{record.column}@{record.version}"
        )
        if known in self._written:
            return
        path = os.path.join(self._folder, SPOOL, f"{self._run}-{self._pid}{SIDE_SUFFIX}")
        sealed = seal_side(record, self._key)
        try:
            descriptor = os.open(path, _FLAGS, 0o600)
            try:
                if os.write(descriptor, sealed) != len(sealed):
                    raise OSError
            finally:
                os.close(descriptor)
        except OSError:
            gap = self._gap()
            if gap is not None:
                gap("people could not be recorded: the spool folder takes no more")
            return
        self._written.add(known)


_sides: weakref.WeakKeyDictionary[Session, Side | None] = weakref.WeakKeyDictionary()


def side_of(session: Session) -> Side | None:
    """Give the side file of a recording; None where its ledger has no key for people."""
    if session not in _sides:
        path = os.path.join(session.process.run.folder, "keys", SUBJECTS_KEY)
        try:
            with open(path, encoding="ascii") as file:
                _sides[session] = Side(session, file.read())
        except (OSError, ValueError):
            _sides[session] = None
    return _sides[session]
