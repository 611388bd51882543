"""The address of a ledger in PostgreSQL, as people give it and as it may be shown."""

from __future__ import annotations

from typing import Any

import msgspec

from lineproof.errors import MissingDriverError, StoreAddressError

__all__ = ["PostgresAddress", "demand_driver", "is_address"]

_SCHEMES = ("postgresql://", "postgres://")
# Of libpq's parameters, the ones that say where a ledger is, and none that opens it.
_PLACE = ("host", "hostaddr", "port", "dbname", "user", "options", "sslmode", "service")


class PostgresAddress(msgspec.Struct, frozen=True):
    """Where a ledger is, in the parameters of libpq.

    Attributes:
        parameters: All of them, a password included.
    """

    parameters: dict[str, Any]

    @classmethod
    def parse(cls, text: str) -> PostgresAddress:
        """Read `postgresql://user:password@host:port/database?parameter=…`.

        Raises:
            StoreAddressError: It is not of this form.
            MissingDriverError: What talks to PostgreSQL is not installed.
        """
        if not is_address(text):
            raise StoreAddressError("LINEPROOF_STORE is no address that starts with postgresql://")
        demand_driver()
        from psycopg import ProgrammingError  # noqa: PLC0415 - only who has a server pays
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - same

        try:
            found = conninfo_to_dict(text)
        except ProgrammingError:
            # What libpq says of it may quote a part of the password.
            raise StoreAddressError("the address of the store cannot be read") from None
        return cls({name: value for name, value in found.items() if value not in (None, "")})

    @property
    def title(self) -> str:
        """The address as messages show it."""
        stated = self.parameters
        user = f"{stated['user']}@" if "user" in stated else ""
        port = f":{stated['port']}" if "port" in stated else ""
        host = str(stated.get("host", ""))
        where, socket = ("", f"?host={host}") if host.startswith("/") else (host, "")
        return f"postgresql://{user}{where}{port}/{stated.get('dbname', '')}{socket}"

    @property
    def place(self) -> dict[str, str]:
        """The parameters that may be written down."""
        return {name: str(self.parameters[name]) for name in _PLACE if name in self.parameters}


def demand_driver() -> None:
    """See that what talks to PostgreSQL is installed.

    Raises:
        MissingDriverError: It is not.
    """
    try:
        import psycopg  # noqa: F401, PLC0415 - only who has a server pays
    except ImportError as error:
        raise MissingDriverError("a ledger in PostgreSQL needs psycopg") from error


def is_address(text: str) -> bool:
    """Tell whether a location is the address of a PostgreSQL database."""
    return text.startswith(_SCHEMES)
