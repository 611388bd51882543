"""Promises about a ledger whose tables are in PostgreSQL: how it is made, found, shared, and refused."""

from __future__ import annotations

import pytest
from store_case import event, everything

import lineproof
from lineproof.errors import (
    KeyFileError,
    NoLedgerError,
    OtherStoreError,
    StoreAddressError,
    StoreLoginError,
    StoreUnreachableError,
    UnknownDatabaseError,
)
from lineproof.store import Ledger


@pytest.fixture
def address(postgres):
    return postgres.new_database()


@pytest.fixture
def stored(address, folder, monkeypatch):
    """A ledger that holds a row in every table."""
    monkeypatch.setenv("LINEPROOF_STORE", address)
    ledger = Ledger.create(folder)
    ledger.append(everything())
    return ledger


def test_a_ledger_in_postgresql_keeps_keys_and_spool_in_its_folder_and_nothing_else(stored):
    names = sorted(path.name for path in stored.folder.iterdir())
    assert names == [
        ".gitignore",
        "keys",
        "objects",
        "sequencer.lock",
        "sequencer.queue",
        "spool",
        "store.json",
    ]
    assert stored.verify().ok
    assert stored.verify().rows_checked > 50


def test_the_folder_alone_finds_the_store(stored, monkeypatch):
    monkeypatch.delenv("LINEPROOF_STORE")
    assert Ledger.open(stored.folder).id == stored.id
    monkeypatch.chdir(stored.root)
    assert lineproof.open().id == stored.id


def test_the_address_alone_opens_a_ledger_to_read(stored, address, monkeypatch, tmp_path_factory):
    monkeypatch.delenv("LINEPROOF_STORE")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    opened = lineproof.open(address)
    assert opened.trace("dataset:train.csv").nodes
    with pytest.raises(KeyFileError):
        opened.stored.append([event()])
    assert not list(elsewhere.iterdir())


def test_making_it_again_joins_it(stored, tmp_path):
    again = Ledger.create(stored.folder)
    other = Ledger.create(tmp_path / "other machine" / ".lineproof")
    assert (again.id, again.made, other.id, other.made) == (stored.id, False, stored.id, False)
    with pytest.raises(KeyFileError):
        other.append([event()])
    for key in (stored.folder / "keys").iterdir():
        (other.folder / "keys" / key.name).write_bytes(key.read_bytes())
    assert other.append([event()]).size == stored.size()
    assert other.verify().ok


def test_a_folder_does_not_take_up_another_ledger(stored, postgres, monkeypatch, tmp_path):
    """A wrong address neither founds a second ledger nor puts keys aside."""
    keys = {path.name: path.read_bytes() for path in (stored.folder / "keys").iterdir()}
    monkeypatch.setenv("LINEPROOF_STORE", postgres.new_database())
    with pytest.raises(OtherStoreError, match="holds none"):
        Ledger.create(stored.folder)
    assert Ledger.create(tmp_path / "another" / ".lineproof").id != stored.id
    with pytest.raises(OtherStoreError, match=stored.id):
        Ledger.create(stored.folder)
    assert {path.name: path.read_bytes() for path in (stored.folder / "keys").iterdir()} == keys


@pytest.mark.sqlite_only
def test_a_folder_with_a_ledger_of_its_own_is_not_mixed_with_a_store(ledger, address, monkeypatch):
    monkeypatch.setenv("LINEPROOF_STORE", address)
    monkeypatch.setenv("LINEPROOF_HOME", str(ledger.folder))
    with pytest.raises(OtherStoreError, match="holds a ledger itself"):
        Ledger.open()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda url, port: f"postgresql://postgres:s3cr%25et@127.0.0.1:{port}/postgres", StoreLoginError),
        (lambda url, port: "postgresql://postgres:s3cr%25et@127.0.0.1:1/postgres", StoreUnreachableError),
        (lambda url, port: "postgresql://a:s3cr%25et@no-such-host.invalid/postgres", StoreUnreachableError),
        (lambda url, port: url.replace("/ledger_", "/no_").replace("//postgres@", "//postgres:s3cr%25et@"), UnknownDatabaseError),
        (lambda url, port: url.replace("//postgres@", "//nobody:s3cr%25et@"), StoreLoginError),
        (lambda url, port: "postgresql://a:s3cr%et@host/x?what=3", StoreAddressError),
        (lambda url, port: "mysql://a:s3cr%25et@host/x", StoreAddressError),
    ],
    ids=["password", "port", "host", "database", "user", "spelling", "scheme"],
)  # fmt: skip
def test_what_is_wrong_with_an_address_is_said_without_its_password(
    address, postgres, folder, monkeypatch, change, error
):
    monkeypatch.setenv("LINEPROOF_STORE", change(address, postgres.port))
    with pytest.raises(error) as raised:
        Ledger.create(folder)
    told = f"{raised.value}{raised.value.remedy}{raised.value.__cause__}"
    assert "s3cr" not in told
    assert raised.value.remedy


def test_an_empty_database_holds_no_ledger(address):
    with pytest.raises(NoLedgerError):
        lineproof.open(address)


def test_a_password_is_in_no_file_of_the_ledger(postgres, folder, monkeypatch):
    postgres.ask("CREATE ROLE writer LOGIN SUPERUSER PASSWORD 'hunter2hunter2'")
    name = postgres.new_database().split("?")[0].rpartition("/")[2]
    monkeypatch.setenv(
        "LINEPROOF_STORE", f"postgresql://writer:hunter2hunter2@127.0.0.1:{postgres.port}/{name}"
    )
    ledger = Ledger.create(folder)
    assert ledger.append(everything()).added == 6
    assert ledger.verify().ok
    for path in folder.rglob("*"):
        assert path.is_dir() or b"hunter2" not in path.read_bytes()
    assert not postgres.ask(
        "SELECT 1 FROM payload WHERE encode(body, 'escape') LIKE '%hunter2%'", postgres.address(name)
    )
    monkeypatch.delenv("LINEPROOF_STORE")
    with pytest.raises(StoreLoginError):
        Ledger.open(folder)
    monkeypatch.setenv("PGPASSWORD", "hunter2hunter2")
    assert Ledger.open(folder).id == ledger.id
