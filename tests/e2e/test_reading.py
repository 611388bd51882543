"""A report is for people: readable on any screen, on paper, with any aid, and it does nothing on its own."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

WIDTHS = (320, 768, 1280)


def sideways(page) -> str | None:
    """Give what is wider than the screen: None, or the innermost such element."""
    return page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= wide) return null;
          const inScroller = (one) => one.closest(".scroll, dialog") !== null;
          const found = [...document.querySelectorAll("body *")].filter(
            (one) => !inScroller(one) && one.getBoundingClientRect().right > wide + 0.5);
          return found.length ? found.at(-1).outerHTML.slice(0, 200) : "something";
        }"""
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["verified", "failed"])
def test_axe_finds_no_violation(reader, report, scheme, state):
    data = report if state == "verified" else report.replace(b"</main>", b"<p>more</p></main>")
    with reader.open(data, color_scheme=scheme) as opened:
        assert opened.state == state
        found = Axe().run(opened.page)
        assert found.violations_count == 0, found.generate_report()


def test_in_the_dark_the_page_is_dark(reader, report):
    with reader.open(report, color_scheme="dark") as opened:
        ground = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert max(map(int, re.findall(r"\d+", ground)[:3])) < 60


def test_it_asks_nobody_for_anything_and_complains_of_nothing(reader, report):
    with reader.open(report) as opened:
        opened.page.mouse.wheel(0, 100_000)
        opened.page.wait_for_timeout(300)
        assert opened.requests == []
        assert opened.complaints == []


def test_names_with_markup_are_shown_and_do_nothing(reader, report, markup):
    with reader.open(report) as opened:
        assert opened.page.title() != "owned"
        assert "people & <b>patients.csv" in opened.page.locator("#lineage").inner_text()
        assert markup in opened.page.locator("main").inner_text()
        assert opened.page.locator("main b, main img, main script").count() == 0
        assert opened.state == "verified"


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(reader, report, width):
    with reader.open(report, viewport={"width": width, "height": 700}) as opened:
        assert sideways(opened.page) is None


def test_without_javascript_all_of_it_can_be_read(reader, report):
    with reader.open(report, java_script_enabled=False) as opened:
        assert opened.state == "unchecked"
        assert "Not checked" in opened.panel
        sections = opened.page.locator("main > section")
        assert sections.count() > 5
        for section in sections.all():
            assert section.is_visible()
            assert len(section.inner_text()) > 20
        assert opened.page.get_by_role("img", name="Lineage of model:tumour@1").is_visible()
        assert opened.page.get_by_role("button").filter(visible=True).count() == 0


def test_a_table_is_saved_as_csv(reader, report):
    with reader.open(report) as opened:
        with opened.page.expect_download() as waiting:
            opened.page.locator('button[data-table="steps"]').click()
        download = waiting.value
        assert download.suggested_filename == "steps.csv"
        text = download.path().read_bytes().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert rows[0][:3] == ["from", "to", "kind"]
        shown = opened.page.locator("#table-steps tbody tr")
        assert len(rows) - 1 == shown.count()
        assert rows[1][0] == shown.first.locator("th").inner_text()
        assert opened.complaints == []


def test_a_cited_entry_leads_to_its_recorded_payload_by_keyboard_alone(reader, report):
    with reader.open(report) as opened:
        page = opened.page
        button = page.locator("button[data-entry]").filter(visible=True).first
        button.focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        assert json.loads(page.locator("#payload-text").inner_text())
        assert json.loads(page.locator("#payload-leaf").inner_text())["v"] == 1
        assert Axe().run(page).violations_count == 0
        page.keyboard.press("Escape")
        assert not dialog.is_visible()
        assert button.evaluate("one => one === document.activeElement")


def test_each_citation_leads_to_its_entry(reader, report):
    with reader.open(report) as opened:
        targets = opened.page.locator("main a[href^='#']").evaluate_all("all => all.map(one => one.hash)")
        assert targets
        missing = opened.page.evaluate(
            "all => all.filter(one => !document.getElementById(one.slice(1)))", sorted(set(targets))
        )
        assert missing == []


def test_it_prints_on_pages(reader, report, pictures):
    with reader.open(report) as opened:
        printed = opened.page.pdf(path=pictures / "dossier.pdf", prefer_css_page_size=True)
        assert printed.startswith(b"%PDF-")
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 2
        opened.page.emulate_media(media="print")
        assert opened.page.get_by_role("button").filter(visible=True).count() == 0


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320)])
def test_screenshots_are_taken_to_be_looked_at(reader, report, pictures, scheme, width):
    with reader.open(report, color_scheme=scheme, viewport={"width": width, "height": 900}) as opened:
        path = pictures / f"dossier-{scheme}-{width}.png"
        opened.page.screenshot(path=path, full_page=True)
        assert path.stat().st_size > 20_000
