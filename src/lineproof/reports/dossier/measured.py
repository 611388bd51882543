"""What was found out about the data behind a model: how far it drifted, and where personal data was taken out."""

from __future__ import annotations

from collections.abc import Iterator

from lineproof.graph.checks import drift_checks
from lineproof.graph.facts import VersionFacts
from lineproof.graph.tags import deidentified
from lineproof.reports.document import Block, Tone
from lineproof.reports.dossier.material import Material
from lineproof.reports.dossier.parts import cell, cells, code, moment, table

__all__ = ["drift", "masking"]

_MOST = 200  # rows; a caption says how many there are
_NAMED = 10  # columns


def drift(about: Material, versions: list[VersionFacts]) -> Iterator[Block]:
    """Tell the checks of drift that these versions were a side of, the newest first."""
    checks = drift_checks(about.facts, versions)[::-1]
    if not checks:
        return
    rows = (
        cells(
            code(one.current),
            code(one.reference),
            cell(
                ", ".join(one.columns[:_NAMED]) or ("schema" if one.drifted else "nothing"),
                one.entry,
                tone=Tone.BAD if one.drifted else None,
            ),
            moment(one.time),
        )
        for one in checks[:_MOST]
    )
    head = ("current", "reference", "drifted", "checked")
    yield table("drift-checks", "Checks of drift, the newest first", head, rows, total=len(checks))


def masking(about: Material, versions: list[VersionFacts]) -> Iterator[Block]:
    """Tell the versions whose writers are approved as de-identification: tags of personal data end there."""
    approved = deidentified(about.facts)
    writers = about.facts.producers([one.id for one in versions]) if approved else {}
    masked = [(one, writers[one.id]) for one in versions if writers.get(one.id) in approved]
    if not masked:
        return
    runs = about.facts.runs({run for _, run in masked})
    rows = (
        cells(code(one.ref), code(runs[run].ref), cell("approved", approved[run]))
        for one, run in masked[:_MOST]
    )
    head = ("version", "written by", "as de-identification")
    yield table("masked-versions", "Where tags of personal data end", head, rows, total=len(masked))
