"""Origins of what an estimator returned: from its input, and from what it had learned before."""

from __future__ import annotations

from typing import Any

from lineproof.capture.fitted import Beside, FittedModel
from lineproof.capture.patches.sklearn.calls import Started
from lineproof.capture.patches.sklearn.predictions import predicted
from lineproof.capture.patches.sklearn.records import model_origin
from lineproof.capture.patches.sklearn.tracking import is_users_class, result_table
from lineproof.capture.patches.sklearn.transforms import Columns, Context, mixed, outputs, restored
from lineproof.capture.provenance.attachment import Shape, attach, shape_of, table_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.model.lineage import Precision

__all__ = [
    "attach_everywhere",
    "attach_learned",
    "attach_prediction",
    "attach_restored",
    "attach_transformed",
]

_TWO_DIMENSIONS = 2


def attach_prediction(result: Any, estimator: Any, started: Started, context: Context, *, fits: bool) -> None:
    """Give a prediction its origin: the columns that reach the final estimator, label and training data."""
    own = table_of(result) if is_users_class(type(estimator)) else None
    origin = own.flat if own is not None else predicted(estimator, started.columns, context)
    if not fits:
        origin = origin.under(_learned_for_prediction(estimator, started.model, context))
    attach_everywhere(result, origin, started.table)


def attach_transformed(result: Any, estimator: Any, started: Started, context: Context) -> str | None:
    """Give each column of a transformed table its origin.

    Returns:
        Why the estimator's rule could not be used, or None.
    """
    problem = None
    otherwise = mixed(estimator, started.columns, context)
    columns: Columns | None = None
    try:
        columns = outputs(estimator, started.columns, context)
    except Exception as error:  # its fitted state is not what the rule knows
        problem = type(error).__name__
        otherwise = otherwise.at_best(Precision.SUPERSET)
    if not context.fitting:
        learned = _learned_for_columns(estimator, started.model, context)
        if columns is not None:
            each = (
                learned
                if len(learned) == len(columns)
                else (combined(learned, "sklearn.fit"),) * len(columns)
            )
            columns = tuple(
                origin.under(before.as_condition()) for origin, before in zip(columns, each, strict=True)
            )
        otherwise = otherwise.under(combined(learned, "sklearn.fit").as_condition())
    table = result_table(result, columns, otherwise, started.table or Table((), ()))
    if table is not None:
        attach(result, table)
    return problem


def attach_restored(result: Any, estimator: Any, started: Started) -> None:
    """Give the result of `inverse_transform` its origins."""
    rule = "sklearn.inverse_transform"
    columns = restored(estimator, started.columns)
    mixture = combined(started.columns, rule, Precision.SUPERSET)
    table = result_table(result, columns, mixture, started.table or Table((), ()))
    if table is not None:
        attach(result, table)


def attach_everywhere(result: Any, origin: ColumnOrigin, source: Table | None) -> None:
    """Give all columns of a result, or of each part of it, one origin."""
    if isinstance(result, (list, tuple)):
        for part in result:
            attach_everywhere(part, origin, source)
        return
    table = result_table(result, None, origin, source or Table((), ()))
    if table is not None:
        attach(result, table)


def attach_learned(estimator: Any, started: Started) -> None:
    """Give what an estimator learned (labels, coefficients, centres) the origin of what it learned from."""
    if started.x is None:
        return
    origin = combined(started.columns, "sklearn.fit")
    if started.label is not None:
        origin = origin.under(started.label)
    rows = getattr(started.x, "shape", (None,))[0]
    for name, value in vars(estimator).items():
        if not name.endswith("_") or name == "feature_names_in_" or shape_of(value) is not Shape.ARRAY:
            continue
        if table_of(value) is None:
            per_row = getattr(value, "shape", (-1,))[:1] == (rows,)
            known = origin if per_row else origin.at_best(Precision.SUPERSET)
            attach_everywhere(value, known, started.table if per_row else None)


_learned: Beside[tuple[FittedModel, ColumnOrigin]] = Beside()


def _learned_for_prediction(estimator: Any, model: FittedModel | None, context: Context) -> ColumnOrigin:
    """Give what an estimator learned from; worked out once per fit, since it may predict row by row."""
    if model is None:
        return CONSTANT.at_best(Precision.UNKNOWN)
    kept = _learned.get(estimator)
    if kept is not None and kept[0] is model:
        return kept[1]
    origin = _training_origin(estimator, model, context)
    if not context.seen:  # else it may rest on what the user's code did in this call
        _learned.set(estimator, (model, origin))
    return origin


def _training_origin(estimator: Any, model: FittedModel, context: Context) -> ColumnOrigin:
    if not model.origins_known:
        return model_origin(model, "sklearn.predict")
    columns = tuple(feature.origin for feature in model.features)
    if len(columns) == getattr(estimator, "n_features_in_", len(columns)):
        return predicted(estimator, columns, context).as_condition()
    known = combined(columns, "sklearn.predict").as_condition()
    return known if model.label is None else known.under(model.label)


def _learned_for_columns(estimator: Any, model: FittedModel | None, context: Context) -> Columns:
    """Give what decided each output column of a transformer before it saw this data."""
    if not _learns(estimator):
        return (CONSTANT,)
    if model is None:
        return (CONSTANT.at_best(Precision.UNKNOWN),)
    if not model.origins_known:
        return (model_origin(model, "sklearn.transform"),)
    columns = tuple(feature.origin for feature in model.features)
    if len(columns) == getattr(estimator, "n_features_in_", len(columns)):
        return outputs(estimator, columns, context) or (mixed(estimator, columns, context),)
    return columns


def _learns(estimator: Any) -> bool:
    try:
        return bool(estimator.__sklearn_tags__().requires_fit)
    except Exception:  # no tags: it counts as one that learns, the wider answer
        return True
