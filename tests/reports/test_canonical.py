"""The content hash is that of RFC 8785 and can be computed by anybody."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from lineproof.errors import NotAReportError
from lineproof.reports.canonical import canonical

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_KEYS = st.text(st.characters(max_codepoint=127))
_WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
_VALUES = st.recursive(
    st.none() | st.booleans() | _WHOLE | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES)
def test_canonical_json_is_that_of_the_rfc(value):
    assert canonical(value) == rfc8785.dumps(value)
    assert json.loads(canonical(value)) == value


@pytest.mark.parametrize("value", [1.5, {"a": 2**53}, ["\ud800"], {"é": 1}, {"a": {1.0: 2}}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(NotAReportError):
        canonical(value)
