"""Where the model comes from: the steps of its lineage, and the data versions behind it."""

from __future__ import annotations

from collections.abc import Iterator

from lineproof.graph.answer import Node, Trace
from lineproof.graph.facts import VersionFacts
from lineproof.graph.runs import facets_of
from lineproof.graph.statements import Source
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind
from lineproof.reports.document import Block, Cell, Figure, Section, Tone
from lineproof.reports.dossier.material import Material
from lineproof.reports.dossier.measured import drift, masking
from lineproof.reports.dossier.parts import cell, cells, code, moment, prose, table
from lineproof.reports.svg import lineage_svg

__all__ = ["data", "lineage", "stated_source"]

_MOST_STEPS = 300  # rows; a caption says how many there are
_MOST_VERSIONS = 500
_NAMED = ("origin", "licence", "region", "owner", "obtained")


def lineage(about: Material) -> Section:
    """Tell how the model hangs together with its data."""
    answer = about.datasets
    data_nodes = [node for node in answer.nodes if node.kind == Kind.DATASET]
    counts = (
        f"{len(data_nodes)} dataset versions and {len(answer.edges)} steps lead to this model, "
        "tables that lived in memory only counted."
    )
    blocks: list[Block] = [prose(counts if answer.edges else "No lineage of this model is recorded.")]
    if not answer.complete:
        words = f"The lineage goes on beyond what is told here: it was cut at {len(answer.cut_at)} places."
        blocks.append(prose(words, tone=Tone.OPEN))
    if answer.edges:
        blocks.append(_picture(answer))
        rows = (
            cells(
                code(edge.source), code(edge.target), edge.kind, edge.how, edge.precision,
                cell(edge.rule, edge.entry),
            )
            for edge in answer.edges[:_MOST_STEPS]
        )  # fmt: skip
        head = ("from", "to", "kind", "known how", "precision", "rule")
        blocks.append(table("steps", "Steps, upstream to downstream", head, rows, total=len(answer.edges)))
    return Section("lineage", "Lineage", tuple(blocks))


def _picture(answer: Trace) -> Figure:
    words = "Arrows point downstream; the table below tells the steps in words."
    return Figure(
        "What led to the model",
        words,
        lineage_svg(answer, f"Lineage of {answer.root}", f"What led to it. {words}"),
    )


def data(about: Material) -> Section:
    """Tell the dataset versions behind the model, what they are and where they are said to come from."""
    nodes = [node for node in about.datasets.nodes if node.kind == Kind.DATASET and node.entry is not None]
    versions = _versions(about, nodes)
    stored = [one for one in versions if one.namespace != MEMORY_NAMESPACE]
    memory = [one for one in versions if one.namespace == MEMORY_NAMESPACE]
    blocks = [
        *_stored(about, stored),
        *_memory(about, memory),
        *drift(about, stored),
        *masking(about, stored),
    ]
    if not blocks:
        blocks.append(prose("No data is recorded behind this model.", tone=Tone.OPEN))
    return Section("data", "Data versions", tuple(blocks))


def stated_source(source: Source | None) -> Cell:
    """Give where data comes from, as people stated it."""
    parts = (
        [] if source is None else [f"{key}: {source.fields[key]}" for key in _NAMED if source.fields.get(key)]
    )
    if source is None or not parts:
        return cell("not stated", tone=Tone.OPEN)
    return cell("; ".join(parts), *source.entries)


def _versions(about: Material, nodes: list[Node]) -> list[VersionFacts]:
    """Give the facts of the nodes of a trace, which names them, in its order: nearest to the model first."""
    ids = [about.node(node) for node in nodes]
    known = about.facts.versions(ids)
    return [known[one] for one in ids if one in known]


def _stored(about: Material, versions: list[VersionFacts]) -> Iterator[Block]:
    if not versions:
        return
    shown = versions[:_MOST_VERSIONS]
    sources = about.statements.sources([one.id for one in shown])
    rows = (
        cells(
            code(one.ref),
            code(one.content),
            cell(moment(one.time), one.entry),
            stated_source(sources.get(one.id)),
        )
        for one in shown
    )
    head = ("version", "content", "first event", "stated source")
    caption = "Files and tables, nearest to the model first"
    yield table("data-versions", caption, head, rows, total=len(versions))


def _memory(about: Material, versions: list[VersionFacts]) -> Iterator[Block]:
    if not versions:
        return
    shown = versions[:_MOST_VERSIONS]
    prints = facets_of(about.facts, [one.id for one in shown], "lineproof_fingerprint")
    rows = (
        cells(
            code(one.ref),
            code(one.content),
            prints.get(one.id, {}).get("rows", "not recorded"),
            cell(moment(one.time), one.entry),
        )
        for one in shown
    )
    head = ("version", "content fingerprint", "rows", "first event")
    caption = "Tables as they reached a fit, a prediction or a file, nearest to the model first"
    yield table("memory-versions", caption, head, rows, total=len(versions))
