"""What masks values: hashes and counts, as the listener of OpenLineage for Spark has it (`Md5`, `Sha2`, `Count`)."""

from __future__ import annotations

import ast
from types import FrameType, FunctionType
from typing import Any

from lineproof.capture.provenance.source_text import source_of, source_of_code
from lineproof.capture.provenance.values import Fields, Flat, Many, Tabular, Value

__all__ = ["COUNTS", "masked", "masks", "masks_by_name"]

COUNTS = frozenset(("count", "nunique"))
_DIGESTS = frozenset(("hexdigest", "digest", "intdigest"))
_HASHES = frozenset(
    ("hash", "crc32", "adler32", "hash_array", "hash_pandas_object", "hash_tuples", "md5_hash", "xxh32_hexdigest",
     "xxh64_hexdigest", "xxh3_64_hexdigest", "xxh128_hexdigest", "murmurhash3_32")
)  # fmt: skip
_WRITES = frozenset(("int", "str", "abs", "hex", "format"))  # of a digest, another way to write it


def masks_by_name(node: ast.Call) -> bool:
    """Whether a call hands out a digest of what it is given: `sha256(x).hexdigest()`, `hash(x)`."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr in _DIGESTS or function.attr in _HASHES - {"hash"}
    return isinstance(function, ast.Name) and function.id in _HASHES


def masks(function: Any, frame: FrameType | None) -> bool:
    """Whether a function returns nothing of its argument but a digest, as far as its source tells."""
    if function is hash:
        return True
    while type(function).__name__ == "partial":
        function = function.func
    if not isinstance(function, FunctionType):
        return False
    running = None if frame is None else source_of(frame)
    source = source_of_code(function.__code__, function.__globals__, running)
    node = None if source is None else source.function_at(function.__code__)
    if isinstance(node, ast.Lambda):
        return _is_digest(node.body, {})
    if not isinstance(node, ast.FunctionDef):
        return False
    inside = list(ast.walk(node))
    if any(
        isinstance(each, (ast.Lambda, ast.FunctionDef, ast.Yield)) and each is not node for each in inside
    ):
        return False
    stored: dict[str, list[ast.expr]] = {}
    for each in inside:
        if isinstance(each, ast.Assign) and len(each.targets) == 1 and isinstance(each.targets[0], ast.Name):
            stored.setdefault(each.targets[0].id, []).append(each.value)
    returned = [each.value for each in inside if isinstance(each, ast.Return) and each.value is not None]
    found = [each for each in returned if not isinstance(each, ast.Constant)]
    return bool(found) and all(_is_digest(each, stored) for each in found)


def _is_digest(node: ast.expr, stored: dict[str, list[ast.expr]]) -> bool:
    match node:
        case ast.Call() if masks_by_name(node):
            return True
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _WRITES:
            return _is_digest(first, stored)
        case ast.Call(func=ast.Attribute(value=inner), args=given):
            return _is_digest(inner, stored) and all(isinstance(each, ast.Constant) for each in given)
        case ast.Subscript(value=inner):
            return _is_digest(inner, stored)
        case ast.BinOp(left=left, right=right):
            parts = [each for each in (left, right) if not isinstance(each, ast.Constant)]
            return bool(parts) and all(_is_digest(each, stored) for each in parts)
        case ast.IfExp(body=body, orelse=orelse):
            parts = [each for each in (body, orelse) if not isinstance(each, ast.Constant)]
            return bool(parts) and all(_is_digest(each, stored) for each in parts)
        case ast.Name(id=name) if name in stored:
            values = stored[name]
            return all(_is_digest(each, {}) for each in values)
    return False


def masked(value: Value) -> Value:
    """Give a value of which nothing but a digest or a number is left."""
    match value:
        case Flat():
            return Flat(value.origin.masking())
        case Tabular():
            return Tabular(value.table.mapped(lambda origin: origin.masking()), value.vector)
        case Many():
            return Many(masked(value.element))
        case Fields():
            return Fields({label: masked(part) for label, part in value.parts.items()})
