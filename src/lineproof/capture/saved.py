"""A fitted model as a dataset of its own: in a file, under a name, with the columns it learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from lineproof.capture.columns import UNKNOWN
from lineproof.capture.edges import INDIRECT, lineage_facet, versioned
from lineproof.capture.fitted import Feature, FittedModel
from lineproof.capture.provenance.table import NOTHING, ColumnOrigin, SourceColumn
from lineproof.model.facets import Model
from lineproof.model.lineage import How, Precision
from lineproof.model.openlineage import (
    MEMORY_NAMESPACE,
    MODEL_NAMESPACE,
    ColumnLineage,
    Dataset,
    DatasetType,
    InputField,
    Schema,
    SchemaField,
    SymlinkIdentifier,
    Symlinks,
)

if TYPE_CHECKING:
    from lineproof.capture.files import FileVersion
    from lineproof.capture.session import Session

__all__ = ["as_input", "keep_version", "qualified", "unknown_model"]


def qualified(kind: Any) -> str:
    """Give the full name of a class or function, `sklearn.linear_model.LogisticRegression`.

    Private modules are left out: they are not part of a name that people use.
    """
    module = getattr(kind, "__module__", None) or ""
    parts = [part for part in module.split(".") if not part.startswith("_") or part == "__main__"]
    name = getattr(kind, "__qualname__", None) or type(kind).__qualname__
    return ".".join([*parts, name])


def unknown_model(estimator: Any) -> FittedModel:
    """Describe a fitted estimator that this process did not see being fitted."""
    names = _feature_names(estimator)
    return FittedModel(
        estimator=qualified(type(estimator)),
        name=type(estimator).__name__,
        version=None,
        features=tuple(Feature(name, name, UNKNOWN) for name in names),
        origins_known=False,
    )


def _feature_names(estimator: Any) -> list[str]:
    for attribute in ("feature_names_in_", "feature_names", "feature_name"):
        try:
            named = getattr(estimator, attribute, None)
            named = named() if callable(named) else named
        except Exception:  # noqa: S112 - XGBoost raises where no names were given
            continue
        if named is not None and len(named):
            return [str(name) for name in named]
    return [f"x{at}" for at in range(getattr(estimator, "n_features_in_", 0) or 0)]


def as_input(model: FittedModel, file: FileVersion | None = None) -> Dataset:
    """Give a model as something that was used, with the file that it was read from."""
    dataset = versioned(model.namespace, model.name, model.version)
    dataset.facets["datasetType"] = DatasetType(dataset_type="MODEL")
    if file is not None:
        link = SymlinkIdentifier(namespace=file.namespace, name=file.name, type="FILE")
        dataset.facets["symlinks"] = Symlinks(identifiers=[link])
    return dataset


def keep_version(
    session: Session,
    model: FittedModel,
    name: str,
    file: FileVersion | None,
    *,
    format: str | None = None,  # noqa: A002 - the facet's own word
    registered: bool = False,
) -> FittedModel:
    """Record a model under a name, and in which file it is.

    Args:
        session: The recording.
        model: What is known of it so far.
        name: Its name from now on.
        file: The file that holds it, closed and hashed; None while it is in memory alone.
        format: How the file was written, `joblib` or `pickle`, when that is known.
        registered: A person gave it the name.

    Returns:
        What is known of it now.
    """
    now = msgspec.structs.replace(model, namespace=MODEL_NAMESPACE, name=name)
    facet = Model(estimator=model.estimator)
    if model.run is not None:
        facet.fit_run = model.run
    if registered:
        facet.registered = True
    if format is not None:
        facet.format = format
    if file is not None:
        now = msgspec.structs.replace(now, version=file.digest, path=file.path)
        facet.path, facet.size_bytes = file.name, file.size_bytes
    dataset = as_input(now)
    dataset.facets["lineproof_model"] = facet
    dataset.facets["schema"] = Schema(fields=[SchemaField(name=feature.name) for feature in now.features])
    lineage = _lineage(model)
    if lineage is not None:
        dataset.facets["columnLineage"] = lineage
    links = _links(model, now, file)
    if links:
        dataset.facets["symlinks"] = Symlinks(identifiers=links)
    known = model.version is not None and model.namespace == MEMORY_NAMESPACE
    session.emit("RUNNING", inputs=[as_input(model)] if known else [], outputs=[dataset], sync=True)
    return now


def _lineage(model: FittedModel) -> ColumnLineage | None:
    """The features from the columns of the training data, the label deciding all of them."""
    if not model.trained_on:
        return None
    name, version = model.trained_on[0]
    origins = [
        ColumnOrigin(
            frozenset((SourceColumn(MEMORY_NAMESPACE, name, version, feature.column),)),
            NOTHING,
            Precision.EXACT,
            "sklearn.fit",
            How.OBSERVED,
        )
        for feature in model.features
    ]
    lineage = lineage_facet([feature.name for feature in model.features], origins)
    decided = [
        InputField(
            namespace=MEMORY_NAMESPACE, name=name, field=column, version=version, transformations=[INDIRECT]
        )
        for name, version, column in model.label_columns
    ]
    if decided:
        lineage.dataset = [*(lineage.dataset or []), *decided]
    return lineage


def _links(before: FittedModel, now: FittedModel, file: FileVersion | None) -> list[SymlinkIdentifier]:
    links = []
    if file is not None:
        links.append(SymlinkIdentifier(namespace=file.namespace, name=file.name, type="FILE"))
    if before.namespace == MODEL_NAMESPACE and before.name != now.name:
        links.append(SymlinkIdentifier(namespace=before.namespace, name=before.name, type="MODEL"))
    return links
