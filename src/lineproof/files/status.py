"""When a file is known to be as it was when it was read: by its status, within what clocks can tell."""

from __future__ import annotations

import os
import time

__all__ = ["TICK_NS", "Key", "key_of", "settled"]

Key = tuple[int, int, int, int, int]  # device, inode, size, times of change in ns: same key, same content

TICK_NS = 10_000_000  # a file system's clock may stand still for so long: two contents under one key
_COARSE_NS = 2_000_000_000  # where times are whole seconds, as on FAT or over some networks
_SECOND_NS = 1_000_000_000


def key_of(status: os.stat_result) -> Key:
    """Give what tells a file's content from another without reading it."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def settled(key: Key, read_ns: int | None = None) -> bool:
    """Say whether a file could not have been changed again without its key telling so.

    A file that was changed within one tick of the clock before it was read may be changed once more in that
    tick: its key would stay the same. Git has this rule for its index.

    Args:
        key: Of the file, taken before it was read.
        read_ns: When reading began; now when left out.

    Source: Git, Documentation/technical/racy-git.
    """
    _, _, _, mtime, ctime = key
    coarse = mtime % _SECOND_NS == 0 and ctime % _SECOND_NS == 0
    now = time.time_ns() if read_ns is None else read_ns
    return now - max(mtime, ctime) > (_COARSE_NS if coarse else TICK_NS)
