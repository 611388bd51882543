"""The picture in a report: whole, harmless, readable without colour and without eyes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import msgspec
import pytest

from lineproof.graph import Edge, Node, Trace
from lineproof.reports.lettering import shortened, width
from lineproof.reports.svg import lineage_svg

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script>" onload="x&amp;\x00\x1b[31m\u202egnp.exe\ud800'


def node(name, kind="dataset", **more):
    return Node(ref=f"{kind}:{name}", kind=kind, name=name, version="v1", **more)


def trace_of(nodes, *edges, **more):
    """A trace of (source, target, kind, precision)."""
    return Trace(
        root=nodes[0].ref,
        direction="up",
        as_of=1,
        nodes=nodes,
        edges=[
            Edge(
                source=source.ref,
                target=target.ref,
                kind=kind,
                how="observed",
                precision=precision,
                rule="merge",
                run=None,
                entry=1,
            )
            for source, target, kind, precision in edges
        ],
        complete=not more,
        cut_at=more.get("cut_at", []),
    )


def drawn(trace, **options):
    return ET.fromstring(lineage_svg(trace, "Lineage", "What led to it", **options))


def words(element):
    return " ".join(text.strip() for text in element.itertext() if text.strip())


def boxes(element):
    (group,) = [one for one in element if one.get("class") == "boxes"]
    return list(group)


@pytest.fixture
def credit(recorded):
    return recorded.trace("model:credit@1")


def test_who_cannot_see_it_hears_title_and_description(credit):
    picture = drawn(credit)
    assert picture.get("role") == "img"
    by_id = {one.get("id"): one for one in picture.iter() if one.get("id")}
    assert by_id[picture.get("aria-labelledby")].text == "Lineage"
    assert by_id[picture.get("aria-describedby")].text == "What led to it"


def test_every_thing_is_in_it_with_its_full_name(credit):
    tooltips = [one.find(f"{SVG}title").text for one in boxes(drawn(credit))]
    for one in credit.nodes:
        assert one.kind == "run" or any(text.startswith(one.ref) for text in tooltips)


@pytest.mark.parametrize("place", ["name", "version", "namespace", "ref", "rule", "title"])
def test_names_with_markup_are_text_and_nothing_else(credit, place):
    model, data = node("m", kind="model"), node("d", namespace="file")
    if place in {"name", "version", "namespace", "ref"}:
        data = msgspec.structs.replace(data, **{place: HOSTILE})
    trace = trace_of([model, data], (data, model, "DIRECT", "exact"))
    if place == "rule":
        trace.edges[0].rule = HOSTILE
    text = lineage_svg(trace, HOSTILE if place == "title" else "t", "d")
    allowed = {"svg", "title", "desc", "defs", "marker", "g", "path", "rect", "circle", "text"}
    assert {one.tag.removeprefix(SVG) for one in ET.fromstring(text).iter()} <= allowed
    assert not any(one.startswith("on") for element in ET.fromstring(text).iter() for one in element.attrib)
    assert all(one.isprintable() or one == "\n" for one in text)
    text.encode()


def test_it_runs_loads_and_styles_nothing(credit):
    for element in drawn(credit).iter():
        assert not {"style", "href", "src", "{http://www.w3.org/1999/xlink}href"} & element.attrib.keys()


def test_pictures_on_one_page_share_no_ids(credit):
    first, second = (
        {one.get("id") for one in drawn(credit, prefix=prefix).iter() if one.get("id")} for prefix in "ab"
    )
    assert first
    assert not first & second


def test_kinds_differ_in_shape_or_words_not_in_colour_alone():
    kinds = ("dataset", "model", "column", "run", "prediction")
    nodes = [node(kind, kind=kind) for kind in kinds]
    edges = [(one, nodes[0], "DIRECT", "exact") for one in nodes[1:]]
    outlines = set()
    for box in boxes(drawn(trace_of(nodes, *edges))):
        (shape,) = next(one for one in box if one.get("class") == "outline")
        outlines.add((shape.tag, shape.get("rx"), "".join(filter(str.isalpha, shape.get("d", "")))))
        assert any(kind in words(box) for kind in kinds)
    assert len(outlines) == len(kinds)


def test_an_indirect_line_is_dashed_and_the_legend_says_so():
    a, b, c = node("a"), node("b"), node("c")
    picture = drawn(trace_of([a, b, c], (b, a, "INDIRECT", "exact"), (c, a, "DIRECT", "exact")))
    lines = {one.get("class"): one for one in picture.iter(f"{SVG}path") if one.get("marker-end")}
    assert lines["indirect"].get("stroke-dasharray")
    assert lines["direct"].get("stroke-dasharray") is None
    assert "INDIRECT" in words(picture)


def test_what_is_not_exact_carries_a_mark_that_the_legend_explains():
    a, b, c = node("a"), node("b"), node("c", sources="unknown")
    exact = words(drawn(trace_of([a, b], (b, a, "DIRECT", "exact"))))
    assert "superset" not in exact
    assert "?" not in exact
    picture = drawn(trace_of([a, b, c], (b, a, "DIRECT", "superset"), (c, a, "DIRECT", "unknown")))
    classes = [one.get("class") for one in picture.iter()]
    assert classes.count("superset") == 2  # on the line, in the legend
    assert classes.count("unknown") == 4  # line, box, and both in the legend
    assert "more sources may exist" in words(picture)
    assert "its sources are not known" in words(picture)


def test_what_is_left_out_is_said_in_the_picture():
    model = node("m", kind="model")
    parts = [node(f"p{one}") for one in range(30)]
    edges = [(one, model, "DIRECT", "exact") for one in parts]
    text = words(drawn(trace_of([model, *parts], *edges, cut_at=[parts[3].ref]), limit=5))
    assert "30 datasets" in text
    assert "30 things share 1 of the boxes" in text
    assert "not all that is recorded is drawn" in text
    assert "and 18 more" in text


def test_a_cycle_is_drawn_and_explained():
    a, b = node("a"), node("b")
    picture = drawn(trace_of([a, b], (a, b, "DIRECT", "exact"), (b, a, "DIRECT", "exact")))
    assert "closes a cycle" in words(picture)


def test_long_names_keep_their_beginning_and_end():
    name = "warehouse/a/very/long/path/to/a/daily/export/patients_2026_11_23.parquet"
    short = shortened(name, 14)
    assert short.startswith("warehouse")
    assert short.endswith(".parquet")
    assert "…" in short
    assert width(short) <= 14


@pytest.mark.parametrize(
    "text", ["", "a", "short.csv", "患者データベース" * 5, "W" * 50, "i" * 200, "e\u0301" * 80]
)
def test_a_name_is_shortened_only_when_it_must_be_and_then_fits(text):
    short = shortened(text, 13)
    assert width(short) <= 13
    assert short == text or (width(text) > 13 and "…" in short)


def test_three_hundred_boxes_take_less_than_half_a_megabyte():
    nodes = [node(f"warehouse/part{one}.parquet", namespace=f"n{one}") for one in range(300)]
    edges = [(nodes[one], nodes[one // 2], "DIRECT", "exact") for one in range(1, 300)]
    assert len(lineage_svg(trace_of(nodes, *edges), "t", "d")) < 500_000
