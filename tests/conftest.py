"""Fixtures that tests of all rooms share."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from lineproof.store import Ledger

# A shell starts background jobs with Ctrl-C ignored, and programs inherit that: tests of Ctrl-C need it back.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Looking at the data of each run costs a second; the tests of that give a budget, the others none.
os.environ.setdefault("LINEPROOF_STATES_BYTES", "0")

ROOT = Path(__file__).resolve().parent.parent

# Of all rooms: tests of a room import it by this name. Environments of their own have no driver for it.
if importlib.util.find_spec("psycopg") is not None:
    _spec = importlib.util.spec_from_file_location("postgres", Path(__file__).parent / "postgres.py")
    sys.modules["postgres"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["postgres"])

# The examples that a test draws are the same each time, and none is too slow on a busy machine: whether a
# change is good must not depend on luck.
if importlib.util.find_spec("hypothesis") is not None:
    from hypothesis import HealthCheck, settings

    settings.register_profile(
        "same",
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    settings.load_profile("same")


_homes = count()


@pytest.fixture(scope="session", autouse=True)
def _leaves_your_own_state_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests see of ledgers is not remembered where the user's own is, from the first fixture on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def _sees_every_ledger_for_the_first_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test has seen of a ledger is not held against what the next one makes of it."""
    monkeypatch.setenv("XDG_STATE_HOME", f"{os.environ['XDG_STATE_HOME']}/{next(_homes)}")


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Folder of the public conformance data; tests that need it skip where it is not there."""
    folder = Path(os.environ.get("LINEPROOF_VECTORS", ROOT.parent / "shared" / "vectors"))
    if not folder.is_dir():
        pytest.skip(f"no conformance data at {folder}; set LINEPROOF_VECTORS to its folder")
    return folder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is promised of a ledger over both databases.

    Tests marked `both_stores` always do; with LINEPROOF_MATRIX set, all do that make a ledger by a fixture,
    but for those marked `sqlite_only`: they speak of its file.
    """
    if "store" not in metafunc.fixturenames:
        return
    marked = metafunc.definition.get_closest_marker
    both = marked("both_stores") or os.environ.get("LINEPROOF_MATRIX")
    kinds = ["sqlite", "postgresql"] if both and not marked("sqlite_only") else ["sqlite"]
    metafunc.parametrize("store", kinds, scope="session", indirect=True)


@pytest.fixture(scope="session")
def store(request: pytest.FixtureRequest) -> Callable[[Path], Ledger]:
    """Makes ledgers in the folder that it is given, their tables in the database of this round."""
    if request.param == "sqlite":
        return Ledger.create
    server = request.getfixturevalue("postgres")

    def create(folder: Path) -> Ledger:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LINEPROOF_STORE", server.new_schema())
            return Ledger.create(folder)

    return create


@pytest.fixture(scope="session")
def postgres() -> Iterator[object]:
    """A PostgreSQL server that all tests of this process share; who breaks it takes one of their own."""
    server = sys.modules["postgres"].Server()
    yield server
    server.stop()
