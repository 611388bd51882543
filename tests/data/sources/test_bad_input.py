"""What cannot be read as a table is refused with a code and a place; what is merely odd is read."""

import contextlib
import gzip
import io
import resource
import threading
import time
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lineproof.data import digest
from lineproof.data.reading import fingerprint, read
from lineproof.data.scanning import scan
from lineproof.errors import (
    CommandError,
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
    with pytest.raises(EncodingError, match=r"byte 13 \(line 3, column 6\)"):
        fingerprint(path)
    with pytest.raises(EncodingError, match=r"line 1, column 3"):
        fingerprint(write(tmp_path / "b.csv", b"a,\xff\n1,2\n"))
    with pytest.raises(EncodingError, match=r"byte 19 \(line 2, column 8\)"):
        fingerprint(write(tmp_path / "b.jsonl", '{"a": "é"}\n'.encode() + b'{"a": "\xe9"}\n'))


def test_a_row_with_too_many_or_too_few_fields_is_reported_with_its_place_and_without_its_data(tmp_path):
    head = 'a,b\n1,"two\nlines, é"\n'.encode()
    for bad, place in (
        (b"secret,2,3", "column 10"),
        (b"secret", "column 7"),
        (b'"x,secret",2,3', "column 14"),
    ):
        byte = len(head) + int(place.split()[1]) - 1
        with pytest.raises(RaggedRowError, match=rf"row 3 .*byte {byte} \(line 4, {place}\)") as caught:
            fingerprint(write(tmp_path / "a.csv", head + bad + b"\n"))
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


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b'a,b\n1,"cut', "byte 6 (line 2, column 3)"),
        (b'a,b\n1,"cut\nand,on\n', "byte 6 (line 2, column 3)"),
        ('a,b\n"é\né",2\n1,"é ""so'.encode(), "byte 16 (line 4, column 3)"),
        (b'a,b\n1,"', "byte 6 (line 2, column 3)"),
        (b'a,b\n1,"""', "byte 6 (line 2, column 3)"),
        (b'a;b\n1;"x;y', "byte 6 (line 2, column 3)"),
        (b'a,"b\n1,2\n', "byte 2 (line 1, column 3)"),
        (b'"a', "byte 0 (line 1, column 1)"),
    ],
)
def test_a_file_that_ends_inside_a_quoted_field_is_refused_with_its_place(tmp_path, text, place):
    for name, data in (("a.csv", text), ("a.csv.gz", gzip.compress(text))):
        with pytest.raises(DataFormatError) as caught:
            fingerprint(write(tmp_path / name, data))
        assert place in str(caught.value)
        assert "cut" not in str(caught.value)


@pytest.mark.parametrize(
    "last", [b'""', b'"x"', b'"x,""y"""', b'""""', b'5"', b'a""', b'""x', b'"x"y', b'"x\n"', b'"""x"', b'","']
)
def test_a_quoted_field_that_is_closed_may_end_a_file(tmp_path, last):
    for end in (b"", b"\n", b"\r\n", b"\n\n"):
        assert fingerprint(write(tmp_path / "a.csv", b"a,b\n1,2\n1," + last + end)).rows == 2


def test_of_a_large_file_that_ends_inside_a_quoted_field_the_rows_before_can_be_scanned(tmp_path):
    row = b'1,"some text, quoted"\n'
    path = write(tmp_path / "a.csv", b"a,b\n" + row * 200_000 + b'2,"cut')
    with pytest.raises(
        DataFormatError, match=r"byte 4400006 \(line 200002, column 3\); the 200,000 rows before"
    ):
        scan(path)
    found = scan(path, partial=True).document()
    assert (found["rows"], found["complete"]) == (200_000, False)
    assert found["columns"]["a"]["max"] == 1


@pytest.mark.parametrize("ending", ["zst", "gz", "zip"])
def test_a_compression_bomb_ends_at_the_limit_in_little_memory(tmp_path, monkeypatch, ending):
    monkeypatch.setenv("LINEPROOF_DECOMPRESSED_LIMIT", "12 MiB")
    path = tmp_path / f"bomb.csv.{ending}"
    row = b"1," + b"x" * 4_000 + b"\n"
    piece = b"a,b\n" + row * 500
    with contextlib.ExitStack() as stack:
        if ending == "zip":
            archive = stack.enter_context(zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED))
            file = stack.enter_context(archive.open("bomb.csv", "w"))
        else:
            compression = {"zst": "zstd", "gz": "gzip"}[ending]
            file = stack.enter_context(pa.CompressedOutputStream(str(path), compression))
        for _ in range(12):
            file.write(piece)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DataLimitError, match="12 MiB"):
        read(path, lambda: None, lambda _state, _batch: None)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB
    monkeypatch.setenv("LINEPROOF_DECOMPRESSED_LIMIT", "none")
    read(path, lambda: None, lambda _state, _batch: None)
    monkeypatch.setenv("LINEPROOF_DECOMPRESSED_LIMIT", "much")
    with pytest.raises(CommandError):
        fingerprint(path)


def test_a_zip_archive_is_read_when_it_holds_one_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.csv.zip", "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    assert fingerprint(tmp_path / "a.csv.zip").rows == 1
    with zipfile.ZipFile(tmp_path / "a.csv.zip", "a") as archive:
        archive.writestr("b.csv", "a,b\n1,2\n")
    with pytest.raises(DataFormatError):
        fingerprint(tmp_path / "a.csv.zip")
    with pytest.raises(DataFormatError):
        fingerprint(write(tmp_path / "b.csv.zip", b"PK\x03\x04 no archive"))


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


