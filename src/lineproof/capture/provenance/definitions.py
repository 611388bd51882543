"""Which statements gave a name its value, read from the source.

For each scope (module, function, lambda) the places where a name is bound or where the object behind
it grows are listed once. For a use, a binding that certainly ran later hides all earlier ones.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TypeAlias

from lineproof.capture.provenance.conditions import tests_around
from lineproof.capture.provenance.source_text import SourceText

__all__ = [
    "Definition",
    "Scope",
    "all_definitions",
    "attribute_values",
    "calls_of",
    "calls_with",
    "choices",
    "grown_inside",
    "grown_names",
    "reaching",
    "scope_of",
]

Scope: TypeAlias = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_SCOPES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True)
class Definition:
    """One place that decides what a name stands for.

    Attributes:
        name: The name.
        value: The expression the value comes from; None for imports, functions and classes.
        path: How to take the value apart for this name: positions in an unpacking.
        iterated: The name takes one element of `value` after the other.
        grows: The object changes but keeps what it had (`append`, `x[k] = v`, `+=`).
        spreads: What it gets are the elements of `value` (`extend`, `+=`).
        ordered: Its elements are put in order by what they are.
        nested: What grows is the part below `key`: `x[key].append(value)`.
        key: The expression of the key in `x[key] = value`.
        statement: The statement this happens in.
    """

    name: str
    value: ast.expr | None
    statement: ast.AST
    path: tuple[int, ...] = ()
    iterated: bool = False
    grows: bool = False
    spreads: bool = False
    nested: bool = False
    ordered: bool = False
    key: ast.expr | None = None


@dataclass
class _Index:
    by_scope: dict[ast.AST, dict[str, list[Definition]]] = field(default_factory=dict)
    attributes: dict[str, list[tuple[ast.expr, bool]]] = field(default_factory=dict)
    calls: list[ast.Call] = field(default_factory=list)
    grown: frozenset[str] | None = None


_indexes: dict[SourceText, _Index] = {}


def scope_of(source: SourceText, node: ast.AST) -> Scope:
    """Give the innermost scope around `node`; comprehensions are not scopes here."""
    for above in source.ancestors(node):
        if isinstance(above, _SCOPES):
            return above
    return source.tree


def attribute_values(source: SourceText, name: str) -> list[tuple[ast.expr, bool]]:
    """Give all that is assigned to an attribute of this name anywhere in the file, and whether it only grows by it."""
    return _index(source).attributes.get(name, [])


def calls_of(source: SourceText, name: str) -> list[ast.Call]:
    """Give all calls of a function or method of this name."""
    return [
        call
        for call in _index(source).calls
        if (isinstance(call.func, ast.Name) and call.func.id == name)
        or (isinstance(call.func, ast.Attribute) and call.func.attr == name)
    ]


def calls_with(source: SourceText, function: ast.AST) -> list[ast.Call]:
    """Give all calls that a function is handed to: by name, or a lambda where it stands."""
    name = getattr(function, "name", None)
    return [
        call
        for call in _index(source).calls
        for given in (*call.args, *(each.value for each in call.keywords))
        if given is function or (name is not None and isinstance(given, ast.Name) and given.id == name)
    ]


def grown_inside(source: SourceText, scope: Scope, name: str) -> list[Definition]:
    """Give the places in functions inside `scope` where an object of the scope's variable grows."""
    if name not in grown_names(source):
        return []
    found = []
    for inner, names in _index(source).by_scope.items():
        listed = names.get(name, [])
        if inner is scope or not listed or scope not in set(source.ancestors(inner)):
            continue
        if all(each.grows for each in listed) and name not in _parameters(inner):
            found += listed
    return found


def _parameters(scope: ast.AST) -> set[str]:
    arguments = getattr(scope, "args", None)
    if not isinstance(arguments, ast.arguments):
        return set()
    return {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}


def grown_names(source: SourceText) -> frozenset[str]:
    """Give the names whose objects are changed in place somewhere in the file."""
    index = _index(source)
    if index.grown is None:
        index.grown = frozenset(
            each.name
            for names in index.by_scope.values()
            for listed in names.values()
            for each in listed
            if each.grows
        )
    return index.grown


def all_definitions(source: SourceText, scope: Scope, name: str) -> list[Definition]:
    """Give every definition of `name` in `scope`, in the order of the text."""
    return _index(source).by_scope.get(scope, {}).get(name, [])


