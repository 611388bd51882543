"""Which input columns each output column of a fitted transformer was computed from.

Rules read the fitted estimator, never the data: their cost follows the number of columns. A class
without a rule gives the union of its inputs; whoever wrote the transform decides what may be claimed
for it, so a subclass that overrides `transform` does not inherit a rule.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, combined
from lineproof.model.lineage import Precision

__all__ = ["Columns", "Context", "is_library_class", "mixed", "outputs", "restored", "steps_of"]

Columns = tuple[ColumnOrigin, ...]


class Context(msgspec.Struct, frozen=True):
    """What a rule may use beside the estimator and its inputs.

    Attributes:
        label: Origin of the target it was fitted on; None when it was fitted without one.
        seen: Outputs observed while the user's own code ran, by identity of its estimator.
        fitting: The transformed data is the data it was fitted on.
        x: The data given to the outermost call; None for an estimator further inside.
    """

    label: ColumnOrigin | None = None
    seen: Mapping[int, Columns] = {}
    fitting: bool = False
    x: Any = None


_ROW_WISE = frozenset(
    ("Normalizer", "TfidfTransformer", "TargetEncoder")
)  # one value needs others of its row
Rule = Callable[[Any, Columns, Context], Columns | None]


def outputs(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    """Give the origin of each output column of `transform`.

    Args:
        estimator: Fitted.
        inputs: Origin of each column of its input.
        context: What else is known of the call.

    Returns:
        None when the number of outputs is not known; every output is then `mixed(...)`.
    """
    seen = context.seen.get(id(estimator))
    if seen is not None:
        return seen
    if not _own_transform(estimator):
        return _widened(estimator, mixed(estimator, inputs, context))
    for kind in type(estimator).__mro__:
        rule = _RULES.get(kind.__name__) if is_library_class(kind) else None
        if rule is not None:
            return rule(estimator, inputs, context)
    return _widened(estimator, mixed(estimator, inputs, context))


def restored(estimator: Any, inputs: Columns) -> Columns | None:
    """Give the origin of each output column of `inverse_transform`, where each comes from one input."""
    kinds = [kind.__name__ for kind in type(estimator).__mro__ if is_library_class(kind)]
    if "OneToOneFeatureMixin" in kinds and not _ROW_WISE & set(kinds):
        return inputs
    return None


def mixed(estimator: Any, inputs: Columns, context: Context) -> ColumnOrigin:
    """Give the origin of an output that any of the inputs may have gone into."""
    rule = f"sklearn.{type(estimator).__name__}"
    if _own_transform(estimator):
        origin = combined(inputs, rule)
        uses_label = context.label is not None and _needs_target(estimator)
    else:
        origin = combined(inputs, rule, Precision.SUPERSET)
        uses_label = context.label is not None
    return origin.under(context.label) if uses_label and context.label is not None else origin


def is_library_class(kind: type) -> bool:
    """Whether the class is scikit-learn's own."""
    return kind.__module__.partition(".")[0] == "sklearn"


def steps_of(pipeline: Any) -> list[Any]:
    """Give the steps of a pipeline that do something."""
    return [step for _, step in pipeline.steps if step is not None and not isinstance(step, str)]


def _own_transform(estimator: Any) -> bool:
    """Whether scikit-learn itself wrote the transform of this estimator."""
    for kind in type(estimator).__mro__:
        if "transform" in vars(kind) or "fit_transform" in vars(kind):
            return is_library_class(kind)
    return False


def _needs_target(estimator: Any) -> bool:
    try:
        if estimator.__sklearn_tags__().target_tags.required:
            return True
        asked = inspect.signature(type(estimator).fit).parameters.get("y")  # partial least squares say it so
    except Exception:  # no tags: the label counts as used, the wider answer
        return True
    return asked is not None and asked.default is inspect.Parameter.empty


def _width(estimator: Any) -> int | None:
    try:
        return int(estimator._n_features_out)
    except Exception:  # few estimators say it so; the next question is the usual one
        pass
    try:
        return len(estimator.get_feature_names_out())
    except Exception:  # it cannot say: the caller takes all columns for each
        return None


def _widened(estimator: Any, origin: ColumnOrigin) -> Columns | None:
    width = _width(estimator)
    return None if width is None else (origin,) * width