def test_what_is_no_json_is_refused_with_its_place_and_without_its_data(tmp_path):
    with pytest.raises(DataFormatError, match=r"byte 15 \(line 2, column 7\)") as caught:
        fingerprint(write(tmp_path / "b.jsonl", b'{"a": 1}\n{"a": secret\n'))
    assert "secret" not in str(caught.value)
    with pytest.raises(DataFormatError):
        fingerprint(write(tmp_path / "c.jsonl", b"[1, 2]\n"))
    with pytest.raises(EmptyDataError):
        fingerprint(write(tmp_path / "d.jsonl", b"{}\n\n{}\n"))
    with pytest.raises(DataLimitError):
        fingerprint(write(tmp_path / "e.jsonl", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"))


def test_a_scan_that_breaks_off_says_how_far_it_came(tmp_path):
    good = b"a,b\n" + b"1,22222222222222222222\n" * 300_000
    path = write(tmp_path / "a.csv", good + b"1,2,3\n" + b"1,2\n" * 1_000)
    with pytest.raises(RaggedRowError, match=r"the [\d,]+ rows before were read"):
        scan(path)
    found = scan(path, partial=True).document()
    assert found["complete"] is False
    assert found["covered"]["code"] == "LP-DATA-03"
    assert 0 < found["rows"] == found["covered"]["rows"] <= 300_000
    assert found["columns"]["a"]["max"] == 1
    assert scan(write(tmp_path / "b.csv", b"a\n1\n")).document()["complete"] is True


@pytest.mark.parametrize("rows", [1, 2])
def test_one_row_and_columns_without_a_value_are_tables(tmp_path, rows):
    found = scan(write(tmp_path / "a.csv", b"a,b,c\n" + b",,7\n" * rows)).document()
    assert found["rows"] == rows
    assert found["columns"]["a"]["nulls"] == rows
    assert found["columns"]["a"]["type"] == "null"
    assert found["columns"]["c"]["distinct"] == 1


def test_a_csv_column_of_mixed_values_is_text(tmp_path):
    found = scan(write(tmp_path / "a.csv", b"a\n1\nx\n2020-01-01\n\ntrue\n")).document()
    assert found["columns"]["a"]["type"] == "string"
    assert found["columns"]["a"]["distinct"] == 4


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


def test_a_parquet_file_that_decompresses_to_more_than_the_limit_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"a": ["x" * (8 << 20)]}), path, compression="zstd", use_dictionary=False)
    assert path.stat().st_size < 100_000
    assert fingerprint(path).rows == 1
    monkeypatch.setenv("LINEPROOF_DECOMPRESSED_LIMIT", "4MiB")
    with pytest.raises(DataLimitError):
        fingerprint(path)


def test_one_value_of_a_megabyte_in_each_of_a_million_rows_is_read_in_little_memory(tmp_path):
    value = "x" * (1 << 20)
    codes = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1 << 20, np.int32)), pa.array([value]))
    pq.write_table(pa.table({"a": codes}), tmp_path / "a.parquet", row_group_size=1 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = scan(tmp_path / "a.parquet").document()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # KiB, of a tebibyte
    assert (found["rows"], found["columns"]["a"]["distinct"]) == (1 << 20, 1)
    assert found["columns"]["a"]["lengths"]["mean"] == 1 << 20


class Repeated:
    """A source that gives one batch over and over."""

    name = ""
    files = ()

    def __init__(self, batch, times):
        self._batch, self._times = batch, times

    def digest(self):
        return None

    def batches(self):
        for _ in range(self._times):
            yield self._batch


def test_fifty_gigabytes_of_one_distinct_value_need_no_more_memory_than_a_part_of_them():
    codes = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1 << 16, np.int32)), pa.array(["v" * 4_000]))
    batch = pa.RecordBatch.from_arrays([codes], ["a"])
    scan(Repeated(batch, 2))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = scan(Repeated(batch, 200)).document()
    assert found["rows"] * 4_000 > 50_000_000_000
    assert found["columns"]["a"]["distinct"] == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_zeros_without_end_are_no_header(tmp_path):
    path = tmp_path / "zeros.csv.gz"
    with gzip.open(path, "wb", 1) as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
    with pytest.raises(DataFormatError, match="zero bytes"):
        fingerprint(path)


def test_a_header_without_end_is_too_long_a_row(tmp_path):
    with pytest.raises(DataLimitError, match="16 MiB"):
        fingerprint(write(tmp_path / "a.csv", b"a," * (9 << 20)))


def test_a_header_of_more_than_a_mebibyte_is_read_whole(tmp_path):
    names = [f"column_{n}_" + "x" * 400 for n in range(6000)]
    path = write(tmp_path / "a.csv", (",".join(names) + "\n" + "1," * 5999 + "1\n").encode())
    assert list(fingerprint(path).columns) == names


def test_utf_16_is_called_so(tmp_path):
    with pytest.raises(EncodingError, match="UTF-16"):
        fingerprint(write(tmp_path / "a.csv", "a,b\n1,2\n".encode("utf-16")))
