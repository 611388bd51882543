"""References: `kind:name[@version]`, used alike by the CLI, the API, URLs and reports."""

from __future__ import annotations

import re
import urllib.parse
from enum import StrEnum

import msgspec

from lineproof.errors import ReferenceSyntaxError

__all__ = ["Kind", "Reference", "quote", "unquote"]

_ESCAPES = {"%": "%25", "@": "%40", "#": "%23", "::": "%3A%3A"}
_NEEDS_ESCAPE = re.compile(r"%|@|#|::")


class Kind(StrEnum):
    """What a reference points to."""

    DATASET = "dataset"
    COLUMN = "column"
    MODEL = "model"
    RUN = "run"
    PREDICTION = "prediction"
    JOB = "job"
    ENTRY = "entry"
    DECISION = "decision"
    FINDING = "finding"
    PRINCIPAL = "principal"


_NAMESPACED = frozenset({Kind.DATASET, Kind.COLUMN, Kind.JOB, Kind.MODEL})
_VERSIONED = frozenset({Kind.DATASET, Kind.COLUMN, Kind.MODEL})


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """One parsed reference. Names are kept unescaped.

    Attributes:
        kind: What it points to.
        name: Its name; for a prediction the id.
        namespace: OpenLineage namespace, or None when left out.
        column: Column, for `column:` only.
        version: `v3`, `3`, `sha256:...` or `latest`, or None when left out.
        model: Model name, for `prediction:MODEL@N/ID` only; its number is in `version`.
    """

    kind: Kind
    name: str
    namespace: str | None = None
    column: str | None = None
    version: str | None = None
    model: str | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference.

        Raises:
            ReferenceSyntaxError: The text is not a reference; the message says which part.
        """
        kind_text, colon, rest = text.partition(":")
        if not colon or kind_text not in set(Kind):
            kinds = ", ".join(Kind)
            raise ReferenceSyntaxError(f"{text!r} does not start with a kind ({kinds})")
        kind = Kind(kind_text)
        if not rest:
            raise ReferenceSyntaxError(f"{text!r} names nothing after {kind}:")
        if kind is Kind.PREDICTION:
            return cls._parse_prediction(rest)
        name, version = _split_version(rest) if kind in _VERSIONED else (rest, None)
        column = None
        if kind is Kind.COLUMN:
            name, hash_sign, column = name.partition("#")
            if not hash_sign or not column:
                raise ReferenceSyntaxError(f"{text!r} lacks #COLUMN")
        namespace = None
        if kind in _NAMESPACED and "::" in name:
            namespace, _, name = name.partition("::")
        if not name:
            raise ReferenceSyntaxError(f"{text!r} has an empty name")
        return cls(
            kind=kind,
            name=unquote(name),
            namespace=None if namespace is None else unquote(namespace),
            column=None if column is None else unquote(column),
            version=version,
        )

    @classmethod
    def _parse_prediction(cls, rest: str) -> Reference:
        model, slash, identifier = rest.rpartition("/")
        if not slash or "@" not in model:
            return cls(kind=Kind.PREDICTION, name=unquote(rest))
        model, version = _split_version(model)
        return cls(kind=Kind.PREDICTION, name=unquote(identifier), model=unquote(model), version=version)

    def __str__(self) -> str:
        """Write the reference in its canonical form."""
        if self.model is not None:
            return f"{self.kind}:{quote(self.model)}@{self.version}/{quote(self.name)}"
        namespace = "" if self.namespace is None else f"{quote(self.namespace)}::"
        column = "" if self.column is None else f"#{quote(self.column)}"
        version = "" if self.version is None else f"@{self.version}"
        return f"{self.kind}:{namespace}{quote(self.name)}{column}{version}"


def quote(name: str) -> str:
    """Percent-encode what would end a name: `%`, `@`, `#` and `::`."""
    return _NEEDS_ESCAPE.sub(lambda match: _ESCAPES[match.group()], name)


def unquote(text: str) -> str:
    """Undo `quote`; any other percent-encoded UTF-8 is decoded too."""
    return urllib.parse.unquote(text) if "%" in text else text


def _split_version(text: str) -> tuple[str, str | None]:
    name, at, version = text.rpartition("@")
    if not at:
        return text, None
    if not version:
        raise ReferenceSyntaxError(f"{text!r} ends in @ without a version")
    return name, version
