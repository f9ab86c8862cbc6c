"""https: the name is verified and sent as SNI, though the connection goes to a checked address."""

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pipelines import ErrorClass
from pipelines.egress import connection
from tests.integration.http_tool.calling import call, error_of

NAME = "api.example"


class TlsServer:
    """Answers one request over TLS, with a certificate of its own for `NAME`; `names` are the SNI names it heard."""

    def __init__(self, certificate: Path, *, location: str | None = None) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.names: list[str] = []
        self._context = context
        self._location = location
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        with self._listener:
            raw, _ = self._listener.accept()
        raw.settimeout(5)
        try:
            with self._context.wrap_socket(raw, server_side=True) as connection:
                connection.recv(65536)
                head = f"HTTP/1.1 302 Found\r\nlocation: {self._location}" if self._location else "HTTP/1.1 200 OK"
                connection.sendall(f"{head}\r\ncontent-length: 6\r\n\r\nsecret".encode())
        except OSError:
            raw.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(connection, "ssl_context", lambda: context)
    return


def loopback(host: str, port: int, timeout: float) -> list[str]:
    return ["127.0.0.1"]


@pytest.mark.usefixtures("trusted")
def test_the_name_is_verified_and_sent_though_the_address_is_pinned(certificate: Path) -> None:
    server = TlsServer(certificate)

    output = call({"url": f"https://{NAME}:{server.port}/"}, allow=[f"{NAME}:{server.port}"], resolve=loopback)

    server.thread.join(5)
    assert output["text"] == "secret"
    assert server.names == [NAME]


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_refused(certificate: Path) -> None:
    server = TlsServer(certificate)

    error = error_of(
        {"url": f"https://other.example:{server.port}/"}, allow=[f"other.example:{server.port}"], resolve=loopback
    )

    server.thread.join(5)
    assert (error.error_class, error.code) == (ErrorClass.RETRYABLE, "connect_failed")
    assert "certificate" in error.message


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    server = TlsServer(certificate)

    error = error_of({"url": f"https://{NAME}:{server.port}/"}, allow=[f"{NAME}:{server.port}"], resolve=loopback)

    server.thread.join(5)
    assert "certificate" in error.message


@pytest.mark.usefixtures("trusted")
def test_a_redirect_from_https_to_http_is_refused(certificate: Path) -> None:
    server = TlsServer(certificate, location=f"http://{NAME}/")
    given = {"url": f"https://{NAME}:{server.port}/", "follow_redirects": 1}

    error = error_of(given, allow=[f"{NAME}:{server.port}"], resolve=loopback)

    server.thread.join(5)
    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "redirect_refused")
