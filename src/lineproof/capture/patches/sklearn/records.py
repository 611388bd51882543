"""A fitted estimator as the record knows it: its dataset, its features, the lineage of its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from lineproof.capture.boundary import MemoryFrame
from lineproof.capture.edges import INDIRECT, lineage_facet, versioned
from lineproof.capture.fitted import Feature, FittedModel
from lineproof.capture.patches.sklearn.calls import Started
from lineproof.capture.provenance.table import NOTHING, ColumnOrigin, SourceColumn, combined
from lineproof.capture.saved import qualified
from lineproof.model.facets import Model
from lineproof.model.lineage import How, Precision
from lineproof.model.openlineage import (
    MEMORY_NAMESPACE,
    ColumnLineage,
    Dataset,
    DatasetType,
    InputField,
    Schema,
    SchemaField,
)

__all__ = ["describe", "in_memory", "model_dataset", "model_origin", "with_model"]


def feature_names(estimator: Any, columns: Sequence[str]) -> list[str]:
    """Give the names of what an estimator was fitted on."""
    named = getattr(estimator, "feature_names_in_", None)
    if named is not None and len(named) == len(columns):
        return [str(name) for name in named]
    if list(columns) == [str(at) for at in range(len(columns))] and len(columns) > 1:
        return [f"x{at}" for at in range(len(columns))]  # the library's own names for unnamed columns
    return list(columns)


def describe(estimator: Any, started: Started, run: str | None, earlier: FittedModel | None) -> FittedModel:
    """Say what is known of an estimator that was just fitted.

    Args:
        estimator: The estimator.
        started: The call that fitted it.
        run: Run of the fit.
        earlier: What a `partial_fit` adds to.
    """
    frame = started.frame_x
    columns = frame.columns if frame is not None else tuple(str(at) for at in range(len(started.columns)))
    names = feature_names(estimator, columns)
    features = tuple(map(Feature, names, columns, started.columns))
    label = started.label
    trained_on: tuple[tuple[str, str], ...] = () if frame is None else ((frame.name, frame.version),)
    y = started.frame_y
    labels = () if y is None else tuple((y.name, y.version, column) for column in y.columns)
    if earlier is not None and len(earlier.features) == len(features):
        features = tuple(
            Feature(now.name, now.column, combined((before.origin, now.origin), "sklearn.partial_fit"))
            for before, now in zip(earlier.features, features, strict=True)
        )
        label = combined([one for one in (earlier.label, label) if one is not None], "sklearn.partial_fit")
        trained_on = (*earlier.trained_on, *(pair for pair in trained_on if pair not in earlier.trained_on))
        labels = (*earlier.label_columns, *(one for one in labels if one not in earlier.label_columns))
    return FittedModel(
        estimator=qualified(type(estimator)),
        run=run or (earlier.run if earlier is not None else None),
        name=f"{started.site}/{type(estimator).__name__}",
        version=f"run:{run}" if run else None,
        features=features,
        label=label,
        trained_on=trained_on,
        label_columns=labels,
    )


def model_dataset(model: FittedModel, started: Started) -> Dataset:
    """Give a fitted estimator as the output of its fit: features from X, y deciding all of them."""
    dataset = versioned(model.namespace, model.name, model.version)
    dataset.facets["datasetType"] = DatasetType(dataset_type="MODEL")
    dataset.facets["schema"] = Schema(fields=[SchemaField(name=feature.name) for feature in model.features])
    dataset.facets["lineproof_model"] = Model(
        estimator=model.estimator, fit_run=UNSET if model.run is None else model.run
    )
    if started.frame_x is not None:
        origins = [in_memory(started.frame_x, feature.column) for feature in model.features]
        lineage = lineage_facet([feature.name for feature in model.features], origins)
        if started.frame_y is not None:
            fields = [started.frame_y.field(column, INDIRECT) for column in started.frame_y.columns]
            lineage.dataset = [*(lineage.dataset or []), *fields]
        dataset.facets["columnLineage"] = lineage
    return dataset


def in_memory(frame: MemoryFrame, column: str, rule: str = "sklearn.fit") -> ColumnOrigin:
    """Give a column of a table in memory as the origin of something made from it."""
    source = SourceColumn(MEMORY_NAMESPACE, frame.name, frame.version, column)
    return ColumnOrigin(frozenset((source,)), NOTHING, Precision.EXACT, rule, How.OBSERVED)


def model_fields(model: FittedModel) -> list[InputField]:
    """Give the features of a model as indirect sources of what it computes."""
    return [
        InputField(
            namespace=model.namespace,
            name=model.name,
            field=feature.name,
            version=model.version or "unversioned",
            transformations=[INDIRECT],
        )
        for feature in model.features
    ]


def model_origin(model: FittedModel, rule: str) -> ColumnOrigin:
    """Give the features of a model from a file as indirect sources: what lies behind them is recorded."""
    sources = frozenset(
        SourceColumn(model.namespace, model.name, model.version or "unversioned", feature.name)
        for feature in model.features
    )
    return ColumnOrigin(NOTHING, sources, Precision.EXACT, rule, How.OBSERVED)


def with_model(lineage: ColumnLineage, model: FittedModel | None) -> ColumnLineage:
    """Add the model to what all columns of its output depend on."""
    if model is not None and model.features:
        lineage.dataset = [*(lineage.dataset or []), *model_fields(model)]
    return lineage
