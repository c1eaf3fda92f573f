"""One WebSocket connection of the doctor's, in turns: a message is sent, then one is waited for.

`websockets` encodes and decodes; the socket is read here, with a time limit for each step. The library's own blocking
client is not used: it joins its reader thread without a limit, and that thread may read from a file descriptor that was
closed and reused for another socket.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Self
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from doctor.errors import DoctorError
from doctor.network import Network, explain_network_error

ACCEPTED = 101
MAX_MESSAGE_BYTES = 1024 * 1024


class WebSocket:
    """Open from the beginning, if `status` is ACCEPTED. Every method raises `DoctorError`."""

    def __init__(self, network: Network, url: str, headers: Mapping[str, str]) -> None:
        """`url`: wss, with a host."""
        uri = parse_uri(url)
        self._host = urlsplit(url).hostname or ""
        self._texts: list[str] = []
        self._stream = ClientProtocol(uri, max_size=MAX_MESSAGE_BYTES)  # no extensions, because Twilio offers none
        request = self._stream.connect()
        request.headers["User-Agent"] = "warmline-doctor"
        request.headers.update(headers)
        self._stream.send_request(request)
        self._connection = network.open_tls(uri.host, uri.port)
        try:
            self.status = self._shake_hands()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream.state is State.OPEN:  # else the server closed it together with its answer
            self._stream.send_close(CloseCode.NORMAL_CLOSURE)
        with contextlib.closing(self._connection), contextlib.suppress(OSError):
            self._connection.sendall(b"".join(self._stream.data_to_send()))

    def send(self, text: bytes) -> None:
        """Nothing is sent to a server that has closed: what it said before is still to be received."""
        if self._stream.state is State.OPEN:
            self._stream.send_text(text)
            self._exchange(lambda: True)

    def receive(self) -> str:
        """The next text message."""
        self._exchange(lambda: bool(self._texts) or self._stream.state is not State.OPEN)
        if not self._texts:
            raise DoctorError(f"{self._host} closed the connection")
        return self._texts.pop(0)

    def _shake_hands(self) -> int:
        """The HTTP status."""
        self._exchange(lambda: bool(self._stream.handshake_exc) or self._stream.state is not State.CONNECTING)
        if isinstance(self._stream.handshake_exc, InvalidStatus):
            return int(self._stream.handshake_exc.response.status_code)
        if self._stream.handshake_exc:
            raise DoctorError(f"{self._host} does not speak WebSocket ({type(self._stream.handshake_exc).__name__})")
        return ACCEPTED

    def _exchange(self, is_enough: Callable[[], bool]) -> None:
        """Send what there is to send, and read until it is enough."""
        try:
            while True:
                self._connection.sendall(b"".join(self._stream.data_to_send()))
                self._take_in()
                if is_enough():
                    return
                if received := self._connection.recv(65536):
                    self._stream.receive_data(received)
                else:
                    self._stream.receive_eof()
        except OSError as error:
            raise explain_network_error(error, self._host) from None

    def _take_in(self) -> None:
        for event in self._stream.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._texts.append(bytes(event.data).decode(errors="replace"))
