"""The visible text of a section is what its definition says, whatever the markup around it."""

from __future__ import annotations

import hashlib

import pytest

from lineproof.reports.visible import section_hashes, shown


def digest(text):
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("plain", "plain"),
        ("<b>bold</b>face", "bold face"),
        ("<td>a</td><td>b</td>", "a b"),
        ("  a \n\t b\r\n", "a b"),
        ("a\u00a0b", "a\u00a0b"),
        ("a<!-- not this -->b", "ab"),
        ("a<script>not(this)</script>b", "a b"),
        ("<svg><title>t</title><text>x<tspan>y</tspan></text><rect/></svg>", "t x y"),
        ("&lt;b&gt; &amp; &quot;&#39;", "<b> & \"'"),
        ("a<br>b<hr>c", "a b c"),
        ('<button hidden>CSV</button><a href="#x">e</a>', "CSV e"),
        ("", ""),
    ],
)
def test_visible_text_follows_its_definition(inner, text):
    page = f"<p>outside</p><main>\n<section id='one'>{inner}</section>\n</main><footer>x</footer>"
    assert section_hashes(page) == {"one": digest(text)}


def test_text_in_main_outside_of_sections_does_not_go_unnoticed():
    found = section_hashes("<main>stray<section id='a'>x</section></main>")
    assert found == {"": digest("stray"), "a": digest("x")}


def test_sections_in_one_another_count_to_the_outer_one():
    page = "<main><section id='a'>x<section id='b'>y</section>z</section></main>"
    assert section_hashes(page) == {"a": digest("x y z")}


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("plain <b>", "plain <b>"),
        ("two\nlines", "two\\nlines"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("\u2066a\u2069", "\\u2066a\\u2069"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\x00\x1b[31m", "\\x00\\x1b[31m"),
        ("broken \udc80", "broken \\udc80"),
        ("שלום עליכם", "שלום עליכם"),
        ("naïve 漢字 😀", "naïve 漢字 😀"),
    ],
)
def test_names_are_shown_so_that_every_character_can_be_seen(name, seen):
    assert shown(name) == seen
