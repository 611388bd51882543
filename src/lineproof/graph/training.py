"""Which run a model comes from."""

from __future__ import annotations

from lineproof.graph.facts import Facts, VersionFacts
from lineproof.graph.runs import facets_of
from lineproof.graph.states import root_of
from lineproof.model.identity import node_id

__all__ = ["outermost", "training_of"]

_FITTED_BY = "run:"  # content of a model that was never saved: the run that fitted it


def training_of(facts: Facts, model: VersionFacts) -> int | None:
    """Give the outermost run that fitted a model: what the model says of itself, else who wrote it first."""
    said = facets_of(facts, [model.id], "lineproof_model").get(model.id, {}).get("fit_run")
    if not isinstance(said, str) and model.content.startswith(_FITTED_BY):
        said = model.content.removeprefix(_FITTED_BY)
    if isinstance(said, str) and (found := outermost(facts, said)) is not None:
        return found
    writer = facts.producers([model.id]).get(model.id)
    return None if writer is None else root_of(facts, writer)


def outermost(facts: Facts, uuid: str) -> int | None:
    """Give the outermost run in which a run happened; None when the run is not recorded."""
    run = node_id("run", uuid)
    return root_of(facts, run) if facts.runs([run]) else None
