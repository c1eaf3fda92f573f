"""The doctor's HTTPS client: one request, one response, no redirects, and errors that say what happened.

The sandbox passes its own `connect` and TLS context, so that public names lead to it. Proxies are not supported.
"""

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from doctor.errors import DoctorError

STEP_TIMEOUT_S = 10.0  # for each step: to connect, to get an answer. Twilio waits 15 s in total.
MAX_BODY_BYTES = 1024 * 1024

type Connect = Callable[[str, int], socket.socket]


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    content_type: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


def connect(host: str, port: int) -> socket.socket:
    return socket.create_connection((host, port), STEP_TIMEOUT_S)


class Network:
    def __init__(self, connect: Connect = connect, tls_context: ssl.SSLContext | None = None) -> None:
        self._connect = connect
        self._tls_context = tls_context or ssl.create_default_context()
        self._tls_context.minimum_version = ssl.TLSVersion.TLSv1_2

    def open_tls(self, host: str, port: int = 443) -> ssl.SSLSocket:
        """A TLS connection to a server whose certificate is valid. Raises `DoctorError`."""
        try:
            connection = self._connect(host, port)
        except OSError as error:
            raise explain_network_error(error, host) from None
        connection.settimeout(STEP_TIMEOUT_S)
        try:
            return self._tls_context.wrap_socket(connection, server_hostname=host)
        except OSError as error:
            connection.close()
            raise explain_network_error(error, host) from None

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """The response, whatever its status. Raises `DoctorError`."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "https" or not host:
            raise DoctorError(f"expected an https URL, got {url!r}")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = http.client.HTTPConnection(host)
        connection.sock = self.open_tls(host, parts.port or 443)
        own = {"Host": parts.netloc, "User-Agent": "warmline-doctor", "Connection": "close"}
        try:
            connection.request(method, target, body, own | dict(headers or {}))
            response = connection.getresponse()
            received = response.read(MAX_BODY_BYTES)
        except http.client.HTTPException as error:
            raise DoctorError(f"{host} answered with something other than HTTP ({type(error).__name__})") from None
        except OSError as error:
            raise explain_network_error(error, host) from None
        finally:
            connection.close()
        return Response(response.status, response.headers.get("Content-Type", ""), received)


def explain_network_error(error: OSError, host: str) -> DoctorError:
    """What an error of a socket means for the user."""
    match error:
        case ssl.SSLCertVerificationError():
            return DoctorError(f"the certificate of {host} is not valid: {error.verify_message}")
        case ssl.SSLError():
            return DoctorError(f"{host} does not speak TLS 1.2 or later ({error.reason or type(error).__name__})")
        case socket.gaierror():
            return DoctorError(f"the name {host} does not resolve", "check the network, and that the name is right")
        case TimeoutError():
            return DoctorError(f"{host} did not answer within {STEP_TIMEOUT_S:.0f} s", "check the network; try again")
        case _:
            reason = error.strerror or type(error).__name__
            return DoctorError(f"{host} could not be reached: {reason}", "check the network; try again")
