"""Promises about objects: what is read is what was put, or an error says that it is not."""

from __future__ import annotations

import hashlib

import pytest

from lineproof.errors import LedgerFullError, ObjectError
from lineproof.store import LocalObjects


@pytest.fixture
def objects(tmp_path):
    return LocalObjects(tmp_path / "objects")


def test_an_object_is_named_by_its_content(objects):
    digest = objects.put(b"patch")
    assert digest == f"sha256:{hashlib.sha256(b'patch').hexdigest()}"
    assert objects.get(digest) == b"patch"
    assert objects.has(digest)


def test_a_file_is_kept_like_its_bytes(objects, tmp_path):
    file = tmp_path / "model.bin"
    file.write_bytes(b"x" * (3 << 20))
    assert objects.put(file) == objects.put(b"x" * (3 << 20))
    assert file.exists()


def test_the_same_content_is_kept_once(objects):
    objects.put(b"a")
    objects.put(b"a")
    assert sum(path.is_file() for path in objects.folder.rglob("*")) == 1


def test_an_altered_object_is_refused_and_healed_by_putting_it_again(objects):
    digest = objects.put(b"patch")
    objects.path(digest).write_bytes(b"hctap")
    assert not objects.has(digest)
    with pytest.raises(ObjectError, match="does not hold the bytes"):
        objects.get(digest)
    objects.put(b"patch")
    assert objects.get(digest) == b"patch"


def test_a_missing_object_is_said_to_be_missing(objects):
    with pytest.raises(ObjectError, match="cannot be read"):
        objects.get(f"sha256:{'0' * 64}")


@pytest.mark.parametrize(
    "name", ["", "sha256:", "../../etc/passwd", f"sha256:{'A' * 64}", f"sha256:{'0' * 64}/.."]
)
def test_only_a_digest_names_an_object(objects, name):
    with pytest.raises(ObjectError, match="not the digest"):
        objects.get(name)


def test_what_cannot_be_read_or_written_leaves_nothing_behind(objects, tmp_path):
    objects.put(b"a")
    with pytest.raises(ObjectError):
        objects.put(tmp_path / "missing")
    assert not list(objects.folder.glob(".new-*"))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LedgerFullError):
        LocalObjects(tmp_path / "file" / "objects").put(b"a")
