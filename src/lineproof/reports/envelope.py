"""The two files a report can be: HTML and JSON. Each is a body with one place in it for the evidence.

The report's own entry names the hash of the body, so that no byte outside the evidence can change unnoticed;
the evidence itself is checked by what it proves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from lineproof.errors import NotAReportError
from lineproof.reports.canonical import canonical, sha256
from lineproof.reports.evidence import Evidence, Format, decode_evidence, encode_evidence

__all__ = ["EVIDENCE_SLOT", "Body", "Opened", "embedded_json", "json_body", "open_report"]

_OPEN = b'<script type="application/json" id="evidence">'
_DOCUMENT = b'<script type="application/json" id="document">'
_CLOSE = b"</script>"
EVIDENCE_SLOT = (_OPEN + _CLOSE).decode()  # where a rendering puts the evidence
_JSON_START = b'{"document":'
_JSON_SLOT = b',"evidence":'
_JSON_END = b',"format":"lineproof.report","v":1}\n'
_DEEPEST = 24  # levels of a document; ours have nine
_CUT = "it does not end as a report ends: it was cut, or it is none"


class Body(msgspec.Struct, frozen=True):
    """A rendered report, parted where the evidence goes.

    Attributes:
        sections: Hash of each section, by id; how it is computed depends on the format.
    """

    format: Format
    before: bytes
    after: bytes
    sections: dict[str, str]

    @property
    def sha256(self) -> str:
        """The hash of all bytes but the evidence."""
        return sha256(self.before + self.after)

    def with_evidence(self, evidence: Evidence) -> bytes:
        """Give the whole file."""
        return self.before + encode_evidence(evidence) + self.after


class Opened(msgspec.Struct, frozen=True):
    """A report's file, taken apart; nothing of it has been checked.

    Attributes:
        document: As plain JSON values, so that a later form of documents can be checked as well.
        spelled: Whether the evidence is spelled as it is written; another spelling is a change.
    """

    format: Format
    body: bytes
    document: Any
    evidence: Evidence
    spelled: bool


def embedded_json(data: bytes) -> str:
    """Give JSON as it can stand in a script element: nothing in it ends or opens anything."""
    return data.decode().replace("<", "\\u003c")


def json_body(document: Any) -> Body:
    """Render a document as JSON: canonical, with a place for the evidence."""
    plain = msgspec.to_builtins(document)
    sections = {one["id"]: sha256(canonical(one)) for one in plain["sections"]}
    return Body(Format.JSON, _JSON_START + canonical(plain) + _JSON_SLOT, _JSON_END, sections)


def open_report(data: bytes) -> Opened:
    """Take a report's file apart.

    Raises:
        NotAReportError: The bytes are no report, or not a whole one.
    """
    form = _open_json if data.startswith(_JSON_START) else _open_html
    before, evidence, after, document = form(data)
    read = decode_evidence(evidence)
    return Opened(
        format=Format.JSON if form is _open_json else Format.HTML,
        body=before + after,
        document=_decode(document),
        evidence=read,
        spelled=encode_evidence(read) == evidence,
    )


def _open_html(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    if data.count(_OPEN) != 1 or data.count(_DOCUMENT) != 1:
        raise NotAReportError(
            "the file holds no document with evidence: it is no lineproof report, or was cut"
        )
    evidence, end = _element(data, _OPEN)
    document, _ = _element(data, _DOCUMENT)
    if not data.endswith(b"</html>") and not data.endswith(b"</html>\n"):
        raise NotAReportError(_CUT)
    return data[: end - len(evidence)], evidence, data[end:], document


def _element(data: bytes, opening: bytes) -> tuple[bytes, int]:
    start = data.index(opening) + len(opening)
    end = data.find(_CLOSE, start)
    if end < 0:
        raise NotAReportError(_CUT)
    return data[start:end], end


def _open_json(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    # The slot's bytes cannot stand within a string of JSON: its quotes would be escaped there.
    before, slot, rest = data.rpartition(_JSON_SLOT)
    if not slot or not rest.endswith(_JSON_END):
        raise NotAReportError(_CUT)
    return before + slot, rest.removesuffix(_JSON_END), _JSON_END, before.removeprefix(_JSON_START)


def _decode(document: bytes) -> Any:
    try:
        value = msgspec.json.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotAReportError(f"its document cannot be read: {error}") from error
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for one in level for inner in _within(one)]
        if not level:
            return value
    raise NotAReportError(f"its document is nested more than {_DEEPEST} deep: it is none of ours")


def _within(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
