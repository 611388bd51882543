"""A note that a trusted key signed opens; nothing else does."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lineproof.errors import NoteError
from lineproof.ledger import Note, SigningKey, VerifierKey, open_note, sign_note

KEY = SigningKey("example.com/log", bytes(range(32)))
OTHER = SigningKey("witness.example", bytes(range(1, 33)))
TEXT = "example.com/log\n7\n"
NOTE = sign_note(TEXT, [KEY])


@pytest.fixture(scope="module")
def published(vectors):
    return json.loads((vectors / "merkle" / "signed_note_vectors.json").read_text())


# Verifier keys


def test_published_verifier_keys_are_read_and_written(published):
    for case in published["vectors"]:
        key = VerifierKey.parse(case["vkey"])
        assert str(key) == case["vkey"]
        assert key.fingerprint.startswith(f"sha256:{key.key_id.hex()}")


def test_published_bad_verifier_keys_are_refused(published):
    for case in published["bad_vkeys"]:
        with pytest.raises(NoteError):
            VerifierKey.parse(case["vkey"])


def mutations(vkey: str) -> set[str]:
    """Every proper substring, and every increment of a single byte that is still text."""
    length = len(vkey)
    parts = {vkey[start:stop] for start in range(length) for stop in range(start, length + 1)} - {vkey}
    raw = vkey.encode()
    for position in range(len(raw)):
        changed = raw[:position] + bytes([(raw[position] + 1) % 256]) + raw[position + 1 :]
        parts.add(changed.decode("utf-8", "surrogateescape"))
    return parts


def test_every_substring_and_increment_of_a_verifier_key_is_refused(published):
    for vkey in [*(case["vkey"] for case in published["vectors"]), str(KEY.verifier)]:
        for changed in mutations(vkey):
            with pytest.raises(NoteError):
                VerifierKey.parse(changed)


@pytest.mark.parametrize("text", [None, b"", 7, "", "+", "++", "a+b", "a+00000000+", "a+b+c+d", "\ud800+0+0"])
def test_what_is_no_verifier_key_is_refused(text):
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


def vkey_of(name: str, data: bytes) -> str:
    key_id = hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(data).decode()}"


@pytest.mark.parametrize("name", ["", "a b", "a\u00a0b", "a\u2003b", "a\tb", "a\nb", "a\x00b"])
def test_a_verifier_key_with_an_unusable_name_is_refused(name):
    with pytest.raises(NoteError):
        VerifierKey.parse(vkey_of(name, b"\x01" + KEY.verifier.public))
    with pytest.raises(NoteError):
        SigningKey.generate(name)


@pytest.mark.parametrize(
    "data", [b"", b"\x01", b"\x01" + bytes(31), b"\x01" + bytes(33), b"\x02" + bytes(32), b"\x04" + bytes(32)]
)
def test_a_verifier_key_of_another_kind_or_length_is_refused(data):
    with pytest.raises(NoteError):
        VerifierKey.parse(vkey_of("example.com/log", data))


def test_an_upper_case_key_id_is_refused():
    name, key_id, data = str(KEY.verifier).split("+", 2)
    assert key_id != key_id.upper()
    with pytest.raises(NoteError):
        VerifierKey.parse(f"{name}+{key_id.upper()}+{data}")


@given(st.text(max_size=80))
def test_random_text_is_no_verifier_key(text):
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


@given(st.integers(0, len(str(KEY.verifier)) - 1), st.characters())
def test_a_verifier_key_with_another_character_is_refused(position, character):
    vkey = str(KEY.verifier)
    changed = vkey[:position] + character + vkey[position + 1 :]
    assume(changed != vkey)
    with pytest.raises(NoteError):
        VerifierKey.parse(changed)


# Private keys


def test_a_private_key_is_read_back_from_its_text():
    key = SigningKey.generate("example.com/log")
    again = SigningKey.parse(key.export() + "\n")
    assert again.verifier == key.verifier
    assert open_note(sign_note(TEXT, [again]), [key.verifier]).text == TEXT


def test_the_text_of_a_private_key_is_that_of_other_tools():
    name, key_id, data = KEY.export().removeprefix("PRIVATE+KEY+").split("+", 2)
    assert (name, key_id) == ("example.com/log", KEY.verifier.key_id.hex())
    assert base64.b64decode(data) == b"\x01" + bytes(range(32))


def test_new_keys_differ():
    assert SigningKey.generate("a").verifier != SigningKey.generate("a").verifier


def test_a_private_key_does_not_show_in_logs():
    secret = KEY.export().rsplit("+", 1)[1]
    assert secret not in repr(KEY)
    assert secret not in str(KEY)


@given(st.integers(0, len(KEY.export()) - 1), st.characters())
def test_a_changed_private_key_is_refused_without_repeating_it(position, character):
    text = KEY.export()
    changed = text[:position] + character + text[position + 1 :]
    assume(changed != text)
    with pytest.raises(NoteError) as refused:
        SigningKey.parse(changed)
    assert text[-20:-5] not in str(refused.value)


@pytest.mark.parametrize("text", [None, b"", "", "PRIVATE+KEY+", "PRIVATE+KEY+a+b", str(KEY.verifier)])
def test_what_is_no_private_key_is_refused(text):
    with pytest.raises(NoteError):
        SigningKey.parse(text)


@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(33), None])
def test_a_seed_of_another_length_is_refused(seed):
    with pytest.raises(NoteError):
        SigningKey("example.com/log", seed)


# Notes


def test_published_notes_open(published):
    for case in published["vectors"]:
        if "note" in case:
            key = VerifierKey.parse(case["vkey"])
            text = case["note"].rpartition("\n\n")[0] + "\n"
            assert open_note(case["note"], [key]) == Note(text, (key,))
            assert open_note(case["note"].encode(), [key]).text == text


def test_a_note_is_signed_as_the_standard_says():
    line = NOTE.removeprefix(TEXT + "\n")
    dash, name, encoded = line.removesuffix("\n").split(" ")
    data = base64.b64decode(encoded)
    assert (dash, name, data[:4]) == ("—", KEY.name, KEY.verifier.key_id)
    Ed25519PublicKey.from_public_bytes(KEY.verifier.public).verify(data[4:], TEXT.encode())


def test_a_note_of_two_signers_opens_for_either_and_names_both():
    note = sign_note(TEXT, [KEY, OTHER])
    assert open_note(note, [KEY.verifier]).verified == (KEY.verifier,)
    assert open_note(note, [OTHER.verifier]).verified == (OTHER.verifier,)
    assert open_note(note, [OTHER.verifier, KEY.verifier]).verified == (KEY.verifier, OTHER.verifier)


def test_signatures_of_unknown_keys_and_kinds_are_ignored():
    strange = "— someone.else " + base64.b64encode(b"\x00\x01\x02\x03anything").decode() + "\n"
    assert open_note(NOTE + strange, [KEY.verifier]).text == TEXT
    assert open_note(TEXT + "\n" + strange + NOTE.removeprefix(TEXT + "\n"), [KEY.verifier]).text == TEXT


def test_a_note_that_only_strangers_signed_does_not_open():
    with pytest.raises(NoteError, match="no trusted key"):
        open_note(NOTE, [OTHER.verifier])
    with pytest.raises(NoteError, match="no trusted key"):
        open_note(NOTE, [])


def test_a_key_of_the_same_name_is_another_key():
    namesake = SigningKey(KEY.name, bytes(32))
    with pytest.raises(NoteError):
        open_note(NOTE, [namesake.verifier])


def test_two_trusted_keys_under_one_hint_are_refused():
    seen: dict[bytes, VerifierKey] = {}
    for number in range(2**20):
        key = VerifierKey("a", number.to_bytes(32, "big"))
        other = seen.setdefault(key.key_id, key)
        if other is not key:
            break
    with pytest.raises(NoteError, match="share"):
        open_note(NOTE, [KEY.verifier, key, other])
    assert open_note(NOTE, [KEY.verifier, KEY.verifier]).text == TEXT


def test_a_trusted_key_is_named_once_however_often_it_signed():
    note = sign_note(TEXT, [KEY, KEY])
    assert open_note(note, [KEY.verifier]).verified == (KEY.verifier,)


def test_one_bad_signature_of_a_trusted_key_spoils_the_note():
    bad = OTHER.verifier.key_id + bytes(64)
    line = f"— {OTHER.name} {base64.b64encode(bad).decode()}\n"
    with pytest.raises(NoteError):
        open_note(NOTE + line, [KEY.verifier, OTHER.verifier])
    assert open_note(NOTE + line, [KEY.verifier]).text == TEXT


def test_a_text_may_hold_empty_lines_and_dashes():
    text = "one\n\n— not a signature\n\n\n"
    assert open_note(sign_note(text, [KEY]), [KEY.verifier]).text == text


RAW = NOTE.encode()


@settings(max_examples=400)
@given(st.integers(0, len(RAW) - 1), st.integers(0, 255))
def test_a_note_with_a_changed_byte_does_not_open(position, byte):
    changed = RAW[:position] + bytes([byte]) + RAW[position + 1 :]
    assume(changed != RAW)
    with pytest.raises(NoteError):
        open_note(changed, [KEY.verifier])


def test_no_part_of_a_note_opens():
    for stop in range(len(RAW)):
        with pytest.raises(NoteError):
            open_note(RAW[:stop], [KEY.verifier])
        with pytest.raises(NoteError):
            open_note(RAW[stop + 1 :], [KEY.verifier])


@pytest.mark.parametrize(
    "note",
    [
        None,
        7,
        b"",
        "",
        b"\xff" + RAW,
        "\ud800" + NOTE,
        NOTE.replace("\n", "\r\n"),
        NOTE + "\n",
        NOTE + "no signature line\n",
        NOTE + "— name-without-signature\n",
        NOTE + "— name \n",
        NOTE + "— name AAAA\n",
        NOTE + "— name AAAAAA==\n",  # a key id and no signature
        NOTE + "— name AAAAAAB=\n",  # bits beyond the last byte
        TEXT + "\n" + NOTE.removeprefix(TEXT + "\n— "),
        NOTE + "— name not*base64\n",
        NOTE + "—  AAAAAAAA\n",
        TEXT + NOTE.removeprefix(TEXT + "\n"),
        NOTE + ("— name " + base64.b64encode(bytes(8)).decode() + "\n") * 100,
        "x" * 1_000_001,
    ],
    ids=range(20),
)
def test_a_malformed_note_is_refused(note):
    with pytest.raises(NoteError):
        open_note(note, [KEY.verifier])


@given(st.binary(max_size=200))
def test_random_bytes_are_no_note(data):
    with pytest.raises(NoteError):
        open_note(data, [KEY.verifier])


@pytest.mark.parametrize("text", ["", "no newline", "control\x07\n", "tab\there\n", "\ud800\n", None, b"x\n"])
def test_a_text_that_is_no_note_is_not_signed(text):
    with pytest.raises(NoteError):
        sign_note(text, [KEY])


def test_a_note_needs_a_signer():
    with pytest.raises(NoteError):
        sign_note(TEXT, [])
