"""The dossier of a model version: everything on record about it, in one document."""

from __future__ import annotations

from msgspec import structs
from sqlalchemy import Connection

from lineproof.graph import View
from lineproof.reports.document import Block, Document, Section, Tone
from lineproof.reports.dossier.controls import controls, counted_results
from lineproof.reports.dossier.entries import entries
from lineproof.reports.dossier.features import features
from lineproof.reports.dossier.gaps import gaps
from lineproof.reports.dossier.governance import approvals, deployments
from lineproof.reports.dossier.lineage import data, lineage
from lineproof.reports.dossier.material import Material
from lineproof.reports.dossier.parts import cell, code, fact, listed, moment, prose
from lineproof.reports.dossier.purpose import missing, purpose
from lineproof.reports.dossier.training import decisions, environment, metrics, parameters

__all__ = ["model_dossier"]


def model_dossier(
    connection: Connection, reference: str, seen: View, *, ledger: str, day: str, fingerprint: str
) -> Document:
    """Build the dossier of a model version.

    Args:
        connection: Snapshot of the ledger's tables.
        reference: `model:NAME@N`.
        seen: What it rests on.
        ledger: UUID of the ledger.
        day: Day it is made, UTC; the only time of making in it.
        fingerprint: Of the key that signs the log.

    Raises:
        CommandError: The reference names no model.
        UsageError: It names nothing recorded, or several things.
    """
    about = Material(connection, reference, seen, day)
    draft = missing(about)
    sections = [
        _summary(about, ledger=ledger, fingerprint=fingerprint, draft=draft),
        purpose(about),
        lineage(about),
        features(about),
        data(about),
        parameters(about),
        metrics(about),
        decisions(about),
        approvals(about),
        deployments(about),
        environment(about),
        controls(about),
        gaps(about),
    ]
    document = Document(
        kind="model",
        title=f"Model dossier: {cell(about.model.ref).text}",
        subject=cell(about.model.ref).text,
        ledger=ledger,
        as_of=seen.as_of,
        day=day,
        draft=tuple(cell(one).text for one in draft),
        sections=tuple(sections),
    )
    return structs.replace(document, sections=(*document.sections, entries(about, document.cited())))


def _summary(about: Material, *, ledger: str, fingerprint: str, draft: tuple[str, ...]) -> Section:
    model = about.model
    maker = about.training
    blocks: list[Block] = []
    if draft:
        words = f"DRAFT: people must still state {'; '.join(draft)}."
        blocks.append(prose(words, tone=Tone.DRAFT))
    blocks.append(
        listed(
            fact("Model", code(model.ref, model.entry)),
            fact("Content", code(model.content)),
            fact("First event", cell(moment(model.time))),
            fact("Also known as", code(", ".join(about.detail.also) or "no other name")),
            fact("Made in", code("no recorded run" if maker is None else maker.ref)),
            fact("Ledger", code(ledger)),
            fact("Rests on", cell(f"all entries up to entry {about.seen.as_of}")),
            fact("Made on", cell(about.day)),
            fact("Controls", cell(counted_results(about.check))),
            fact("Key of the log", code(fingerprint)),
        )
    )
    again = f"lineproof report {model.ref} --as-of {about.seen.as_of} --format json -o twin.json"
    words = (
        "Whoever has the ledger can make this document again; on the same day it has the same content hash:"
    )
    blocks += [prose(words), prose(again, tone=Tone.CODE)]
    return Section("summary", "Summary", tuple(blocks))
