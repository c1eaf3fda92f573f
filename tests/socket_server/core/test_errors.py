"""Who is to blame."""

import pytest

from socket_server.core.errors import ModelRefusedError, ProtocolError


def test_a_protocol_error_names_the_peer_that_broke_the_protocol() -> None:
    error = ProtocolError("phone", "expected text")

    assert (error.peer, str(error)) == ("phone", "phone: expected text")


@pytest.mark.parametrize(("status", "hopeless"), [(None, False), (401, True), (404, True), (429, False), (503, False)])
def test_a_refusal_that_would_come_again_is_hopeless(status: int | None, hopeless: bool) -> None:
    error = ModelRefusedError("HTTP", status)

    assert (error.hopeless, str(error)) == (hopeless, "HTTP")
