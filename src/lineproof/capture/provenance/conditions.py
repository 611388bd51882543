"""Which tests in the source decided that a statement ran."""

from __future__ import annotations

import ast

from lineproof.capture.provenance.source_text import SourceText

__all__ = ["tests_around", "tests_of_returns"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Module)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_LEAVES = (ast.Continue, ast.Break, ast.Return, ast.Raise)


def tests_around(source: SourceText, statement: ast.AST, use: ast.AST) -> list[ast.expr]:
    """Give the tests that decided whether `statement` ran, as seen from `use`.

    Tests around both are left out: where the use runs, they held for the statement too. In a loop that
    the statement is in, a test that leads to `continue` or `break` decides as well.
    """
    around_use = {use, *source.ancestors(use)}
    tests: list[ast.expr] = []
    for above in source.ancestors(statement):
        if above in around_use or isinstance(above, _FUNCTIONS):
            break
        if isinstance(above, (ast.If, ast.While)):
            tests.append(above.test)
        elif isinstance(above, ast.Match):
            tests.append(above.subject)
        if isinstance(above, _LOOPS):
            tests += _leaving(above)
    return tests


def tests_of_returns(function: ast.AST) -> list[ast.expr]:
    """Give the tests that decide which `return` or `yield` of a function is reached."""
    found = []
    for node in _own_nodes(function):
        inside = (*_LEAVES, ast.Yield, ast.YieldFrom)
        if isinstance(node, (ast.If, ast.While)) and any(isinstance(each, inside) for each in ast.walk(node)):
            found.append(node.test)
        elif isinstance(node, ast.Match):
            found.append(node.subject)
    return found


def _leaving(loop: ast.AST) -> list[ast.expr]:
    return [
        node.test
        for node in _own_nodes(loop)
        if isinstance(node, ast.If) and any(isinstance(each, _LEAVES) for each in ast.walk(node))
    ]


def _own_nodes(node: ast.AST) -> list[ast.AST]:
    """Give all nodes below, but not those of functions defined inside."""
    found: list[ast.AST] = []
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        current = waiting.pop()
        found.append(current)
        if not isinstance(current, _FUNCTIONS):
            waiting.extend(ast.iter_child_nodes(current))
    return found
