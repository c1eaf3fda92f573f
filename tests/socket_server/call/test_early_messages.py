"""What the model says before its session is ready."""

import pytest

from socket_server.call.early_messages import EarlyMessages
from socket_server.core.errors import ProtocolError
from socket_server.core.events import ModelAudio, ResponseCreated
from tests.socket_server.fakes import payload

CREATED = ResponseCreated("r0")
AUDIO = ModelAudio("r0", "i0", payload(bytes(160)))


def test_what_comes_too_early_is_kept_in_order_and_taken_once() -> None:
    early = EarlyMessages()
    early.keep(CREATED, 100)
    early.keep(AUDIO, 400)

    assert (early.take(), early.take()) == ([CREATED, AUDIO], [])


def test_too_much_is_refused_and_what_came_before_stays() -> None:
    early = EarlyMessages(early_bytes=500)
    early.keep(AUDIO, 400)
    with pytest.raises(ProtocolError, match="more than 500 bytes before its session was ready"):
        early.keep(AUDIO, 101)

    assert early.take() == [AUDIO]
    early.keep(AUDIO, 500)
    assert early.take() == [AUDIO]
