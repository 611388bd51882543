"""A time-stamping authority, RFC 3161: it signs that a checkpoint existed at a time, and keeps nothing.

Its tokens are kept in a file elsewhere, a line each, and in the log's own entries. Whoever has the certificate
of the authority can check them without it.
"""

from __future__ import annotations

import base64
import fcntl
import os
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

import msgspec

from lineproof.errors import WitnessError
from lineproof.store.witness.interface import Kept

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["Token", "TsaKeeper", "check_token"]

_TIMEOUT_S = 30.0
_LONGEST = 200_000  # bytes of an answer, or of a line
_INSTALL = "pip install 'lineproof[witness]'"


class Token(msgspec.Struct, frozen=True):
    """A line of the file.

    Attributes:
        checkpoint: The signed note.
        token: The authority's answer for its bytes (`TimeStampResp`, DER) in base64.
    """

    checkpoint: str
    token: str


class TsaKeeper:
    """Has checkpoints time-stamped.

    Args:
        location: URL of the authority.
        certificate: Certificates that are trusted to have issued its own, PEM.
        tokens: Path of the file that keeps its tokens.
    """

    kind: ClassVar[str] = "tsa"

    def __init__(self, location: str, certificate: str | None, tokens: str | None) -> None:
        if not location.startswith(("http://", "https://")):
            raise WitnessError(f"{location} is no time-stamping authority", "give its URL, http(s)://…")
        if certificate is None or tokens is None:
            raise WitnessError(
                "a time-stamping authority needs its certificate and a place for its tokens",
                "give --certificate FILE (PEM, of who issued the authority's own) and --tokens FILE, elsewhere",
            )
        self._url = location
        self._roots = certificate
        self._path = Path(tokens)

    @property
    def nearby(self) -> bool:
        """Always: what it signed is checked with its certificate alone."""
        return True

    def kept(self, origin: str) -> Kept:
        """Give the checkpoints of this log whose tokens hold, in the order of the file."""
        _client()  # what cannot be checked is not damaged
        found, damage = [], []
        try:
            with self._path.open("rb") as file:
                lines = list(file)
        except OSError as error:
            raise WitnessError(f"cannot open {self._path}: {error.strerror}") from error
        for number, line in enumerate(lines, start=1):
            try:
                one = msgspec.json.decode(line, type=Token)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                damage.append(f"line {number} of {self._path} is not one that was written there")
                continue
            if not one.checkpoint.startswith(f"{origin}\n"):
                continue
            try:
                check_token(one, self._roots)
            except WitnessError as error:
                damage.append(f"the token in line {number} of {self._path} does not hold: {error.message}")
            else:
                found.append(one.checkpoint)
        return Kept(tuple(found), tuple(damage))

    def keep(self, origin: str, note: str) -> str:
        """Have it time-stamped; the token is durable and checked when this returns, and given back."""
        del origin  # it is the note's first line
        token = Token(note, base64.b64encode(self._ask(note)).decode())
        time = check_token(token, self._roots)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.write(msgspec.json.encode(token) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise WitnessError(f"cannot write {self._path}: {error.strerror}") from error
        return f"{time} {token.token}"

    def _ask(self, note: str) -> bytes:
        client = _client()
        query = client.TimestampRequestBuilder(data=note.encode(), hash_algorithm=client.HashAlgorithm.SHA256)
        request = urllib.request.Request(  # noqa: S310 - the scheme is http or https
            self._url,
            data=query.build().as_bytes(),
            headers={"Content-Type": "application/timestamp-query"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - same
                data = answer.read(_LONGEST)
        except (OSError, ValueError) as error:
            raise WitnessError(f"{self._url} does not answer: {error}") from error
        return bytes(data)


def check_token(token: Token, roots: str) -> str:
    """Check that an authority signed a checkpoint, with nothing but certificates; give the time that it states.

    Args:
        token: What it gave.
        roots: Certificates that are trusted, PEM.

    Raises:
        WitnessError: It does not hold, or what checks it is not installed.

    Source: RFC 3161, section 2.4.2.
    """
    # 1. The answer must be one, and grant the request.
    # 2. Its signature must be made by a certificate for time-stamping that a trusted one issued, valid then.
    # 3. What it signed must be the digest of this checkpoint.
    client = _client()
    try:
        response = client.decode_timestamp_response(base64.b64decode(token.token, validate=True))
        builder = client.VerifierBuilder()
        for certificate in _certificates(roots):
            builder = builder.add_root_certificate(certificate)
        builder.build().verify_message(response, token.checkpoint.encode())
        return str(response.tst_info.gen_time.isoformat())
    except (ValueError, TypeError, AttributeError, client.VerificationError) as error:
        raise WitnessError(f"no time stamp of the authority: {error}") from error


def _certificates(pem: str) -> Sequence[Certificate]:
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - heavy

    return load_pem_x509_certificates(pem.encode())


def _client() -> ModuleType:
    try:
        import rfc3161_client  # noqa: PLC0415 - only who has such a witness needs it
    except ImportError as error:
        raise WitnessError("time-stamping authorities need rfc3161-client", _INSTALL) from error
    return rfc3161_client