def reaching(source: SourceText, use: ast.AST, name: str, scope: Scope) -> list[Definition]:
    """Give the definitions of `name` in `scope` that the value at `use` can come from.

    1. List all definitions of the name in the scope.
    2. Find the last binding that stands before the use in a block around it: it ran for certain.
    3. What stands before that binding is hidden by it.
    4. What stands after the use counts only if a loop around both leads back to the use and the
       binding of step 2 is not inside that loop.
    """
    found = all_definitions(source, scope, name)
    if not found:
        return []
    statement = _statement(source, use)
    blocks = set(_blocks(source, statement))
    owners = {owner for owner, name in blocks if name == "body"}  # a loop binds its target in its own body
    certain: Definition | None = None
    for definition in found:
        if definition.grows or not _before(definition.statement, statement):
            continue
        if _blocks(source, definition.statement)[0] in blocks or definition.statement in owners:
            certain = definition
    kept = []
    for definition in found:
        if (
            certain is not None
            and definition is not certain
            and _before(definition.statement, certain.statement)
        ):
            continue
        if (
            _before(definition.statement, statement)
            or definition is certain
            or _loops_back(source, definition, statement, certain)
        ):
            kept.append(definition)
    return kept


def choices(source: SourceText, use: ast.expr) -> list[ast.expr]:
    """Give the tests by which the value of an expression was chosen among others: its own, or its variable's."""
    if isinstance(use, ast.IfExp):
        return [use.test]
    if not isinstance(use, ast.Name):
        return []
    tests: list[ast.expr] = []
    for definition in reaching(source, use, use.id, scope_of(source, use)):
        if isinstance(definition.value, ast.IfExp):
            tests.append(definition.value.test)
        tests += tests_around(source, definition.statement, use)
    return tests


def _loops_back(
    source: SourceText, definition: Definition, statement: ast.AST, certain: Definition | None
) -> bool:
    around_use = [node for node in source.ancestors(statement) if isinstance(node, _LOOPS)]
    if isinstance(statement, ast.While):
        around_use.append(statement)  # its test is read again after each round
    around_definition = set(source.ancestors(definition.statement)) | {definition.statement}
    for loop in around_use:
        if loop not in around_definition:
            continue
        inside = certain is not None and (
            loop in set(source.ancestors(certain.statement)) or certain.statement is loop
        )
        if not inside:
            return True
    return False


def _before(first: ast.AST, second: ast.AST) -> bool:
    return (first.lineno, first.col_offset) < (second.lineno, second.col_offset)  # type: ignore[attr-defined]


def _statement(source: SourceText, node: ast.AST) -> ast.AST:
    current = node
    while not isinstance(current, ast.stmt) and not isinstance(source.parents.get(current), ast.Lambda):
        above = source.parents.get(current)
        if above is None:
            return current
        current = above
    return current


def _blocks(source: SourceText, statement: ast.AST) -> list[tuple[ast.AST, str]]:
    """Give the blocks around a statement, innermost first, as (owner, name of its list)."""
    found: list[tuple[ast.AST, str]] = []
    current = statement
    for above in source.ancestors(statement):
        if not isinstance(above, (ast.With, ast.AsyncWith)):  # its body runs exactly once
            name = _list_with(above, current)
            if name is not None:
                found.append((above, name))
        if isinstance(above, _SCOPES):
            break
        current = above
    return found or [(source.tree, "body")]


def _list_with(owner: ast.AST, child: ast.AST) -> str | None:
    for name, value in ast.iter_fields(owner):
        if isinstance(value, list) and any(item is child for item in value):
            return name
    return None


def _index(source: SourceText) -> _Index:
    index = _indexes.get(source)
    if index is None:
        index = _Index()
        for node in ast.walk(source.tree):
            for definition in _defined_by(node):
                scope = scope_of(source, node)
                index.by_scope.setdefault(scope, {}).setdefault(definition.name, []).append(definition)
            _note_attributes(index, node)
            if isinstance(node, ast.Call):
                index.calls.append(node)
                if not isinstance(source.parents.get(node), ast.Expr) and _is_growing(node):
                    for definition in _grown_by(node, node):
                        scope = scope_of(source, node)
                        index.by_scope.setdefault(scope, {}).setdefault(definition.name, []).append(
                            definition
                        )
        for names in index.by_scope.values():
            for listed in names.values():
                listed.sort(key=lambda each: (each.statement.lineno, each.statement.col_offset))  # type: ignore[attr-defined]
        _indexes[source] = index
    return index


_GROWING = frozenset(("append", "appendleft", "add", "extend", "insert", "push", "put"))


