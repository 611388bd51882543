"""sqlite3: many programs import it and connect to nothing; what following takes is loaded by the first connection."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.patches.databases.drivers import SqliteDriver
    from lineproof.capture.session import Session

__all__ = ["SqlitePatch"]


class SqlitePatch:
    """Observes `sqlite3`."""

    library = "sqlite3"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap `connect`; cursors and connections when there is one."""
        self._module = module
        self._session = session
        self._driver: SqliteDriver | None = None
        for owner in (module, module.dbapi2):
            session.instrument.wrap(owner, "connect", name="sqlite3.connect", after=self._connected)

    def _connected(self, call: Call) -> None:
        if self._driver is None:
            from lineproof.capture.patches.databases.drivers import SqliteDriver

            self._driver = SqliteDriver()
            self._driver.install(self._module, self._session)
        self._driver.connected(call.result)
