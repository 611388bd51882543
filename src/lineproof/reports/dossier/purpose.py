"""What the model is for, who answers for it, on which ground: as people stated it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lineproof.model.entries import EntryType
from lineproof.model.references import Reference
from lineproof.model.statements import Basis, Document, Purpose, System
from lineproof.reports.document import Block, Cell, Section, Tone
from lineproof.reports.dossier.material import Material
from lineproof.reports.dossier.parts import cell, cells, code, draft, fact, listed, prose, table

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
    purposes = _purposes(about)
    blocks += _described(about, purposes)
    blocks += _documents(about, systems, purposes)
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


def _purposes(about: Material) -> dict[str, tuple[Purpose, list[int]]]:
    """Give the purposes that the training run named or whose jobs it executed."""
    run = about.training
    if run is None:
        return {}
    job = Reference.parse(run.log.job).name
    return {
        name: (stated, entries)
        for name, (stated, entries) in about.statements.purposes().items()
        if name == _named(about) or job in (stated.jobs or ())
    }


def _named(about: Material) -> str | None:
    """Give the purpose that the training run itself names."""
    run = about.training
    named = run.process.get("purpose") if run is not None and run.process else None
    return named if isinstance(named, str) else None


def _described(about: Material, purposes: dict[str, tuple[Purpose, list[int]]]) -> Iterator[Block]:
    named = _named(about)
    if purposes:
        head = ("purpose", "description", "controller", "whose data", "lawful basis")
        rows = [_purpose_row(about, name, *stated) for name, stated in purposes.items()]
        yield table("purposes", "Purposes that the training serves", head, rows)
    elif named:
        yield prose(f"The training run names the purpose {named}; nobody has described it.", tone=Tone.OPEN)
    else:
        yield prose("No purpose is recorded for the training.", tone=Tone.OPEN)


def _documents(about: Material, systems: Iterable[str], purposes: Iterable[str]) -> Iterator[Block]:
    """Tell the documents that people supplied about the model, its systems or its purposes."""
    model = about.model
    subjects = {
        model.ref,
        model.ref.rpartition("@")[0],
        *(f"system:{name}" for name in systems),
        *(f"purpose:{name}" for name in purposes),
    }
    rows = []
    for one in about.statements.of(EntryType.DOCUMENT):
        body = one.body
        if isinstance(body, Document) and subjects.intersection(body.covers):
            rows.append(
                cells(
                    cell(body.title or body.kind, one.entry),
                    body.kind.replace("_", " "),
                    ", ".join(body.covers),
                    body.valid_until or "no end stated",
                    str(about.who(one.principal)),
                    code(body.digest or "no file"),
                )
            )
    if rows:
        head = ("document", "kind", "covers", "valid until", "supplied by", "content")
        yield table("documents", "Documents that people supplied", head, rows)


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
