"""Objects wherever they are: on disk, in memory of another kind of file system, behind a real S3 protocol."""

import hashlib
import threading
import time

import pytest

from lineproof.errors import LedgerFullError, ObjectAccessError, ObjectError
from lineproof.store.objects import LocalObjects, open_objects
from lineproof.store.objects.collect import collect

SECRET = "not-a-real-secret-4711"


@pytest.fixture(scope="session")
def s3():
    """A server that speaks S3, and a bucket in it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3, monkeypatch):
    import boto3
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()  # other tests have servers of their own
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3,
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=s3)
    name = f"ledger-{time.time_ns()}"
    client.create_bucket(Bucket=name)
    yield client, name
    client.close()
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture(params=["folder", "memory", "s3"])
def objects(request, tmp_path, monkeypatch):
    if request.param == "folder":
        return LocalObjects(tmp_path / "objects")
    if request.param == "memory":
        monkeypatch.setenv("LINEPROOF_OBJECTS", f"memory://{tmp_path.name}{time.time_ns()}")
    else:
        _, name = request.getfixturevalue("bucket")
        monkeypatch.setenv("LINEPROOF_OBJECTS", f"s3://{name}/audit")
    return open_objects(tmp_path / "unused", "ledger-1")


def test_what_is_put_comes_back_and_is_kept_once(objects, tmp_path):
    file = tmp_path / "large.bin"
    file.write_bytes(b"x" * (2 << 20))
    digest = objects.put(b"x" * (2 << 20))
    assert digest == f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
    assert objects.put(file) == digest
    assert objects.get(digest) == file.read_bytes()
    assert objects.has(digest)
    assert [(one.digest, one.size_bytes) for one in objects.kept()] == [(digest, 2 << 20)]


def test_what_is_removed_is_gone_and_said_to_be(objects):
    digest = objects.put(b"patch")
    objects.remove(digest)
    objects.remove(digest)
    assert not objects.has(digest)
    assert list(objects.kept()) == []
    with pytest.raises(ObjectError):
        objects.get(digest)


def test_writers_of_the_same_content_meet_in_one_object(objects):
    threads = [threading.Thread(target=objects.put, args=(b"same" * 1000,)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(list(objects.kept())) == 1


def test_only_what_nothing_names_is_old_and_not_held_is_removed(objects):
    named, held, old = (objects.put(word) for word in (b"named", b"held", b"old"))
    payloads = [f'{{"patch_digest":"{named}"}}'.encode()]
    dry = collect(objects, payloads, grace_s=0, held=lambda one: one == held, dry_run=True)
    assert (dry.removed, dry.held, dry.objects) == ([old], [held], 3)
    young = collect(objects, payloads, grace_s=3600, held=lambda _: False)
    assert (young.removed, sorted(young.young)) == ([], sorted([held, old]))
    done = collect(objects, payloads, grace_s=0, held=lambda one: one == held)
    assert done.removed == [old]
    assert {one.digest for one in objects.kept()} == {named, held}


def test_an_object_altered_in_the_bucket_is_refused(bucket, tmp_path, monkeypatch):
    client, name = bucket
    monkeypatch.setenv("LINEPROOF_OBJECTS", f"s3://{name}")
    objects = open_objects(tmp_path, "ledger-1")
    digest = objects.put(b"patch")
    (there,) = client.list_objects_v2(Bucket=name)["Contents"]
    assert there["Key"].endswith(digest.removeprefix("sha256:"))
    client.put_object(Bucket=name, Key=there["Key"], Body=b"hctap")
    with pytest.raises(ObjectError, match="does not hold the bytes"):
        objects.get(digest)


def test_failures_of_the_place_are_errors_that_tell_no_secret(bucket, tmp_path, monkeypatch):
    monkeypatch.setenv("LINEPROOF_OBJECTS", "s3://no-such-bucket-here/x")
    with pytest.raises((ObjectAccessError, ObjectError, LedgerFullError)) as missing:
        open_objects(tmp_path, "l").put(b"a")
    monkeypatch.setenv("LINEPROOF_OBJECTS", f"nosuch://user:{SECRET}@host/x?token={SECRET}")
    with pytest.raises(ObjectAccessError) as unknown:
        open_objects(tmp_path, "l")
    for error in (missing.value, unknown.value):
        assert SECRET not in f"{error} {error.remedy}"
    assert "nosuch://host/x" in str(unknown.value)


def test_a_stated_folder_holds_one_folder_for_each_ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("LINEPROOF_OBJECTS", str(tmp_path / "shared"))
    first, second = open_objects(tmp_path, "one"), open_objects(tmp_path, "two")
    digest = first.put(b"a")
    assert not second.has(digest)
