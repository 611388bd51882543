"""The text of the modules that programs imported from beside them, kept as objects."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from lineproof.intake.account import RunAccount
from lineproof.model.secrets import scrubbed

__all__ = ["keep_modules"]


def keep_modules(account: RunAccount, put: Callable[[bytes], object]) -> None:
    """Keep the modules that a run names by digest; say of others why they are not kept.

    Args:
        account: What the processes of the run said.
        put: Keeps one object.
    """
    root = Path(account.processes[0].start.root)
    for name, digest in sorted(account.modules):
        try:
            content = (root / name).read_bytes()
        except OSError:
            account.unkept.append(f"the module {name} was gone when the program had ended")
            continue
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
            account.unkept.append(f"the module {name} had changed when the program had ended")
        elif scrubbed(content.decode("utf-8", "surrogateescape"))[1]:
            account.unkept.append(
                f"the text of the module {name} is not kept: it holds what looks like a secret"
            )
        else:
            put(content)
