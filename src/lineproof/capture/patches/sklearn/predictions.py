"""Which columns a prediction was computed from: those that reach the final estimator, and the label."""

from __future__ import annotations

from typing import Any

import msgspec

from lineproof.capture.patches.sklearn.transforms import (
    Columns,
    Context,
    is_library_class,
    mixed,
    outputs,
    steps_of,
)
from lineproof.capture.provenance.table import NOTHING, ColumnOrigin, combined
from lineproof.model.lineage import How, Precision

__all__ = ["predicted", "used_columns"]

_RULE = "sklearn.predict"


def predicted(estimator: Any, inputs: Columns, context: Context) -> ColumnOrigin:
    """Give the origin of any output of `predict`, `predict_proba`, `decision_function`.

    Args:
        estimator: Fitted.
        inputs: Origin of each column of its input.
        context: What else is known; its label is an indirect source.
    """
    origin = _reaching(estimator, inputs, context).by(_RULE)
    return origin if context.label is None else origin.under(context.label)


def _reaching(estimator: Any, inputs: Columns, context: Context) -> ColumnOrigin:
    kind = _kind(estimator)
    if kind == "Pipeline":
        *before, last = steps_of(estimator)
        for step in before:
            inputs = _through(step, inputs, context)
        return _reaching(last, inputs, context)
    if kind in {"DummyClassifier", "DummyRegressor"}:
        return ColumnOrigin(NOTHING, NOTHING, Precision.EXACT, _RULE, How.OBSERVED)
    if kind in {"RFE", "RFECV"}:
        return _reaching(estimator.estimator_, _through(estimator, inputs, context), context)
    inner = _inner(estimator)
    if inner and not getattr(estimator, "passthrough", False):
        return combined([_reaching(part, inputs, context) for part in inner], _RULE)
    return combined(inputs, _RULE)


def _kind(estimator: Any) -> str:
    for base in type(estimator).__mro__:
        if is_library_class(base):
            return str(base.__name__)
    return type(estimator).__name__


def _through(step: Any, inputs: Columns, context: Context) -> Columns:
    found = outputs(step, inputs, msgspec.structs.replace(context, x=None))
    return (mixed(step, inputs, context),) if found is None else found


def _inner(estimator: Any) -> list[Any]:
    """The fitted estimators that see the same columns as this one, where they may leave some out."""
    for name in ("best_estimator_", "regressor_", "estimator_"):
        part = vars(estimator).get(name)
        if part is not None:
            return [part]
    calibrated = vars(estimator).get("calibrated_classifiers_")
    if calibrated:
        return [part.estimator for part in calibrated]
    parts = vars(estimator).get("estimators_")
    if isinstance(parts, list) and parts and all(_kind(part) == "Pipeline" for part in parts):
        return parts
    return []


def used_columns(estimator: Any, inputs: Columns, labels: tuple[Any, ...]) -> Columns:
    """Give the columns that an estimator that is not fitted yet may look at.

    Only selections written as names or positions at its very start are followed.
    """
    kind = _kind(estimator)
    if kind == "Pipeline":
        steps = steps_of(estimator)
        return used_columns(steps[0], inputs, labels) if steps else inputs
    if kind != "ColumnTransformer" or estimator.remainder != "drop":
        return inputs
    taken: set[int] = set()
    for _, transformer, columns in estimator.transformers:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        wanted = [columns] if isinstance(columns, (str, int)) else columns
        if not isinstance(wanted, (list, tuple)):
            return inputs
        for column in wanted:
            if isinstance(column, str) and column in labels:
                taken.add(labels.index(column))
            elif isinstance(column, int) and not isinstance(column, bool):
                taken.add(column % len(inputs))
            else:
                return inputs
    return tuple(inputs[at] for at in sorted(taken))
