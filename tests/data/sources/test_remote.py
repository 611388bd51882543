"""Files elsewhere are read as those here; nothing that opens them is ever shown."""

import os

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

from lineproof.data.reading import fingerprint
from lineproof.data.scanning import scan
from lineproof.data.sources import open_source
from lineproof.errors import (
    CredentialsError,
    DataAccessError,
    DataFormatError,
    EmptyDataError,
    MissingReaderError,
)

fsspec = pytest.importorskip("fsspec", reason="pip install 'lineproof[remote]'")

TABLE = pa.table({"id": np.arange(1_000), "mail": [f"p{k}@example.org" for k in range(1_000)]})
HERE = fingerprint(TABLE)


@pytest.fixture(scope="module")
def s3():
    """A server that speaks the protocol of S3, and a bucket."""
    server = pytest.importorskip("moto.server", reason="pip install 'moto[server]'")
    pytest.importorskip("s3fs", reason="pip install 'lineproof[remote]'")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    host, port = running.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "s3cret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        fsspec.filesystem("s3").clear_instance_cache()  # other tests have servers of their own
        fsspec.filesystem("s3").mkdir("bucket")
        yield "s3://bucket"
    fsspec.filesystem("s3").clear_instance_cache()
    running.stop()


def put(url, write, tmp_path):
    write(tmp_path / "made")
    with fsspec.open(url, "wb") as file:
        file.write((tmp_path / "made").read_bytes())


def test_a_file_on_s3_is_read_as_one_here(s3, tmp_path):
    put(f"{s3}/data/a.csv", lambda path: pcsv.write_csv(TABLE, path), tmp_path)
    found = scan(f"{s3}/data/a.csv")
    assert found.document()["fingerprint"] == HERE.fingerprint
    assert found.digest == fingerprint_of_bytes(tmp_path / "made")
    assert found.document()["columns"]["mail"]["class"] == "EMAIL"


def fingerprint_of_bytes(path):
    import hashlib

    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_a_partitioned_folder_on_s3_is_one_table(s3, tmp_path):
    table = TABLE.append_column("part", pa.array(np.arange(1_000) % 3))
    pq.write_to_dataset(table, tmp_path / "d", partition_cols=["part"])
    fsspec.filesystem("s3").put(str(tmp_path / "d"), "bucket/folder", recursive=True)
    found = fingerprint(f"{s3}/folder")
    assert found == fingerprint(tmp_path / "d")


def test_what_is_not_there_or_may_not_be_read_says_so_without_a_secret(s3, tmp_path, monkeypatch):
    with pytest.raises(DataAccessError, match=r"s3://bucket/none\.csv"):
        fingerprint(f"{s3}/none.csv")
    put(f"{s3}/bad.csv", lambda path: path.write_bytes(b"a,b\n1\n"), tmp_path)
    with pytest.raises(DataFormatError.__mro__[1], match=r"s3://bucket/bad\.csv: row 2"):
        fingerprint(f"{s3}/bad.csv")
    fsspec.filesystem("s3").touch("bucket/empty/x.txt")
    with pytest.raises(EmptyDataError):
        fingerprint(f"{s3}/empty")
    with pytest.raises(MissingReaderError):
        fingerprint("nosuchprotocol://host/a.csv?token=s3cret")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    fsspec.filesystem("s3").clear_instance_cache()
    with pytest.raises(CredentialsError):
        fingerprint(f"{s3}/data/a.csv")
    fsspec.filesystem("s3").clear_instance_cache()


def test_the_copy_is_gone_when_it_has_been_read(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with fsspec.open("memory://folder/a.csv", "wb") as file:
        file.write(b"a\n1\n")
    assert fingerprint("memory://folder/a.csv").rows == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_url_is_a_file_here(tmp_path):
    (tmp_path / "a b.csv").write_text("a\n1\n")
    assert fingerprint(f"file://{tmp_path}/a%20b.csv") == fingerprint(tmp_path / "a b.csv")
    assert open_source(f"file://{tmp_path}/a%20b.csv").files == (tmp_path / "a b.csv",)
