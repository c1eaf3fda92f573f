"""Who is to blame."""

from socket_server.errors import ProtocolError


def test_a_protocol_error_names_the_peer_that_broke_the_protocol() -> None:
    error = ProtocolError("phone", "expected text")

    assert (error.peer, str(error)) == ("phone", "phone: expected text")
