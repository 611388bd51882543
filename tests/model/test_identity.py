"""Identifiers and times have one form."""

from __future__ import annotations

import uuid

import pytest

from lineproof.model.identity import derived_uuid, in_utc, node_id, now, uuid7


def test_ids_are_version_7_and_in_order_of_time():
    first = uuid7()
    assert uuid.UUID(first).version == 7
    assert derived_uuid(first, "end") == derived_uuid(first, "end") != derived_uuid(first, "other")
    assert uuid.UUID(derived_uuid(first, "end")).version == 7


def test_no_two_names_make_one_identity():
    assert node_id("a", "b\x1fc") != node_id("a", "b", "c") != node_id("a\x1fb", "c")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z"),
        ("2026-01-02T03:04:05.123456789+02:00", "2026-01-02T01:04:05.123456Z"),
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05.000000Z"),
        ("yesterday", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_any_time_is_brought_to_the_form_that_sorts(written, read):
    assert in_utc(written) == read


def test_now_is_in_that_form_already():
    time = now()
    assert in_utc(time) == time
