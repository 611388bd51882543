"""What a picture of lineage promises: everything is in it, readable, and it always comes out the same."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import combinations

import msgspec
import pytest

from lineproof.graph.layout import BOX_HEIGHT, BOX_WIDTH, lay_out
from lineproof.graph.layout.layers import acyclic, layers
from lineproof.graph.layout.order import Rows

RING = [(0, 1), (1, 2), (2, 0)]


def overlapping(picture):
    return [
        (a.ref, b.ref)
        for a, b in combinations(picture.boxes, 2)
        if abs(a.x - b.x) < BOX_WIDTH and abs(a.y - b.y) < BOX_HEIGHT
    ]


def test_upstream_is_left_of_downstream(ledger):
    picture = lay_out(ledger.trace("model:credit@1"))
    left = {box.label: box.x for box in picture.boxes}
    assert left["data/patients.csv"] < left["data/clean.csv"] < left["credit"]
    for line in picture.lines:
        assert picture.boxes[line.source].x < picture.boxes[line.target].x
        assert not line.back


def test_the_picture_of_a_trace_holds_its_things_but_names_runs_inside_boxes(ledger):
    trace = ledger.trace("model:credit@1")
    picture = lay_out(trace)
    assert {box.ref for box in picture.boxes} == {node.ref for node in trace.nodes if node.kind != "run"}
    origin = {box.label: box.origin for box in picture.boxes}
    assert origin["data/clean.csv"] == "by prepare.py"
    assert [box.label for box in picture.boxes if box.root] == ["credit"]


def test_a_run_asked_about_has_its_own_box(ledger, story):
    picture = lay_out(ledger.trace(f"run:{story.runs['train.py']}"))
    assert [box.kind for box in picture.boxes if box.root] == ["run"]


def test_columns_say_what_they_are_columns_of(ledger):
    picture = lay_out(ledger.trace("model:credit@1", columns=True))
    origins = {(box.kind, box.label, box.origin) for box in picture.boxes}
    assert ("column", "age", "of credit@1") in origins
    assert ("column", "birth_date", "of data/patients.csv v1") in origins
    assert all(box.kind == "column" for box in picture.boxes)


def test_a_feature_that_came_from_nothing_known_is_drawn_all_the_same(draft):
    model = draft.node("credit", kind="model")
    lonely = msgspec.structs.replace(draft.node("age", kind="column"), dataset=model.ref, sources="unknown")
    picture = lay_out(draft.trace([model, lonely], []))
    assert [(box.label, box.unknown) for box in picture.boxes] == [("age", 1)]


def test_a_picture_too_wide_for_its_place_runs_downwards_where_that_makes_it_narrower(draft):
    chain = draft.numbered(9, [(one + 1, one) for one in range(8)])
    fan = draft.numbered(9, [(one, 0) for one in range(1, 9)])
    assert not lay_out(chain).downwards
    assert lay_out(chain, fit=800).downwards
    assert lay_out(chain, fit=800).width < 300
    assert not lay_out(fan, fit=800).downwards
    assert not lay_out(fan, fit=100).downwards


def test_downwards_upstream_is_above_and_lines_join_lower_and_upper_sides(draft):
    picture = lay_out(draft.numbered(6, [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (5, 0)]), fit=500)
    assert picture.downwards
    assert overlapping(picture) == []
    for line in picture.lines:
        source, target = picture.boxes[line.source], picture.boxes[line.target]
        assert line.points[0][1] == source.y + BOX_HEIGHT
        assert line.points[-1][1] == target.y
        assert source.x < line.points[0][0] < source.x + BOX_WIDTH
    assert all(0 <= x <= picture.width for line in picture.lines for x, _ in line.points)


def test_lines_leave_and_reach_the_sides_of_their_boxes(ledger):
    picture = lay_out(ledger.trace("model:credit@1", columns=True))
    for line in picture.lines:
        source, target = picture.boxes[line.source], picture.boxes[line.target]
        assert len(line.points) % 2 == 0
        assert line.points[0][0] == source.x + BOX_WIDTH
        assert line.points[-1][0] == target.x
        assert source.y < line.points[0][1] < source.y + BOX_HEIGHT
        assert target.y < line.points[-1][1] < target.y + BOX_HEIGHT


def test_several_edges_between_two_things_are_one_line_as_weak_as_the_weakest(draft):
    a, b = draft.node("a"), draft.node("b")
    edges = [
        draft.edge(a, b, rule="merge"),
        draft.edge(a, b, kind="INDIRECT", precision="unknown", rule="filter"),
        draft.edge(a, b, precision="superset", rule="merge"),
    ]
    (line,) = lay_out(draft.trace([b, a], edges)).lines
    assert (line.direct, line.precision, line.count) == (True, "unknown", 3)
    assert line.rules == ["merge", "filter"]


@pytest.mark.parametrize("seed", range(40))
def test_any_graph_is_laid_out_whole_within_its_frame_and_without_overlap(draft, seed):
    chance = random.Random(seed)
    count = chance.randrange(1, 40)
    pairs = {(chance.randrange(count), chance.randrange(count)) for _ in range(chance.randrange(2 * count))}
    picture = lay_out(draft.numbered(count, sorted(pairs)))
    assert sorted(box.label for box in picture.boxes) == sorted(f"part{one}" for one in range(count))
    assert {(line.source, line.target) for line in picture.lines} == pairs
    assert overlapping(picture) == []
    points = [point for line in picture.lines for point in line.points]
    points += [(box.x, box.y) for box in picture.boxes]
    points += [(box.x + BOX_WIDTH, box.y + BOX_HEIGHT) for box in picture.boxes]
    assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in points)


def test_a_cycle_of_foreign_events_ends_in_a_picture_with_one_line_running_back(draft):
    picture = lay_out(draft.numbered(3, RING))
    assert [line.back for line in picture.lines].count(True) == 1
    (back,) = [line for line in picture.lines if line.back]
    assert back.points[0][0] == picture.boxes[back.source].x
    assert back.points[-1][0] == picture.boxes[back.target].x + BOX_WIDTH


def test_what_was_asked_about_stays_at_its_end_of_a_cycle(draft):
    for direction, end in (("up", max), ("down", min)):
        picture = lay_out(draft.numbered(3, RING, direction=direction))
        assert picture.boxes[0].layer == end(box.layer for box in picture.boxes)


def test_a_thing_made_from_itself_and_two_made_from_each_other_are_drawn(draft):
    picture = lay_out(draft.numbered(2, [(0, 0), (0, 1), (1, 0)]))
    assert [(line.source, line.target) for line in picture.lines] == [(0, 0), (0, 1), (1, 0)]
    assert [line.back for line in picture.lines].count(True) == 1
    assert len({tuple(line.points) for line in picture.lines}) == 3


def test_a_chain_of_ten_thousand_is_laid_out(draft):
    trace = draft.numbered(10_000, [(one + 1, one) for one in range(9_999)])
    assert len({box.layer for box in lay_out(trace, limit=None).boxes}) == 10_000
    assert len(lay_out(trace).boxes) <= 300


def test_crossings_are_removed_where_none_are_needed(draft):
    pairs = [(one + 1, 0) for one in range(6)] + [(12 - one, one + 1) for one in range(6)]
    trace = draft.numbered(13, pairs)
    turned = acyclic(13, pairs)
    rows = Rows(layers(13, pairs), pairs, passes=100)
    assert not turned
    rows.reduce_crossings()
    assert rows.crossings() == 0
    ends = [(picture_line.points[0][1], picture_line.points[-1][1]) for picture_line in lay_out(trace).lines]
    assert len(ends) == len(pairs)


def test_boxes_stand_opposite_what_they_came_from(draft):
    picture = lay_out(draft.numbered(3, [(1, 0), (2, 1)]))
    assert len({box.y for box in picture.boxes}) == 1


def test_a_source_stands_next_to_what_uses_it(draft):
    picture = lay_out(draft.numbered(5, [(1, 0), (2, 1), (3, 2), (4, 0)]))
    assert picture.boxes[4].layer == picture.boxes[1].layer


def test_the_same_trace_gives_the_same_picture_in_every_process(ledger, tmp_path):
    trace = ledger.trace("model:credit@1", columns=True)
    (tmp_path / "trace.json").write_bytes(msgspec.json.encode(trace))
    code = (
        "import msgspec, pathlib, sys; from lineproof.graph import Trace; "
        "from lineproof.graph.layout import lay_out; "
        "trace = msgspec.json.decode(pathlib.Path('trace.json').read_bytes(), type=Trace); "
        "sys.stdout.buffer.write(msgspec.json.encode(lay_out(trace, limit=5)))"
    )
    pictures = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert pictures == {msgspec.json.encode(lay_out(trace, limit=5))}
