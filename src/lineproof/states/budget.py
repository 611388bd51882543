"""How much reading the data of a run may cost after the run."""

from __future__ import annotations

import os
import time

from lineproof.errors import CommandError

__all__ = ["BYTES", "SECONDS", "Budget"]

BYTES, SECONDS = "LINEPROOF_STATES_BYTES", "LINEPROOF_STATES_SECONDS"
_DEFAULT_BYTES = 256 << 20
_DEFAULT_SECONDS = 10.0
_PATIENCE = 6  # seconds by the clock for each of processor time: others work on the machine too


class Budget:
    """Bytes and seconds that are left.

    Args:
        most_bytes: Bytes of files that may be read; None for no limit.
        seconds: Seconds of processor time that reading may take; None for no limit.
    """

    def __init__(self, most_bytes: int | None = None, seconds: float | None = None) -> None:
        self._bytes = most_bytes
        self._allowed = seconds
        self._began = time.process_time(), time.monotonic()

    @classmethod
    def of_environment(cls) -> Budget:
        """Give the budget that is set: `LINEPROOF_STATES_BYTES`, `LINEPROOF_STATES_SECONDS`; 0 is nothing.

        Raises:
            CommandError: A setting is no number.
        """
        return cls(int(_set(BYTES, _DEFAULT_BYTES)), _set(SECONDS, _DEFAULT_SECONDS))

    @property
    def nothing(self) -> bool:
        """Whether nothing may be read at all."""
        return self._bytes == 0 or self._allowed == 0

    def spent(self) -> bool:
        """Tell whether time is up: by the processor, or by the clock where something else is slow."""
        if self._allowed is None:
            return False
        worked, passed = time.process_time() - self._began[0], time.monotonic() - self._began[1]
        return worked > self._allowed or passed > _PATIENCE * self._allowed

    def refusal(self, size: int) -> str | None:
        """Take the bytes of a file off; or say why it may not be read."""
        if self._bytes is not None and size > self._bytes:
            return f"its {size:,} bytes are more than the {self._bytes:,} left to read ({BYTES})"
        if self.spent():
            return f"the {self._allowed:g} s for reading were used up ({SECONDS})"
        if self._bytes is not None:
            self._bytes -= size
        return None


def _set(name: str, default: float) -> float:
    text = os.environ.get(name, "").strip()
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise CommandError(f"{name} is {text!r}", "set it to a number from 0 on; 0 keeps no states")
    return value
