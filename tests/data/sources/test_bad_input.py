"""What cannot be read as a table is refused with a code and a place; what is merely odd is read."""

import gzip
import io
import resource
import threading
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lineproof.data import digest
from lineproof.data.reading import fingerprint, read
from lineproof.data.sources import compressed
from lineproof.errors import (
    DataAccessError,
    DataFormatError,
    DataLimitError,
    EmptyDataError,
    EncodingError,
    RaggedRowError,
    UnstableDataError,
)


def write(path, data):
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.arrow"])
def test_an_empty_file_is_refused(tmp_path, name):
    with pytest.raises((EmptyDataError, DataFormatError)):
        fingerprint(write(tmp_path / name, b""))


def test_a_table_without_columns_is_refused(tmp_path):
    pq.write_table(pa.table({}), tmp_path / "a.parquet")
    with pytest.raises(EmptyDataError):
        fingerprint(tmp_path / "a.parquet")


def test_a_header_alone_is_a_table_without_rows(tmp_path):
    for text in (b"a,b", b"a,b\n", b"a,b\r\n"):
        found = fingerprint(write(tmp_path / "a.csv", text))
        assert (found.rows, list(found.columns)) == (0, ["a", "b"])
    pq.write_table(
        pa.table({"a": pa.array([], "int64"), "b": pa.array([], "string")}), tmp_path / "a.parquet"
    )
    assert fingerprint(tmp_path / "a.parquet").fingerprint == found.fingerprint


def test_bytes_that_are_not_utf8_are_reported_with_their_place(tmp_path):
    path = write(tmp_path / "a.csv", b"a,b\n1,x\n2,caf\xe9\n")
    with pytest.raises(EncodingError, match=r"byte 13 \(line 3\)"):
        fingerprint(path)
    with pytest.raises(EncodingError, match=r"line 1"):
        fingerprint(write(tmp_path / "b.csv", b"a,\xff\n1,2\n"))


def test_a_row_with_too_many_or_too_few_fields_is_reported_with_its_place_and_without_its_data(tmp_path):
    for bad in (b"secret,2,3", b"secret"):
        with pytest.raises(RaggedRowError, match=r"row 3") as caught:
            fingerprint(write(tmp_path / "a.csv", b"a,b\n1,2\n" + bad + b"\n"))
        assert "secret" not in str(caught.value)


def test_a_file_cut_short_is_refused(tmp_path):
    whole = io.BytesIO()
    pq.write_table(pa.table({"a": np.arange(10_000)}), whole)
    for size in (4, 1_000, len(whole.getvalue()) - 3):
        with pytest.raises(DataFormatError):
            fingerprint(write(tmp_path / "a.parquet", whole.getvalue()[:size]))
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 10_000)
    with pytest.raises(DataFormatError):
        fingerprint(write(tmp_path / "a.csv.gz", packed[: len(packed) // 2]))


def test_a_compression_bomb_ends_at_the_limit_in_little_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(compressed, "MAX_UNCHECKED", 100 << 20)
    path = tmp_path / "bomb.csv.zst"
    with pa.CompressedOutputStream(str(path), "zstd") as file:
        file.write(b"a,b\n")
        piece = b"1,2\n" * (1 << 20)
        for _ in range(30):
            file.write(piece)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DataLimitError):
        read(path, lambda: None, lambda _state, _batch: None)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # KiB


def test_a_row_without_an_end_is_refused(tmp_path):
    path = write(tmp_path / "a.csv", b"a,b\n1," + b"x" * (40 << 20) + b"\n")
    with pytest.raises(DataLimitError):
        fingerprint(path)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    path = write(tmp_path / "a.csv", b"a,b\n" + b"1,2\n" * 100)

    def touch(_state, _batch):
        path.write_bytes(b"a,b\n3,4\n")

    with pytest.raises(UnstableDataError):
        read(path, lambda: None, touch)


def test_what_is_not_there_or_has_no_format_says_so(tmp_path):
    with pytest.raises(DataAccessError):
        fingerprint(tmp_path / "none.csv")
    with pytest.raises(DataFormatError):
        fingerprint(write(tmp_path / "a.docx", b"x"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(EmptyDataError):
        fingerprint(tmp_path / "empty")


def test_ten_thousand_columns_are_read(tmp_path):
    names = [f"c{at}" for at in range(10_000)]
    path = write(tmp_path / "a.csv", (",".join(names) + "\n" + ",".join(["1"] * 10_000) + "\n").encode())
    started = time.process_time()
    found = fingerprint(path)
    assert (found.rows, len(found.columns)) == (1, 10_000)
    assert found.fingerprint == fingerprint(pa.table({name: [1] for name in names})).fingerprint
    assert time.process_time() - started < 20


def test_mixed_values_in_a_column_of_json_are_refused_with_advice(tmp_path):
    with pytest.raises(DataFormatError):
        fingerprint(write(tmp_path / "a.jsonl", b'{"a": 1}\n{"a": "x"}\n'))
    with pytest.raises(DataFormatError):
        fingerprint(write(tmp_path / "b.jsonl", b'{"a": 1}\n{"a": \n'))


def test_the_digest_of_a_large_file_is_a_tree(tmp_path):
    path = write(tmp_path / "a.bin", bytes(range(256)) * 10)
    import hashlib

    leaves = [path.read_bytes()[at : at + 1000] for at in range(0, 2560, 1000)]
    hashes = b"".join(hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves)
    expected = hashlib.sha256(b"\1" + (2560).to_bytes(8, "little") + hashes).hexdigest()
    assert digest.file_digest(path, tree_from=1, leaf=1000) == f"sha256-tree:{expected}"
    assert digest.file_digest(path) == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_reading_leaves_no_thread_behind(tmp_path):
    before = threading.active_count()
    fingerprint(write(tmp_path / "a.csv", b"a\n1\n"))
    assert threading.active_count() == before
