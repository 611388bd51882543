"""A time-stamping authority on this machine: `openssl ts` behind HTTP, with certificates of its own."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CONFIG = """
[tsa]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certificates(folder: Path) -> None:
    """Write a root, and a certificate for time-stamping that it issued."""
    moment = dt.datetime.now(dt.UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def builder(subject: str, public: object) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_named(subject))
            .issuer_name(_named("test root"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(moment - dt.timedelta(days=1))
            .not_valid_after(moment + dt.timedelta(days=30))
        )

    root = (
        builder("test root", root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    issued = builder("test authority", key.public_key()).add_extension(usage, critical=True)
    pem = serialization.Encoding.PEM
    (folder / "root.pem").write_bytes(root.public_bytes(pem))
    (folder / "tsa.pem").write_bytes(issued.sign(root_key, hashes.SHA256()).public_bytes(pem))
    (folder / "tsa.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


class Authority:
    """It runs until it is closed.

    Attributes:
        url: Where it answers.
        root: PEM of the certificate that issued its own.
    """

    certificates = staticmethod(certificates)

    def __init__(self, folder: Path) -> None:
        certificates(folder)
        (folder / "serial").write_text("01")
        (folder / "config").write_text(_CONFIG.format(folder=folder))
        command = ["openssl", "ts", "-reply", "-config", folder / "config", "-section", "tsa"]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                (folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
                subprocess.run(
                    [*command, "-queryfile", folder / "query", "-out", folder / "reply"],
                    check=True,
                    capture_output=True,
                )
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write((folder / "reply").read_bytes())

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self.root = folder / "root.pem"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    if shutil.which("openssl") is None:
        message = "no openssl: apt-get install openssl"
        pytest.fail(message) if os.environ.get("LINEPROOF_REQUIRE") else pytest.skip(message)
    running = Authority(tmp_path_factory.mktemp("authority"))
    yield running
    running.close()
