"""Meeting a ledger: whether it is the one that was seen here, and whether what was destroyed is still gone."""

from __future__ import annotations

import msgspec

from lineproof.store.ledger import Ledger
from lineproof.store.seen import Contradiction
from lineproof.store.witness.forgotten import Forgotten, forget_again

__all__ = ["Contact", "meet"]


class Contact(msgspec.Struct, frozen=True):
    """What was found when a ledger was met.

    Attributes:
        contradiction: Why it is not the ledger that this user saw here last; None when all is well.
        forgotten: What the witnesses' lists of destructions led to; None where they needed no asking.
    """

    contradiction: Contradiction | None
    forgotten: Forgotten | None

    def lines(self) -> tuple[str, ...]:
        """Say in a line each what a reader must know."""
        said = [] if self.contradiction is None else [self.contradiction.line()]
        if self.forgotten is not None:
            said += self.forgotten.lines()
        return tuple(said)


def meet(ledger: Ledger) -> Contact:
    """Look at a ledger before anything of it is served; call it once for each opening.

    Opening alone compares the ledger's own files, which a backup of all of them brings back together. Where this
    user has not seen the ledger in this place, or has seen a later one, the witnesses are asked what was destroyed
    since. A user for whom it has only grown since the last contact asks nobody.

    Raises:
        ForgettingError: What a witness lists as destroyed is there again, and cannot be destroyed from here.
        StoreError: The ledger cannot be read.
    """
    # 1. A first contact asks before it remembers: whoever is refused is asked again the next time.
    # 2. Hold the log against what was seen of it here; what is not that one may be an old one.
    if not ledger.seen:
        forgotten = forget_again(ledger)
        return Contact(ledger.look(), forgotten)
    contradiction = ledger.look()
    return Contact(contradiction, None if contradiction is None else forget_again(ledger))
