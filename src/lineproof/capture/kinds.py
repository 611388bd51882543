"""Which classes are models. Imports no library, and costs nothing for the classes that are none."""

from __future__ import annotations

import weakref

__all__ = ["is_model_class"]

_NATIVE = frozenset((("xgboost", "Booster"), ("lightgbm", "Booster"), ("torch", "Module")))
_known: weakref.WeakKeyDictionary[type, bool] = weakref.WeakKeyDictionary()


def is_model_class(kind: type) -> bool:
    """Whether objects of a class are models: scikit-learn's convention, or another library's own class."""
    known = _known.get(kind)
    if known is None:
        known = (hasattr(kind, "get_params") and hasattr(kind, "fit")) or any(
            (base.__module__.partition(".")[0], base.__name__) in _NATIVE for base in kind.__mro__
        )
        _known[kind] = known
    return known
