"""The public names of the sandbox with TLS, for a client that demands it: what CloudFront and the others end.

Each name has a certificate, made at run time by an authority that nobody else trusts. Behind it bytes pass as they
are to a server on loopback; to one that is a port of `distribution`, with all that CloudFront does to them.
Simpler than CloudFront: a constant answer is given whatever the rest of the request.
"""

import asyncio
import contextlib
import socket
import ssl
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sandbox.aws.load_balancer import copy_bytes
from sandbox.loopback import make_listener

_DAYS = 90  # what a certificate is good for, unless a test wants another


class Edge:
    """`places`: public host name to the loopback origin behind it; another one may be put behind it at any time.

    `answers`: paths that are answered here, with TwiML, under whatever name.
    """

    def __init__(self, places: Mapping[str, str], answers: Mapping[str, str] | None = None) -> None:
        self.answers = dict(answers or {})
        self.closed: set[str] = set()
        """Names that do not resolve."""
        self._authority = _Authority()
        self.places = dict(places)
        self._contexts = {host: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for host in places}
        self._sockets = {host: make_listener() for host in places}
        self._servers = contextlib.AsyncExitStack()
        for host in places:
            self.issue_certificate(host)

    def issue_certificate(self, host: str, days: float = _DAYS, name: str | None = None) -> None:
        """Give the host another certificate, good for so many days from now (or over since), for another name."""
        self._authority.issue_certificate(self._contexts[host], name or host, days)

    def make_client_context(self) -> ssl.SSLContext:
        """A client's context that trusts these certificates, and no others."""
        return self._authority.make_client_context()

    def connect(self, host: str, port: int) -> socket.socket:
        """What a client does to reach a public name. Raises `OSError`, as for any name that there is not."""
        if host not in self._sockets or host in self.closed or port != 443:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return socket.create_connection(self._sockets[host].getsockname())

    async def __aenter__(self) -> Self:
        for host, listener in self._sockets.items():
            server = await asyncio.start_server(self._make_handler(host), sock=listener, ssl=self._contexts[host])
            self._servers.push_async_callback(_close, server)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._servers.aclose()

    def _make_handler(self, host: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                first = await reader.readline()
                path = first.split(b" ")[1].decode() if first.count(b" ") == 2 else ""
                if path in self.answers:
                    await reader.readuntil(b"\r\n\r\n")
                    writer.write(_make_response(self.answers[path]))
                    await writer.drain()
                elif first:
                    await _relay(urlsplit(self.places[host]).port, first, reader, writer)
            writer.close()

        return carry


async def _relay(port: int | None, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port)
    behind_writer.write(first)
    ways = (copy_bytes(reader, behind_writer), copy_bytes(behind_reader, writer))
    tasks = [asyncio.create_task(way) for way in ways]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    behind_writer.close()
    for task in tasks:
        task.cancel()


async def _close(server: asyncio.Server) -> None:
    server.close()
    server.close_clients()
    await server.wait_closed()


def _make_response(document: str) -> bytes:
    body = document.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
        len(body),
        body,
    )


class _Authority:
    """Certifies names, for as long as this object lives."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Warmline's sandbox")])
        public = self._key.public_key()
        self._certificate = (
            _begin_certificate(self._name, self._name, 365)
            .public_key(public)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_KEY_USAGE, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def make_client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=_to_pem(self._certificate).decode())

    def issue_certificate(self, context: ssl.SSLContext, host: str, days: float) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            _begin_certificate(name, self._name, days)
            .public_key(key.public_key())
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "both.pem"
            file.write_bytes(secret + _to_pem(certificate))
            context.load_cert_chain(file)


_KEY_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _begin_certificate(subject: x509.Name, issuer: x509.Name, days: float) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
    )


def _to_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
