"""Sockets on loopback whose small messages leave at once.

asyncio switches Nagle's algorithm off only for a socket that names TCP as its protocol, and most ways to make one leave
the protocol at 0. With it an answer in two pieces takes 40 ms longer: every call of an AWS SDK, every frame of audio.
"""

import socket
from asyncio.trsock import TransportSocket

_SEGMENT_BYTES = 1460  # of an Ethernet; loopback's are 64 KiB, and the kernel reserves room for many of them
_BUFFER_BYTES = 4096  # the kernel takes more: half a megabyte is on its way at the most before a sender waits


def make_listener(port: int = 0) -> socket.socket:
    """A server's socket, listening already: who connects before the server runs is not refused. 0: a free port.

    Raises `OSError` if the port is in use.
    """
    server = make_client()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", port))
        server.listen(128)
    except OSError:
        server.close()
        raise
    return server


def make_client() -> socket.socket:
    """A client's socket, not yet connected."""
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    client.setblocking(False)
    return client


def shrink_buffers(server: socket.socket | TransportSocket) -> None:
    """Whoever connects to this socket can have as little on its way as on the internet, not the megabytes of loopback.

    So a reader that is too slow is noticed after seconds of audio and not after minutes.
    """
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT_BYTES)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
