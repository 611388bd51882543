"""The HTML form of a report: one file that needs nothing else and checks itself."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lineproof.errors import MissingRendererError
from lineproof.reports.canonical import canonical, sha256
from lineproof.reports.document import Document, Facts, Figure, Prose
from lineproof.reports.envelope import EVIDENCE_SLOT, Body, embedded_json
from lineproof.reports.evidence import Format
from lineproof.reports.visible import section_hashes

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["html_body"]

_WIDTH = re.compile(r'width="(\d+)"')
_WIDEST_FITTED = 1300  # px; a wider picture, made smaller, could not be read: it is scrolled
_PAGE = Path(__file__).parent / "page"


def html_body(document: Document) -> Body:
    """Render a document as HTML, with a place for the evidence.

    Raises:
        MissingRendererError: jinja2 is not installed.
    """
    content = canonical(document)
    style = "".join(_page(name) for name in ("report.css", "lineage.css"))
    script = _page("report.js")
    text = _template().render(
        document=document,
        content=sha256(content),
        embedded=embedded_json(content),
        slot=EVIDENCE_SLOT,
        style=style,
        script=script,
        style_hash=_csp_hash(style),
        script_hash=_csp_hash(script),
    )
    before, _, after = text.partition(EVIDENCE_SLOT)
    half = EVIDENCE_SLOT.index("</")
    return Body(
        Format.HTML,
        (before + EVIDENCE_SLOT[:half]).encode(),
        (EVIDENCE_SLOT[half:] + after).encode(),
        section_hashes(text),
    )


def _page(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only who renders has it
    except ImportError as error:
        raise MissingRendererError("jinja2, which writes the HTML of reports, is not installed") from error
    environment = Environment(loader=FileSystemLoader(_PAGE), autoescape=True, undefined=StrictUndefined)
    environment.tests["prose"] = lambda block: isinstance(block, Prose)
    environment.tests["facts"] = lambda block: isinstance(block, Facts)
    environment.tests["figure"] = lambda block: isinstance(block, Figure)
    environment.tests["wide"] = lambda figure: _width(figure) > _WIDEST_FITTED
    return environment.get_template("report.html")


def _width(figure: Figure) -> int:
    found = _WIDTH.search(figure.svg)
    return 0 if found is None else int(found[1])


def _csp_hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
