"""The user's source as a tree, and which of its nodes an instruction belongs to.

Each file is read once. Text that was run by `exec` has no file; it is looked for among the variables
of whoever ran it, and taken only if it compiles to the very code that is running.
"""

from __future__ import annotations
import __future__

import ast
import functools
import linecache
import operator
from collections.abc import Iterator
from types import CodeType, FrameType, FunctionType
from typing import Any

from lineproof.capture.provenance.callsite import Place, Positions, codes_in, instruction_positions, places

__all__ = ["SourceText", "source_of", "source_of_code", "source_of_module"]


class SourceText:
    """One parsed module.

    Attributes:
        tree: The module.
        parents: The parent of each node.
        codes: Root code objects that were compiled from this text.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.parents: dict[ast.AST, ast.AST] = {}
        self.codes: list[CodeType] = []
        self._at: dict[Positions, list[ast.AST]] = {}
        self._functions: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda] = []
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                self._functions.append(node)
            for positions in _positions_of(node):
                self._at.setdefault(positions, []).append(node)

    def node_at(self, code: CodeType, offset: int) -> ast.AST | None:
        """Give the node that the instruction at `offset` was compiled from."""
        positions = instruction_positions(code)
        unit = offset // 2
        place = positions[unit] if 0 <= unit < len(positions) else None
        nodes = None if place is None else self._at.get(place)
        return nodes[-1] if nodes else None

    def function_at(self, code: CodeType) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None:
        """Give the function or lambda that `code` was compiled from."""
        for node in self._functions:
            decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
            first = decorators[0].lineno if decorators else node.lineno
            name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
            names = tuple(each.arg for each in (*node.args.posonlyargs, *node.args.args))
            if (
                first == code.co_firstlineno
                and name == code.co_name
                and names == code.co_varnames[: code.co_argcount]
            ):
                return node
        return None

    def places_of(self, node: ast.AST) -> Iterator[Place]:
        """Give the instructions that were compiled from `node`."""
        for code in self.codes:
            by_positions = places(code)
            for positions in _positions_of(node):
                yield from by_positions.get(positions, ())

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Give the nodes around `node`, innermost first."""
        above = self.parents.get(node)
        while above is not None:
            yield above
            above = self.parents.get(above)


def _positions_of(node: ast.AST) -> Iterator[Positions]:
    if not isinstance(node, (ast.expr, ast.stmt)):
        return
    end_line, end_column = node.end_lineno, node.end_col_offset
    if end_line is None or end_column is None:
        return
    yield (node.lineno, end_line, node.col_offset, end_column)
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Attribute) and called.end_lineno is not None:
        # The compiler places a method call that spans lines at the method's name.
        name_end = called.end_col_offset or 0
        yield (called.end_lineno, end_line, name_end - len(called.attr.encode()), end_column)


_by_file: dict[str, SourceText | None] = {}
_by_code: dict[int, tuple[CodeType, SourceText | None]] = {}


def source_of(frame: FrameType) -> SourceText | None:
    """Give the source that `frame` runs, or None when it cannot be had."""
    root = _root_frame(frame)
    code = frame.f_code if root is None else root.f_code
    known = _by_code.get(id(code))
    if known is not None:
        return known[1]
    source = _from_file(frame.f_code.co_filename, frame.f_globals)
    if source is None and root is not None and root.f_back is not None:
        source = _from_variables(root.f_code, root.f_back)
    if source is not None:
        source.codes.append(code)
    _by_code[id(code)] = (code, source)
    return source


def _root_frame(frame: FrameType) -> FrameType | None:
    """Give the frame of the module-level code that this frame's code is part of, if it still runs."""
    current: FrameType | None = frame
    while current is not None:
        if current.f_code.co_name == "<module>" and current.f_code.co_filename == frame.f_code.co_filename:
            return current
        current = current.f_back
    return None


def source_of_code(
    code: CodeType, variables: dict[str, Any], running: SourceText | None
) -> SourceText | None:
    """Give the source of a function that is not running now.

    Args:
        code: The function's code.
        variables: Global variables of its module.
        running: The source being read, where the function may be from if it has no file.
    """
    known = _by_code.get(id(code))
    if known is not None:
        return known[1]
    if running is not None and any(code is each for root in running.codes for each in codes_in(root)):
        return running
    if "site-packages" in code.co_filename or code.co_filename.startswith("<"):
        return None
    source = _from_file(code.co_filename, variables)
    if source is not None:
        source.codes.append(code)
    _by_code[id(code)] = (code, source)
    return source


def source_of_module(module: Any) -> SourceText | None:
    """Give the source of a module of the program."""
    file = getattr(module, "__file__", None)
    return None if file is None else _from_file(file, vars(module))


def _from_file(name: str, variables: dict[str, Any]) -> SourceText | None:
    if name not in _by_file:
        text = "".join(linecache.getlines(name, variables))
        source = _by_file[name] = _parsed(text) if text else None
        if source is not None:
            source.codes += _functions_of(name, variables)
    return _by_file[name]


def _functions_of(name: str, variables: dict[str, Any]) -> list[CodeType]:
    """Give the code of a module's functions and methods: what they called was seen in it."""
    owners = [variables, *(vars(each) for each in list(variables.values()) if isinstance(each, type))]
    functions = [each for owner in owners for each in list(owner.values()) if isinstance(each, FunctionType)]
    return [each.__code__ for each in functions if each.__code__.co_filename == name]


def _parsed(text: str) -> SourceText | None:
    try:
        return SourceText(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError):
        return None


def _from_variables(code: CodeType, frame: FrameType | None) -> SourceText | None:
    for _ in range(3):
        if frame is None:
            return None
        for text in _texts(frame.f_locals):
            if _compiles_to(text, code):
                return _parsed(text)
        frame = frame.f_back
    return None


def _compiles_to(text: str, code: CodeType) -> bool:
    flags = code.co_flags & _FUTURE_FLAGS
    try:
        return bool(compile(text, code.co_filename, "exec", flags=flags, dont_inherit=True) == code)
    except (SyntaxError, ValueError):
        return False


_FUTURE_FLAGS = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)


def _texts(variables: dict[str, Any]) -> Iterator[str]:
    for value in list(variables.values()):
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict) and len(value) <= _SMALL:
            yield from (inner for inner in list(value.values()) if isinstance(inner, str))
        elif isinstance(value, (list, tuple)) and len(value) <= _SMALL:
            yield from (inner for inner in value if isinstance(inner, str))


_SMALL = 100
