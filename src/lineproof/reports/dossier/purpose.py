"""What the model is for, who answers for it, on which ground: as people stated it."""

from __future__ import annotations

from collections.abc import Iterator

from lineproof.model.entries import EntryType
from lineproof.model.statements import Basis, Purpose, System
from lineproof.reports.document import Block, Cell, Section, Tone
from lineproof.reports.dossier.material import Material
from lineproof.reports.dossier.parts import cell, cells, draft, fact, listed, prose, table

__all__ = ["missing", "purpose"]

# What somebody must state before the dossier is more than a draft, with the words for it.
_MANDATORY = {
    "owner": "Who answers for it",
    "intended_use": "Intended use",
    "gdpr_role": "Role under the GDPR",
    "ai_act_role": "Role under the AI Act",
    "ai_act_class": "Risk class under the AI Act",
    "oversight": "Human oversight",
}
_CODED = frozenset({"gdpr_role", "hipaa_role", "ai_act_role", "ai_act_class"})
_OPTIONAL = {"hipaa_role": "Role under HIPAA", "sox_scope": "In the scope of SOX"}


def missing(about: Material) -> tuple[str, ...]:
    """Give what people must still state, in words."""
    systems = about.statements.systems_of(about.model.name)
    if not systems:
        return ("which system the model belongs to, and who answers for it",)
    return tuple(
        f"{words[0].lower()}{words[1:]} (system {name})"
        for name, (system, _) in systems.items()
        for field, words in _MANDATORY.items()
        if not getattr(system, field)
    )


def purpose(about: Material) -> Section:
    """Tell the systems that the model belongs to and the purposes it serves."""
    blocks: list[Block] = []
    systems = about.statements.systems_of(about.model.name)
    for name, (system, entries) in systems.items():
        blocks += _system(name, system, entries)
    if not systems:
        words = (
            "DRAFT: nobody has stated which system this model belongs to, what it is for and who answers for it. "
            f"State it with: lineproof system set NAME --model {about.model.name} --owner … --intended-use …"
        )
        blocks.append(prose(words, tone=Tone.DRAFT))
    blocks += _purposes(about)
    return Section("purpose", "What it is for, and who answers for it", tuple(blocks))


def _system(name: str, system: System, entries: list[int]) -> Iterator[Block]:
    facts = [fact("System", cell(name, *entries))]
    for field, words in {**_MANDATORY, **_OPTIONAL}.items():
        stated = getattr(system, field)
        facts.append(fact(words, _stated(field, stated)))
    yield listed(*facts)


def _stated(field: str, stated: object) -> Cell:
    if stated is None or stated == "":
        return draft() if field in _MANDATORY else cell("not stated", tone=Tone.OPEN)
    if isinstance(stated, bool):
        return cell("yes" if stated else "no")
    return cell(str(stated).replace("_", " ") if field in _CODED else stated)


def _purposes(about: Material) -> Iterator[Block]:
    """Tell the purposes that the training run named or whose jobs it executed, with their grounds."""
    run = about.training
    named = run.process.get("purpose") if run is not None and run.process else None
    job = None if run is None else run.log.job.removeprefix("job:").rpartition("::")[2]
    rows = []
    for name, (stated, entries) in about.statements.purposes().items():
        if name == named or (job is not None and job in (stated.jobs or ())):
            rows.append(_purpose_row(about, name, stated, entries))
    if rows:
        head = ("purpose", "description", "controller", "whose data", "lawful basis")
        yield table("purposes", "Purposes that the training serves", head, rows)
    elif named:
        yield prose(f"The training run names the purpose {named}; nobody has described it.", tone=Tone.OPEN)
    else:
        yield prose("No purpose is recorded for the training.", tone=Tone.OPEN)


def _purpose_row(about: Material, name: str, stated: Purpose, entries: list[int]) -> tuple[Cell, ...]:
    bases = about.statements.of(EntryType.BASIS, subject=f"purpose:{name}")
    grounds = [one.body.article for one in bases if isinstance(one.body, Basis)]
    basis = cell(", ".join(grounds), *(one.entry for one in bases)) if grounds else draft()
    return cells(
        cell(name, *entries),
        stated.description or "not stated",
        stated.controller or "not stated",
        ", ".join(stated.subject_categories or ()) or "not stated",
        basis,
    )
