"""The root of all errors."""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "LineproofError",
]


class LineproofError(Exception):
    """Root of all errors.

    Args:
        message: What happened, with the names involved and no secret.
        remedy: What to do; the class's own advice when left out.

    Attributes:
        code: Stable identifier, `LP-<ROOM>-<NN>`.
        exit_code: What the command line returns for it.
    """

    code: ClassVar[str] = "LP-ERROR-00"
    exit_code: ClassVar[int] = 1
    advice: ClassVar[str] = "report this with the command you ran and `lineproof --version`"

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy or self.advice
