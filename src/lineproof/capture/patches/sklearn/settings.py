"""An estimator's settings as JSON: what the program gave, and what all of them came to."""

from __future__ import annotations

import hashlib
import inspect
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lineproof.capture.fitted import is_estimator
from lineproof.capture.randomness import random_states
from lineproof.capture.saved import qualified
from lineproof.data.fingerprint import frame_fingerprint
from lineproof.model.facets import Environment, Hyperparameters

__all__ = ["hyperparameters", "json_value", "seeds"]

_LONGEST = 200  # items of a list or characters of a text beyond which only size and digest are kept
_DEEPEST = 6
_LARGEST = (1 << 63) - 1  # readers of JSON hold no larger integers
_SECRET = re.compile(r"token|secret|passw|credential|api_?key", re.IGNORECASE)
_REDACTED = {"redacted": True}


def hyperparameters(estimator: Any, splits: Mapping[str, Any] | None = None) -> Hyperparameters:
    """Describe an estimator before it is fitted."""
    return Hyperparameters(
        estimator=qualified(type(estimator)),
        given=dict(_given(estimator)),
        resolved=_resolved(estimator),
        steps=_steps(estimator),
        splits=dict(splits or {}),
    )


def _resolved(estimator: Any) -> dict[str, Any]:
    try:
        parameters = estimator.get_params(deep=True)
    except Exception:  # an estimator of the user's own that breaks the convention
        parameters = {name: value for name, value in vars(estimator).items() if name[-1:] != "_"}
    return {str(name): _setting(name, value) for name, value in parameters.items()}


def _setting(name: Any, value: Any) -> Any:
    if _SECRET.search(str(name)) and isinstance(value, (str, bytes)):
        return _REDACTED
    return json_value(value)


def _given(estimator: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Settings that differ from the defaults, those of nested estimators included."""
    try:
        parameters = estimator.get_params(deep=False)
        defaults = inspect.signature(type(estimator).__init__).parameters
    except Exception:  # it breaks the convention: which settings differ cannot be told, so all are given
        yield from ((f"{prefix}{name}", value) for name, value in _resolved(estimator).items())
        return
    for name, value in parameters.items():
        default = defaults[name].default if name in defaults else inspect.Parameter.empty
        if not _same(value, default):
            yield prefix + name, _setting(name, value)
        for inner_name, inner in _nested(name, value):
            yield from _given(inner, f"{prefix}{inner_name}__")


def _nested(name: str, value: Any) -> list[tuple[str, Any]]:
    if is_estimator(value):
        return [(name, value)]
    if isinstance(value, list):
        named = [part for part in value if isinstance(part, tuple) and len(part) > 1]
        return [(str(part[0]), part[1]) for part in named if is_estimator(part[1])]
    return []


def _same(value: Any, default: Any) -> bool:
    if value is default:
        return True
    if type(value) is not type(default):
        return False
    try:
        equal = value == default
        return bool(equal) or (value != value and default != default)  # noqa: PLR0124 - NaN
    except Exception:  # values that cannot be compared (arrays of other shapes) are not the same
        return False


def _steps(estimator: Any) -> list[str]:
    for name in ("steps", "transformers", "transformer_list", "estimators"):
        parts = vars(estimator).get(name)
        if isinstance(parts, list):
            named = [part for part in parts if isinstance(part, (tuple, list)) and len(part) > 1]
            return [f"{part[0]}: {_class_or_text(part[1])}" for part in named]
    return []


def _class_or_text(step: Any) -> str:
    return step if isinstance(step, str) else "passthrough" if step is None else qualified(type(step))


def json_value(value: Any, depth: int = 0) -> Any:
    """Give a value as JSON that says as much as can be said without its data.

    Estimators and callables become their names, arrays and tables their size and digest.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return _plain_value(value)
    known: Any
    if isinstance(value, type):
        known = qualified(value)
    elif hasattr(value, "dtype") and hasattr(value, "shape"):
        known = _array_value(value)
    elif depth >= _DEEPEST:
        known = {"class": qualified(type(value))}
    elif isinstance(value, Mapping):
        known = _mapping_value(value, depth)
    elif isinstance(value, (list, tuple, set, frozenset)):
        known = _sequence_value(value, depth)
    else:
        known = _object_value(value)
    return known


def _plain_value(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, str) and len(value) > _LONGEST:
        return {"text": _digest(value), "length": len(value)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST:
        return str(value)
    return value


def _mapping_value(value: Mapping[Any, Any], depth: int) -> Any:
    if len(value) > _LONGEST:
        return {"class": qualified(type(value)), "length": len(value)}
    return {str(key): json_value(item, depth + 1) for key, item in value.items()}


def _sequence_value(value: Any, depth: int) -> Any:
    if len(value) > _LONGEST:
        return {"class": qualified(type(value)), "length": len(value)}
    items = [json_value(item, depth + 1) for item in value]
    return sorted(items, key=repr) if isinstance(value, (set, frozenset)) else items


def _array_value(value: Any) -> Any:
    if getattr(value, "ndim", 0) == 0 and hasattr(value, "item"):
        return json_value(value.item(), _DEEPEST)
    found = frame_fingerprint(value)
    return {
        "class": qualified(type(value)),
        "shape": [int(size) for size in value.shape],
        "fingerprint": None if found is None else found.fingerprint,
    }


def _object_value(value: Any) -> Any:
    if is_estimator(value):
        given = dict(_given(value))
        name = qualified(type(value))
        return {"class": name, "settings": given} if given else {"class": name}
    if hasattr(value, "get_state"):
        return {"class": qualified(type(value)), "state": _state_digest(value)}
    if callable(value) and hasattr(value, "__qualname__"):
        return qualified(value)
    if type(value).__name__.startswith("rv_") or hasattr(value, "rvs"):  # a distribution to draw from
        return _distribution(value)
    return {"class": qualified(type(value))}


def _distribution(value: Any) -> Any:
    name = getattr(getattr(value, "dist", value), "name", None)
    arguments = json_value(list(getattr(value, "args", ())), 1)
    return {
        "distribution": str(name),
        "arguments": arguments,
        "keywords": json_value(getattr(value, "kwds", {}), 1),
    }


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _state_digest(state: Any) -> str | None:
    try:
        found = state.get_state()
        digest = hashlib.sha256()
        for part in found.values() if isinstance(found, dict) else found:
            digest.update(part.tobytes() if hasattr(part, "tobytes") else repr(part).encode())
        return "sha256:" + digest.hexdigest()
    except Exception:  # a generator of another kind: no digest stands for it, and none is made up
        return None


def seeds(estimator: Any) -> Environment:
    """Give what the draws of a fit depend on: the generators' states, and the estimator's own settings."""
    own = {
        name: value
        for name, value in _resolved(estimator).items()
        if name == "random_state" or name.endswith("__random_state")
    }
    return Environment(seeds={**random_states(), **own})