def _is_growing(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in _GROWING and len(call.args) in (1, 2)


def _note_attributes(index: _Index, node: ast.AST) -> None:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                index.attributes.setdefault(target.attr, []).append((node.value, False))
    elif isinstance(node, ast.Call) and _is_growing(node):
        assert isinstance(node.func, ast.Attribute)
        if isinstance(node.func.value, ast.Attribute):
            grown = index.attributes.setdefault(node.func.value.attr, [])
            grown.extend((each, True) for each in node.args)


def _defined_by(node: ast.AST) -> list[Definition]:
    match node:
        case ast.Assign():
            return [made for target in node.targets for made in _targets(target, node.value, node)]
        case ast.AnnAssign(value=ast.expr() as value):
            return _targets(node.target, value, node)
        case ast.AugAssign(target=ast.Name(id=name)):
            return [Definition(name, node.value, node, grows=True, spreads=True)]
        case ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name), slice=key)):
            return [Definition(name, node.value, node, grows=True, key=key)]
        case ast.NamedExpr():
            return _targets(node.target, node.value, node)
        case ast.For() | ast.AsyncFor():
            return _targets(node.target, node.iter, node, iterated=True)
        case ast.withitem(optional_vars=ast.expr() as target):
            return _targets(target, node.context_expr, node.context_expr)
        case ast.Expr(value=ast.Call() as call):
            return _grown_by(call, node)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [Definition(node.name, None, node)]
        case ast.Import() | ast.ImportFrom():
            return [
                Definition((each.asname or each.name).partition(".")[0], None, node) for each in node.names
            ]
    return []


def _targets(
    target: ast.expr,
    value: ast.expr,
    statement: ast.AST,
    path: tuple[int, ...] = (),
    *,
    iterated: bool = False,
) -> list[Definition]:
    match target:
        case ast.Name(id=name):
            return [Definition(name, value, statement, path=path, iterated=iterated)]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [
                made
                for position, part in enumerate(parts)
                for made in _targets(part, value, statement, (*path, position), iterated=iterated)
            ]
        case ast.Starred(value=inner):
            return _targets(inner, value, statement, path[:-1], iterated=iterated)
        case ast.Subscript(value=ast.Name(id=name), slice=key):
            return [Definition(name, value, statement, path=path, iterated=iterated, grows=True, key=key)]
        case ast.Subscript(value=ast.Subscript(value=ast.Name(id=name), slice=outer), slice=inner):
            keys = [
                Definition(name, key, statement, grows=True)
                for key in (outer, inner)
                if not _is_constant(key)
            ]
            return [Definition(name, value, statement, path=path, iterated=iterated, grows=True), *keys]
        case ast.Attribute(value=ast.Name(id=name)):
            return [Definition(name, value, statement, path=path, iterated=iterated, grows=True)]
    return []


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, (ast.Constant, ast.Slice))


_WRITES_FILES = frozenset(
    (
        "print", "save", "savez", "savez_compressed", "savetxt", "tofile", "to_csv", "to_parquet", "write_table",
        "write_csv", "write_feather", "write_dataset", "write_to_dataset",
    )
)  # fmt: skip


def _grown_by(call: ast.Call, statement: ast.AST) -> list[Definition]:
    """A call for its effect may put any of its arguments into its receiver and into the others."""
    if getattr(call.func, "attr", getattr(call.func, "id", "")) in _WRITES_FILES:
        return []
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    grown: list[tuple[str, ast.expr | None]] = []
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    part: ast.expr | None = None
    if isinstance(receiver, ast.Subscript) and isinstance(receiver.value, ast.Name):
        part = receiver.slice
    while isinstance(receiver, (ast.Subscript, ast.Attribute, ast.Call)):
        if isinstance(receiver, ast.Call):
            arguments += receiver.args  # x.setdefault(key, []).append(value)
        receiver = receiver.func if isinstance(receiver, ast.Call) else receiver.value
    if isinstance(receiver, ast.Name):
        grown.append((receiver.id, None))
        if isinstance(call.func, ast.Attribute) and call.func.attr == "sort":
            return [
                Definition(receiver.id, call.func.value, statement, grows=True, spreads=True, ordered=True)
            ]
    grown.extend((argument.id, argument) for argument in arguments if isinstance(argument, ast.Name))
    spreads = isinstance(call.func, ast.Attribute) and call.func.attr in ("extend", "update", "extendleft")
    return [
        Definition(
            name,
            given,
            statement,
            grows=True,
            spreads=spreads,
            nested=part is not None and itself is None,
            key=part if itself is None else None,
        )
        for name, itself in grown
        for given in arguments
        if given is not itself
    ]