def _one_to_one(estimator: Any, inputs: Columns, _: Context) -> Columns | None:
    rule = f"sklearn.{type(estimator).__name__}"
    return tuple(origin.by(rule) for origin in inputs)


def _all_mixed(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    return (mixed(estimator, inputs, context),) * len(inputs)


def _term_weights(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    rule = _one_to_one if estimator.norm is None else _all_mixed
    return rule(estimator, inputs, context)


def _selected(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    kept = tuple(inputs[at].by("sklearn.select") for at in estimator.get_support(indices=True))
    if context.label is None or type(estimator).__name__ == "VarianceThreshold":  # it looks at X alone
        return kept
    return tuple(origin.under(context.label) for origin in kept)


def _repeated(estimator: Any, inputs: Columns, counts: Sequence[int]) -> Columns:
    rule = f"sklearn.{type(estimator).__name__}"
    return tuple(
        origin.by(rule) for origin, count in zip(inputs, counts, strict=True) for _ in range(int(count))
    )


def _one_hot(estimator: Any, inputs: Columns, _: Context) -> Columns | None:
    return _repeated(estimator, inputs, estimator._n_features_outs)


def _bins(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    if estimator.encode == "ordinal":
        return _one_to_one(estimator, inputs, context)
    return _repeated(estimator, inputs, estimator.n_bins_)


def _splines(estimator: Any, inputs: Columns, _: Context) -> Columns | None:
    each, rest = divmod(estimator.n_features_out_, len(inputs))
    return _repeated(estimator, inputs, [each] * len(inputs)) if rest == 0 else None


def _powers(estimator: Any, inputs: Columns, _: Context) -> Columns | None:
    rule = "sklearn.PolynomialFeatures"
    return tuple(combined([inputs[at] for at in row.nonzero()[0]], rule) for row in estimator.powers_)


def _target_encoded(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    """Values are means of the target; the column only says which rows they are taken over."""
    rule = "sklearn.TargetEncoder"
    if context.label is None:
        encoded = [origin.by(rule).at_best(Precision.UNKNOWN) for origin in inputs]
    else:
        encoded = [context.label.by(rule).under(origin) for origin in inputs]
    each = len(estimator.classes_) if estimator.target_type_ == "multiclass" else 1
    return tuple(origin for origin in encoded for _ in range(each))


def _with_indicators(estimator: Any, filled: Sequence[ColumnOrigin], inputs: Columns) -> Columns:
    if not getattr(estimator, "add_indicator", False):
        return tuple(filled)
    return (*filled, *(inputs[at].by("sklearn.MissingIndicator") for at in estimator.indicator_.features_))


def _not_nan(values: Any) -> list[int]:
    return [at for at, value in enumerate(values) if value == value]  # noqa: PLR0124 - NaN differs from itself


def _simple_imputed(estimator: Any, inputs: Columns, _: Context) -> Columns | None:
    rule = "sklearn.SimpleImputer"
    kept = [inputs[at].by(rule) for at in _not_nan(estimator.statistics_)]
    return _with_indicators(estimator, kept, inputs)


def _neighbours_imputed(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    """A gap is filled from the same column of rows that are near by the other columns."""
    kept = [at for at in range(len(inputs)) if estimator.keep_empty_features or estimator._valid_mask[at]]
    gaps = _columns_with_gaps(context.x, estimator.missing_values)
    if gaps is None and context.fitting:
        gaps = estimator._mask_fit_X.any(axis=0)
    near = combined([inputs[at] for at in kept], "sklearn.KNNImputer")
    filled = []
    for at in kept:
        if gaps is None:
            filled.append(inputs[at].under(near).by("sklearn.KNNImputer").at_best(Precision.SUPERSET))
        else:
            origin = inputs[at].under(near) if gaps[at] else inputs[at]
            filled.append(origin.by("sklearn.KNNImputer"))
    return _with_indicators(estimator, filled, inputs)


def _regression_imputed(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    """A gap is filled with a value predicted from all other columns."""
    rule = "sklearn.IterativeImputer"
    kept = _not_nan(estimator.initial_imputer_.statistics_)
    gaps = _columns_with_gaps(context.x, estimator.missing_values)
    everything = combined([inputs[at] for at in kept], rule)
    if gaps is None:
        filled = [everything.at_best(Precision.SUPERSET)] * len(kept)
    else:
        filled = [everything if gaps[at] else inputs[at].by(rule) for at in kept]
    return _with_indicators(estimator, filled, inputs)


def _columns_with_gaps(x: Any, missing: Any) -> Any:
    """Say for each column whether a value is missing; None when that cannot be seen."""
    if getattr(x, "ndim", 0) != 2 or missing == missing:  # noqa: PLR2004, PLR0124 - a table; NaN
        return None
    found = x.isna().to_numpy() if hasattr(x, "isna") else x != x  # noqa: PLR0124 - NaN
    return found.any(axis=0) if hasattr(found, "any") else None


def _indicators(estimator: Any, inputs: Columns, _: Context) -> Columns | None:
    return tuple(inputs[at].by("sklearn.MissingIndicator") for at in estimator.features_)


def _clustered(estimator: Any, inputs: Columns, _: Context) -> Columns | None:
    rule = "sklearn.FeatureAgglomeration"
    members: dict[int, list[ColumnOrigin]] = {}
    for at, cluster in enumerate(estimator.labels_):
        members.setdefault(int(cluster), []).append(inputs[at])
    return tuple(combined(members[cluster], rule) for cluster in sorted(members))


def _function(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    if estimator.func is None or type(estimator.func).__name__ == "ufunc":
        return _one_to_one(estimator, inputs, context)
    origin = combined(inputs, "sklearn.FunctionTransformer", Precision.SUPERSET)
    if estimator.feature_names_out == "one-to-one":
        return (origin,) * len(inputs)
    return _widened(estimator, origin)


def _pipeline(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    columns: Columns | None = inputs
    for step in steps_of(estimator):
        if columns is None or (len(columns) != getattr(step, "n_features_in_", len(columns))):
            width = getattr(step, "n_features_in_", None)
            origin = mixed(step, inputs, context).at_best(Precision.SUPERSET)
            columns = (origin,) * (width or 1)
        columns = outputs(step, columns, context)
        context = msgspec.structs.replace(context, x=None)
    return columns


def _column_transformer(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    inside = msgspec.structs.replace(context, x=None)
    width = max((part.stop for part in estimator.output_indices_.values()), default=0)
    columns: list[ColumnOrigin] = [CONSTANT] * width
    for name, transformer, _ in estimator.transformers_:
        place = estimator.output_indices_.get(name, slice(0, 0))
        if place.stop == place.start:
            continue
        taken = tuple(inputs[at] for at in estimator._transformer_to_input_indices[name])
        found = taken if isinstance(transformer, str) else outputs(transformer, taken, inside)
        if found is None or len(found) != place.stop - place.start:
            origin = combined(found or taken, "sklearn.ColumnTransformer")
            uncertain = origin if found is None else origin.at_best(Precision.SUPERSET)
            found = (uncertain,) * (place.stop - place.start)
        columns[place] = found
    return tuple(columns)


def _union(estimator: Any, inputs: Columns, context: Context) -> Columns | None:
    columns: list[ColumnOrigin] = []
    for _, transformer in estimator.transformer_list:
        if transformer == "drop":
            continue
        found = inputs if isinstance(transformer, str) else outputs(transformer, inputs, context)
        if found is None:
            return None
        columns.extend(found)
    return tuple(columns)


_RULES: dict[str, Rule] = {
    "Pipeline": _pipeline,
    "ColumnTransformer": _column_transformer,
    "FeatureUnion": _union,
    "OneHotEncoder": _one_hot,
    "TargetEncoder": _target_encoded,
    "KBinsDiscretizer": _bins,
    "SplineTransformer": _splines,
    "PolynomialFeatures": _powers,
    "SimpleImputer": _simple_imputed,
    "KNNImputer": _neighbours_imputed,
    "IterativeImputer": _regression_imputed,
    "MissingIndicator": _indicators,
    "FeatureAgglomeration": _clustered,
    "FunctionTransformer": _function,
    "SelectorMixin": _selected,
    "Normalizer": _all_mixed,  # divides each value by the norm of its row
    "TfidfTransformer": _term_weights,
    "OneToOneFeatureMixin": _one_to_one,
}
