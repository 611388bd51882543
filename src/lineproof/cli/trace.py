"""`lineproof trace`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lineproof.cli.options import AsOf, At, Json

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from lineproof.graph import Edge, Node, Trace

__all__ = ["trace"]


def trace(
    reference: Annotated[str, typer.Argument(metavar="REF", help="Dataset, model, column, run, prediction.")],
    up: Annotated[bool, typer.Option("--up", help="To what it came from (the default).")] = False,
    down: Annotated[bool, typer.Option("--down", help="To what came from it.")] = False,
    columns: Annotated[bool, typer.Option("--columns", help="Column by column.")] = False,
    depth: Annotated[
        int | None, typer.Option("--depth", min=0, metavar="N", help="At most N edges away.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, metavar="N", help="At most N nodes.")] = 1000,
    as_of: AsOf = None,
    at: At = None,
    json: Json = False,
) -> None:
    """Follow where something came from, or what came from it.

    An edge is direct (values flow) unless it says indirect (it decided which rows exist, their
    order or grouping). "superset" means that not all of it may have been used, "unknown" that
    there may be more.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import write_json
    from lineproof.errors import CommandError

    if up and down:
        raise CommandError("--up and --down exclude each other", "ask twice, once each way")
    answer = open_for_reading().trace(
        reference,
        direction="down" if down else "up",
        columns=columns,
        depth=depth,
        limit=limit,
        as_of=as_of,
        at=at,
    )
    if json:
        write_json(answer)
    else:
        _print(answer)


def _print(answer: Trace) -> None:
    from lineproof.cli.text import console, counted, short

    cut = set(answer.cut_at)
    out = console()
    out.print(_tree(answer, cut), soft_wrap=True)
    ending = (
        "complete" if answer.complete else f"cut at {counted(len(cut), 'place')}: raise --depth or --limit"
    )
    found = len([node for node in answer.nodes if node.kind != "run"])
    out.print(
        f"{counted(found, 'node')}, {counted(len(answer.edges), 'edge')}, "
        f"as of {short(f'entry:{answer.as_of}')}; {ending}"
    )


def _tree(answer: Trace, cut: set[str]) -> Tree:
    """Draw the answer depth first; what is met again is named, and told only once."""
    from rich.tree import Tree

    nodes = {node.ref: node for node in answer.nodes}
    onward = _onward(answer)
    top = Tree(_label(nodes[answer.root], []))
    told: set[str] = set()
    waiting: list[tuple[Tree, str, list[Edge] | None]] = [(top, answer.root, None)]
    if not onward.get(answer.root):
        waiting += [(top, ref, []) for ref in reversed(_columns_of(answer))]
    while waiting:
        branch, ref, edges = waiting.pop()
        again = ref in told and bool(onward.get(ref))
        if edges is not None:
            branch = branch.add(_label(nodes[ref], edges, again=again))
        if ref in told:
            continue
        told.add(ref)
        if ref in cut:
            branch.add("... cut here")
        waiting += [(branch, other, found) for other, found in reversed(onward.get(ref, {}).items())]
    return top


def _onward(answer: Trace) -> dict[str, dict[str, list[Edge]]]:
    """Give for each node those that the trace goes on to, with the edges there."""
    onward: dict[str, dict[str, list[Edge]]] = {}
    for edge in answer.edges:
        near, far = (edge.target, edge.source) if answer.direction == "up" else (edge.source, edge.target)
        onward.setdefault(near, {}).setdefault(far, []).append(edge)
    return onward


def _columns_of(answer: Trace) -> list[str]:
    """Give the columns that the trace of a whole dataset started from."""
    return [node.ref for node in answer.nodes if node.dataset == answer.root]


def _label(node: Node, edges: list[Edge], *, again: bool = False) -> Text:
    from rich.text import Text

    from lineproof.cli.text import short

    label = Text()
    if edges and all(edge.kind == "INDIRECT" for edge in edges):
        label.append("indirect ", style="magenta")
    label.append(short(node.ref), style="dim" if again else "bold")
    if node.content is not None:
        label.append(f"  {short(node.content)}", style="dim")
    if node.state is not None:
        label.append(f"  {short(node.name)} {node.state}", style="dim")
    if edges:
        label.append("  " + ", ".join(dict.fromkeys(short(edge.rule) for edge in edges)), style="cyan")
    for precision in sorted({edge.precision for edge in edges} - {"exact"}):
        label.append(f"  {precision}", style="yellow")
    if node.tags:
        label.append(f"  {short(', '.join(node.tags))}", style="dim")
    if node.sources is not None:
        label.append("  sources unknown", style="yellow")
    if again:
        label.append("  (above)", style="dim")
    return label
