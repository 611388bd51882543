"""A leaf has one spelling, and nothing but a leaf is read as one."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from lineproof.errors import LeafError
from lineproof.ledger import MAX_LEAF_SIZE, Leaf, LeafWriter, decode_leaf, encode_leaf
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7

LEAF = Leaf(
    commitment="ab" * 32,
    id="0198c0de-0000-7000-8000-000000000001",
    ledger="3f2b8a52-0c1d-4e5f-8a9b-0123456789ab",
    principal="principal:9d3c1f60-1111-4222-8333-444455556666",
    recorded="2026-01-02T03:04:05.678901Z",
    size=1450,
    type=EntryType.LINEAGE_EVENT,
)
FIELDS = msgspec.to_builtins(LEAF)

leaves = st.builds(
    Leaf,
    commitment=st.binary(min_size=32, max_size=32).map(bytes.hex),
    id=st.builds(uuid7),
    ledger=st.uuids().map(str),
    principal=st.uuids().map("principal:{}".format),
    recorded=st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1)).map(  # noqa: DTZ001 - made UTC next
        lambda time: time.replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    ),
    size=st.integers(0, 2**53 - 1),
    type=st.sampled_from(EntryType),
)


def spelled(**changes: object) -> bytes:
    """The leaf above with some fields changed, in canonical JSON."""
    return rfc8785.dumps({**FIELDS, **changes})


def test_the_reference_canonicaliser_passes_the_public_cases(vectors):
    """`rfc8785` is what the leaf codec is compared with, so it has to be right itself."""
    folder = vectors / "merkle" / "jcs_rfc8785" / "testdata"
    names = sorted(path.name for path in (folder / "input").iterdir())
    assert len(names) == 6
    for name in names:
        value = json.loads((folder / "input" / name).read_text())
        assert rfc8785.dumps(value) == (folder / "output" / name).read_bytes()


def test_a_leaf_is_exactly_these_bytes():
    assert encode_leaf(LEAF) == (
        b'{"commitment":"abababababababababababababababababababababababababababababababab",'
        b'"id":"0198c0de-0000-7000-8000-000000000001",'
        b'"ledger":"3f2b8a52-0c1d-4e5f-8a9b-0123456789ab",'
        b'"principal":"principal:9d3c1f60-1111-4222-8333-444455556666",'
        b'"recorded":"2026-01-02T03:04:05.678901Z","size":1450,"type":"lineage.event","v":1}'
    )


@given(leaves)
def test_a_leaf_is_canonical_json_and_reads_back(leaf):
    data = encode_leaf(leaf)
    assert data == rfc8785.dumps(msgspec.to_builtins(leaf))
    assert decode_leaf(data) == leaf
    assert len(data) < MAX_LEAF_SIZE


def test_the_identifiers_that_lineproof_makes_fit_a_leaf():
    decode_leaf(spelled(id=uuid7(), recorded=now()))


@pytest.mark.parametrize(
    "changes",
    [
        {"commitment": "AB" * 32},
        {"commitment": "ab" * 31},
        {"commitment": "ab" * 32 + "\n"},
        {"id": "0198c0de-0000-4000-8000-000000000001"},  # not version 7
        {"id": "0198C0DE-0000-7000-8000-000000000001"},
        {"id": "0198c0de00007000800000000000000001"},
        {"ledger": "my ledger"},
        {"principal": "principal:Ada Lovelace"},
        {"principal": "ada@example.com"},
        {"recorded": "2026-01-02T03:04:05Z"},
        {"recorded": "2026-01-02 03:04:05.678901Z"},
        {"recorded": "2026-02-30T03:04:05.678901Z"},
        {"recorded": "2026-01-02T03:04:05.678901+00:00"},
        {"size": -1},
        {"size": 1.5},
        {"size": True},
        {"size": "1450"},
        {"size": None},
        {"type": "no.such.type"},
        {"type": None},
        {"v": 2},
        {"v": "1"},
        {"v": True},
        {"note": "a further field"},
    ],
    ids=str,
)
def test_a_field_of_another_form_is_refused(changes):
    with pytest.raises(LeafError):
        decode_leaf(spelled(**changes))


@pytest.mark.parametrize("field", list(FIELDS))
def test_a_missing_field_is_refused(field):
    with pytest.raises(LeafError):
        decode_leaf(rfc8785.dumps({name: value for name, value in FIELDS.items() if name != field}))


CANONICAL = encode_leaf(LEAF)


@pytest.mark.parametrize(
    "data",
    [
        CANONICAL + b"\n",
        b" " + CANONICAL,
        CANONICAL.replace(b",", b", "),
        CANONICAL.replace(b":1450", b":1450.0"),
        CANONICAL.replace(b":1450", b":1.45e3"),
        CANONICAL.replace(b'"v":1', b'"v":1.0'),
        CANONICAL.replace(b"lineage.event", b"lineage\\u002eevent"),
        CANONICAL.replace(b'"v":1}', b'"v":1,"v":1}'),
        CANONICAL.replace(b'{"commitment"', b'{"v":1,"commitment"'),
        json.dumps(dict(reversed(FIELDS.items())), separators=(",", ":")).encode(),
        b"\xef\xbb\xbf" + CANONICAL,
        CANONICAL[:-1],
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 4000,
        b" " * 5000,
    ],
)
def test_another_spelling_is_refused(data):
    with pytest.raises(LeafError):
        decode_leaf(data)


@pytest.mark.parametrize("data", [None, "", CANONICAL.decode(), bytearray(CANONICAL), 7])
def test_what_is_not_bytes_is_refused(data):
    with pytest.raises(LeafError):
        decode_leaf(data)


@given(st.integers(0, len(CANONICAL) - 1), st.integers(0, 255))
def test_a_changed_byte_never_reads_as_the_same_leaf(position, byte):
    changed = CANONICAL[:position] + bytes([byte]) + CANONICAL[position + 1 :]
    try:
        leaf = decode_leaf(changed)
    except LeafError:
        return
    assert (leaf == LEAF) == (changed == CANONICAL)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data):
    with pytest.raises(LeafError):
        decode_leaf(data)


@pytest.mark.parametrize(
    "changes",
    [
        {"principal": "principal:Ada"},
        {"size": 2**53},
        {"size": 2**70},
        {"id": "\ud800"},
        {"ledger": object()},
    ],
    ids=range(5),
)
def test_a_malformed_leaf_never_enters_the_log(changes):
    with pytest.raises(LeafError):
        encode_leaf(msgspec.structs.replace(LEAF, **changes))


@pytest.mark.parametrize("type_", EntryType)
def test_leaves_written_together_are_the_same_bytes(type_):
    ledger, principal = str(uuid.uuid4()), f"principal:{uuid.uuid4()}"
    recorded, commitment, identifier = now(), "ab" * 32, uuid7()
    writer = LeafWriter(ledger, principal, recorded)
    for size in (0, 1450, 2**53 - 1):
        leaf = Leaf(
            commitment=commitment,
            id=identifier,
            ledger=ledger,
            principal=principal,
            recorded=recorded,
            size=size,
            type=type_,
        )
        assert writer.write(commitment=commitment, id=identifier, size=size, type=type_) == encode_leaf(leaf)


@pytest.mark.parametrize(
    "change",
    [
        {"id": str(uuid.uuid4())},
        {"id": uuid7() + "\n"},
        {"id": uuid7().upper()},
        {"id": 'x","type":"key'},
        {"commitment": "ab"},
        {"commitment": "AB" * 32},
        {"size": -1},
        {"size": 2**53},
        {"type": "lineage.event"},
    ],
)
def test_leaves_written_together_are_refused_like_single_ones(change):
    writer = LeafWriter(str(uuid.uuid4()), f"principal:{uuid.uuid4()}", now())
    fields = {"commitment": "ab" * 32, "id": uuid7(), "size": 1, "type": EntryType.DECISION}
    with pytest.raises(LeafError):
        writer.write(**(fields | change))


@pytest.mark.parametrize("at", range(3))
def test_what_leaves_share_is_checked_once_and_for_all(at):
    shared = [str(uuid.uuid4()), f"principal:{uuid.uuid4()}", now()]
    shared[at] += '"'
    with pytest.raises(LeafError):
        LeafWriter(*shared)
