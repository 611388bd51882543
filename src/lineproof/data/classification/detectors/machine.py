"""What machines make: UUIDs, hashes, running numbers, codes with a constant head. None of it names a person."""

from __future__ import annotations

from collections.abc import Iterator

from lineproof.data.classification.result import Finding
from lineproof.data.classification.sample import Sample

__all__ = ["find"]

_UUID = r"(?i)^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$"
_HASH = r"^([0-9a-f]{16}|[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{128})$"
_HASH_UPPER = r"^([0-9A-F]{32}|[0-9A-F]{40}|[0-9A-F]{64})$"
_ENCODED = r"^([A-Za-z0-9+/_-]{20,}={0,2}|\$2[aby]\$.*|\$argon2.*|sha\d+[:$].*|ey[JA][A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\..*)$"
_CODE = r"^[A-Z]{1,6}[-_/#]?\d{3,}([-_/]\d+)*$"


def find(sample: Sample) -> Iterator[Finding]:
    """Findings of class NONE; `firm` ones overrule soft classes."""
    uuid = sample.share(_UUID)
    if uuid > 0.8:
        yield Finding("NONE", 0.95, f"{uuid:.0%} are UUIDs", firm=True)
    hashed = max(sample.share(_HASH), sample.share(_HASH_UPPER))
    letters = sample.share("[a-fA-F]")
    if hashed > 0.8 and letters > 0.8:
        yield Finding("NONE", 0.95, f"{hashed:.0%} look like hashes", firm=True)
    encoded = sample.share(_ENCODED)
    if (
        encoded > 0.9
        and sample.share(r"\d") > 0.8
        and sample.share(r"[a-z]") > 0.8
        and sample.share(r"[A-Z]") > 0.6
    ):
        yield Finding("NONE", 0.8, f"{encoded:.0%} look like encoded or hashed bytes", firm=True)
    code = sample.share(_CODE)
    heads = {value.rstrip("0123456789-_/#") for value in sample.text.to_pylist()} if code > 0.9 else set()
    if code > 0.9 and len(heads) <= max(30, 0.1 * len(sample)):
        yield Finding("NONE", 0.6, f"{code:.0%} are codes of letters and a number")
