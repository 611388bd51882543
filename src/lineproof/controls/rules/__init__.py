"""The rules, one function each. Importing this registers all of them."""

from __future__ import annotations

from lineproof.controls.rules import ai_act, gdpr, gdpr_data, hipaa, ledger, sox
from lineproof.controls.rules.interface import RULES

__all__ = ["RULES"]

_FAMILIES = (ai_act, gdpr, gdpr_data, hipaa, ledger, sox)
