"""The catalogue of controls, read from YAML once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

__all__ = ["Catalogue", "Control", "Framework", "catalogue"]

Framework = Literal["GDPR", "HIPAA", "SOX", "EU_AI_ACT"]
Severity = Literal["critical", "high", "medium", "low"]


class Control(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One control.

    Attributes:
        subject: Whether it is judged for each `system`, or once for the `ledger`.
        clause: The text it comes from.
        requirement: What must hold, in our words.
        evidence: What its rule looks at.
        parameters: Numbers and lists of its rule: house defaults, unless `basis` names the text that sets them.
        left_out: Which part of the duty no rule judges.
        applies_from: First day of the duty, where it is not in force yet.
        crosswalk: Related clauses of other texts.
    """

    id: str
    framework: Framework
    subject: Literal["system", "ledger"] = "system"
    clause: str
    title: str
    requirement: str
    severity: Severity
    evidence: tuple[str, ...]
    remedy: str
    parameters: dict[str, Any] = {}
    basis: str | None = None
    left_out: str | None = None
    applies_from: str | None = None
    crosswalk: dict[str, str] = {}


class Catalogue(msgspec.Struct, frozen=True):
    """All controls of one version, in the order of the file."""

    version: str
    controls: tuple[Control, ...]


@cache
def catalogue() -> Catalogue:
    """Read the catalogue that comes with lineproof."""
    text = (files("lineproof.controls") / "catalogue.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=Catalogue)
