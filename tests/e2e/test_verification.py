"""What a report says of itself: verified as made, failed with the place named after any change."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

NO_ED25519 = """
const original = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (form, data, algorithm, ...rest) {
  if ((algorithm.name || algorithm) === "Ed25519") {
    return Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"));
  }
  return original.call(this, form, data, algorithm, ...rest);
};
"""
NO_CRYPTOGRAPHY = "Object.defineProperty(globalThis, 'crypto', { value: undefined });"


class Anatomy:
    """Where the pieces of a report's file lie."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        text = re.search(rb'id="evidence">(.*?)</script>', data, re.DOTALL)[1]
        self.start = data.index(text)
        self.evidence: dict[str, Any] = json.loads(text)
        self.entry = next(one for one in self.evidence["entries"] if one["proof"] and "payload" in one)

    def of(self, value: str, inside: str) -> int:
        """Find a value in the evidence and a piece of text in it; give the place of its first byte."""
        written = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").encode()
        start = self.data.index(written, self.start)
        return self.data.index(json.dumps(inside, ensure_ascii=False)[1:-1].encode(), start)

    def flipped(self, at: int) -> bytes:
        """Change one byte to another that is as plausible there: a digit, a letter, a base64 sign."""
        old = self.data[at : at + 1]
        plausible = b"01" if old.isdigit() else b"AB" if old.isupper() else b"ab"
        new = plausible[1:] if old == plausible[:1] else plausible[:1]
        return self.data[:at] + new + self.data[at + 1 :]


@pytest.fixture(scope="session")
def anatomy(report) -> Anatomy:
    return Anatomy(report)


def checkpoint_parts(anatomy):
    text, _, signatures = anatomy.evidence["checkpoint"].partition("\n\n")
    return text.split("\n"), signatures.split(" ")[2].strip()


def in_evidence(name):
    """Give where the piece of that name lies, and what the page must say failed."""

    def find(anatomy: Anatomy):
        entry, named = anatomy.entry, f"entry:{anatomy.entry['entry']}"
        lines, signature = checkpoint_parts(anatomy)
        checkpoint = anatomy.evidence["checkpoint"]
        match name:
            case "leaf":
                return anatomy.of(entry["leaf"], json.loads(entry["leaf"])["commitment"]), named
            case "payload" | "salt":
                return anatomy.of(entry[name], entry[name]) + 9, named
            case "proof":
                return anatomy.of(entry["proof"][0], entry["proof"][0]) + 9, named
            case "root":
                return anatomy.of(checkpoint, lines[2]) + 9, "the checkpoint"
            case "size":
                return anatomy.of(checkpoint, lines[1]), "the checkpoint"
            case "signature":
                return anatomy.of(checkpoint, signature) + 20, "the checkpoint"
            case "key":
                key = anatomy.evidence["key"]
                return anatomy.of(key, key.split("+", 2)[2]) + 20, "the checkpoint"
        raise AssertionError(name)

    return find


def in_page(pattern: bytes, where: str):
    """Give the first byte of the group of a pattern."""

    def find(anatomy: Anatomy):
        return re.search(pattern, anatomy.data, re.DOTALL).start(1), where

    return find


FLIPS = {
    **{name: in_evidence(name) for name in ("leaf", "payload", "salt", "proof")},
    **{name: in_evidence(name) for name in ("root", "size", "signature", "key")},
    "document": in_page(rb'id="document">.*?"columns":\["([a-z])', "the document"),
    "heading": in_page(rb'<h2 id="data-title">([A-Z])', "section data"),
    "text of a section": in_page(rb'<section id="lineage".*?<p>(?:<bdi>)?(\w)', "section lineage"),
    "table cell": in_page(rb'<table id="table-steps">.*?<td><bdi[^>]*>(\w)', "section lineage"),
    "line of a picture": in_page(rb'<path class="direct" [^>]* d="M(\d)', "section lineage"),
    "name in the picture": in_page(rb'<text class="name"[^>]*>(\w)', "section lineage"),
}


def test_an_untouched_file_is_verified(reader, report):
    with reader.open(report) as opened:
        assert opened.state == "verified"
        assert "Verified in this browser" in opened.panel
        assert "sha256:" in opened.panel
        assert opened.complaints == []


def test_the_page_says_who_is_the_authority(reader, report):
    with reader.open(report) as opened:
        assert "lineproof verify" in opened.page.locator("header").inner_text()


@pytest.mark.parametrize("piece", FLIPS)
def test_one_changed_byte_is_noticed_and_its_place_named(reader, anatomy, piece):
    at, where = FLIPS[piece](anatomy)
    with reader.open(anatomy.flipped(at)) as opened:
        assert opened.state == "failed"
        assert "NOT VERIFIED" in opened.panel
        failed = opened.page.locator("#verification li").all_inner_texts()
        assert any(line.startswith(f"{where}:") for line in failed), failed


def test_only_what_was_changed_is_named(reader, anatomy):
    at, where = FLIPS["payload"](anatomy)
    with reader.open(anatomy.flipped(at)) as opened:
        failed = opened.page.locator("#verification li").all_inner_texts()
        assert [line.partition(": ")[0] for line in failed] == [where]


@pytest.mark.parametrize("share", [0.5, 0.9, 0.98])
def test_a_cut_file_never_says_verified(browser, report, tmp_path, share):
    (tmp_path / "cut.html").write_bytes(report[: int(len(report) * share)])
    page = browser.new_page()
    page.goto((tmp_path / "cut.html").as_uri())
    page.wait_for_timeout(500)
    assert page.locator("#verification").get_attribute("data-state") in {"unchecked", "failed"}
    page.close()


def test_a_removed_and_a_doubled_section_are_noticed(reader, report):
    section = re.search(rb'<section id="data".*?</section>', report, re.DOTALL)[0]
    for changed in (report.replace(section, b""), report.replace(section, section * 2)):
        with reader.open(changed) as opened:
            assert opened.state == "failed"
            assert "section data" in opened.panel


def test_words_added_beside_the_sections_are_noticed(reader, report):
    with reader.open(report.replace(b"</main>", b"<p>Approved by the board.</p></main>")) as opened:
        assert opened.state == "failed"


def test_a_browser_without_ed25519_says_what_it_left_unchecked(reader, report):
    with reader.open(report, before=NO_ED25519) as opened:
        assert opened.state == "partly"
        assert "signature not checked in this browser" in opened.panel
        assert opened.complaints == []


def test_a_browser_without_ed25519_still_finds_changes(reader, anatomy):
    at, where = FLIPS["salt"](anatomy)
    with reader.open(anatomy.flipped(at), before=NO_ED25519) as opened:
        assert opened.state == "failed"
        assert where in opened.panel


def test_a_browser_without_cryptography_says_that_nothing_was_checked(browser, report, tmp_path):
    (tmp_path / "dossier.html").write_bytes(report)
    context = browser.new_context()
    context.add_init_script(NO_CRYPTOGRAPHY)
    page = context.new_page()
    page.goto((tmp_path / "dossier.html").as_uri())
    page.get_by_text("no cryptography").wait_for()
    assert page.locator("#verification").get_attribute("data-state") == "unchecked"
    context.close()
