"""What shares a box: no more than must, nothing lost, the number said, what was asked about left alone."""

from __future__ import annotations

import pytest

from lineproof.graph.layout import lay_out


def fan(draft, files, *, tables=0):
    """A model made of many files and a few tables."""
    model = draft.node("credit", kind="model")
    sources = [draft.node(f"part{one}.csv") for one in range(files)]
    sources += [draft.node(f"table{one}", namespace="postgres://db") for one in range(tables)]
    return draft.trace([model, *sources], [draft.edge(source, model) for source in sources])


def held(picture):
    return sum(box.count for box in picture.boxes)


def test_things_alike_share_a_box_that_says_how_many(draft):
    picture = lay_out(fan(draft, 500, tables=5))
    (group,) = [box for box in picture.boxes if box.kind == "group"]
    assert (group.label, group.count, group.origin) == ("500 datasets", 500, "in file")
    assert group.members[0] == "dataset:file::part0.csv@v1"
    assert len(group.members) == 12
    assert held(picture) == 506
    (line,) = [line for line in picture.lines if picture.boxes[line.source].kind == "group"]
    assert line.count == 500


def test_nothing_shares_a_box_that_need_not(draft):
    assert all(box.count == 1 for box in lay_out(fan(draft, 299)).boxes)
    assert sum(box.count > 1 for box in lay_out(fan(draft, 300, tables=40)).boxes) == 1


def test_what_was_asked_about_keeps_its_own_box(draft):
    nodes = [draft.node(f"part{one}") for one in range(50)]
    trace = draft.trace(nodes, [draft.edge(nodes[49], one) for one in nodes[:49]])
    picture = lay_out(trace, limit=5)
    (root,) = [box for box in picture.boxes if box.root]
    assert (root.ref, root.count) == (nodes[0].ref, 1)


@pytest.mark.parametrize("limit", [2, 3, 10, 60])
@pytest.mark.parametrize(
    "pairs",
    [
        [(one + 1, one) for one in range(99)],
        [(one, (one + 1) % 100) for one in range(100)],
        [(one, one // 3) for one in range(1, 100)],
        [(one, other) for one in range(50, 100) for other in range(50)],
        [],
    ],
    ids=["chain", "ring", "tree", "complete", "nothing joined"],
)
def test_any_graph_fits_its_limit_and_loses_nothing(draft, pairs, limit):
    picture = lay_out(draft.numbered(100, pairs), limit=limit)
    assert len(picture.boxes) <= limit
    assert held(picture) == 100


def test_a_group_keeps_what_is_unknown_and_where_the_answer_was_cut(draft):
    model = draft.node("credit", kind="model")
    sources = [draft.node(f"part{one}", sources="unknown" if one < 7 else None) for one in range(40)]
    edges = [
        draft.edge(source, model, precision="exact" if one else "unknown")
        for one, source in enumerate(sources)
    ]
    picture = lay_out(draft.trace([model, *sources], edges, cut_at=[sources[9].ref]), limit=10)
    (group,) = [box for box in picture.boxes if box.kind == "group"]
    assert (group.count, group.unknown, group.cut) == (40, 7, 1)
    assert [line.precision for line in picture.lines] == ["unknown"]


def test_different_kinds_in_one_band_are_counted_apart(draft):
    nodes = [draft.node(f"step{one}", kind="model" if one % 10 == 5 else "dataset") for one in range(100)]
    picture = lay_out(
        draft.trace(nodes, [draft.edge(nodes[one + 1], nodes[one]) for one in range(99)]), limit=3
    )
    assert any("datasets, " in box.label and "models" in box.label for box in picture.boxes)


def test_lines_beyond_what_can_be_read_are_counted_and_indirect_ones_go_first(draft):
    nodes = [draft.node(f"part{one}", namespace=f"n{one}") for one in range(20)]
    edges = [
        draft.edge(one, other, kind="DIRECT" if position == 10 else "INDIRECT")
        for one in nodes[10:]
        for position, other in enumerate(nodes[:10], start=1)
    ]
    picture = lay_out(draft.trace(nodes, edges), limit=20)
    assert (len(picture.lines), picture.lines_left_out) == (100, 0)
    nodes += [draft.node(f"part{one}", namespace=f"n{one}") for one in range(20, 40)]
    edges += [draft.edge(one, other, kind="INDIRECT") for one in nodes[20:] for other in nodes[:10]]
    picture = lay_out(draft.trace(nodes, edges), limit=40)
    assert (len(picture.lines), picture.lines_left_out) == (200, 100)
    assert sum(line.direct for line in picture.lines) == 10
