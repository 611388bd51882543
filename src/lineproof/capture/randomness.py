"""The states of random generators that the program has loaded, as digests: equal digests, equal draws."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import Any

__all__ = ["random_states"]


def random_states() -> dict[str, Any]:
    """Give what randomness depends on now. Imports nothing; a generator that is not loaded has no state."""
    states: dict[str, Any] = {"PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED", "random")}
    builtin = sys.modules.get("random")
    if builtin is not None:
        states["random"] = _digest(repr(builtin.getstate()).encode())
    numpy = sys.modules.get("numpy.random")
    if numpy is not None and hasattr(numpy, "get_state"):
        name, keys, *rest = numpy.get_state()
        states["numpy.random"] = _digest(keys.tobytes() + repr((name, rest)).encode())
    torch = sys.modules.get("torch.random")
    if torch is not None and hasattr(torch, "get_rng_state"):
        states["torch"] = _digest(torch.get_rng_state().numpy().tobytes())
        states["torch.initial_seed"] = int(torch.initial_seed())
    return states


def _digest(state: bytes) -> str:
    return f"sha256:{hashlib.sha256(state).hexdigest()}"
