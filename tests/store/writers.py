"""Processes that append to one ledger and say what was acknowledged."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from lineproof.store import Ledger

WRITER = """
import sys
from pathlib import Path
from lineproof.model.entries import EntryType
from lineproof.model.identity import uuid7
from lineproof.store import Ledger, NewEntry

ledger = Ledger.open(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    items = [NewEntry(EntryType.DOCUMENT, b'{"of": "%d"}' % number, uuid7()) for number in range(3)]
    print("try", *(item.id for item in items), flush=True)
    ledger.append(items)
    print("done", *(item.id for item in items), flush=True)
"""


class Writer:
    """One process that appends until it is ended."""

    def __init__(self, folder: Path) -> None:
        self.tried: list[str] = []
        self.acknowledged: list[str] = []
        self.ready = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            word, *ids = line.split()
            if word == "ready":
                self.ready.set()
            else:
                (self.tried if word == "try" else self.acknowledged).extend(ids)

    def wait_for(self, count: int, *, within_s: float = 280) -> float:
        """Wait until so many more entries are acknowledged; give how long that took."""
        start, wanted = time.monotonic(), len(self.acknowledged) + count
        while len(self.acknowledged) < wanted:
            assert self.process.poll() is None, self.process.stderr.read()
            assert time.monotonic() - start < within_s
            time.sleep(0.01)
        return time.monotonic() - start

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        if self.process.poll() is not None and not self._reader.is_alive():
            return
        self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        self.process.stderr.close()


def assert_nothing_lost_and_nothing_twice(ledger: Ledger, writers: list[Writer]) -> None:
    """End the writers, and hold the ledger against what they were told."""
    for writer in writers:
        writer.kill()
    found = [entry.id for entry in ledger.entries()]
    assert len(found) == len(set(found)) == ledger.size()
    for writer in writers:
        assert set(writer.acknowledged) <= set(found)
        # What was tried and not acknowledged may be there or not, but whole: three at a time.
        for start in range(0, len(writer.tried), 3):
            assert len(set(writer.tried[start : start + 3]) & set(found)) in (0, 3)
    report = ledger.verify()
    assert report.ok, report.failures[:3]
