"""Questions to the record: where things came from, what came from them, what happened."""

from __future__ import annotations

from lineproof.graph.answer import Edge, Node, Trace
from lineproof.graph.diff import Diff
from lineproof.graph.explain import Explanation
from lineproof.graph.history import EventRow
from lineproof.graph.hops import Direction
from lineproof.graph.ledger import Ledger, open_ledger
from lineproof.graph.resolve import Found, resolve
from lineproof.graph.runs import RunRow
from lineproof.graph.show import Detail
from lineproof.graph.trace import trace
from lineproof.graph.view import View, view

__all__ = [
    "Detail",
    "Diff",
    "Direction",
    "Edge",
    "EventRow",
    "Explanation",
    "Found",
    "Ledger",
    "Node",
    "RunRow",
    "Trace",
    "View",
    "open_ledger",
    "resolve",
    "trace",
    "view",
]
