"""Who is let in, and how many."""

import asyncio
from typing import Any

import pytest
from starlette.websockets import WebSocket

from socket_server.admission_control import AdmissionControl
from socket_server.call.services import Services
from socket_server.call.timer import now_ms
from socket_server.core.agent import Agent
from socket_server.core.events import Draining
from socket_server.settings import read_settings
from tests.socket_server.call.test_call import Memory, Moving
from tests.socket_server.fakes import METRICS, OPENAI, TARIFF, Line, empty_session_pool, stream_auth
from tests.socket_server.phone import sign
from tests.socket_server.test_settings import REQUIRED

type Message = dict[str, Any]


def make_admission_control(max_calls: int = 1, **environment: str) -> AdmissionControl:
    settings = read_settings(REQUIRED | {"MAX_CALLS": str(max_calls)} | environment)
    called = Agent("x", "x"), Moving(), Memory(), OPENAI, empty_session_pool(), TARIFF, METRICS
    return AdmissionControl(Services(*called, stream_auth(settings)), settings)


def dials(line: Line, headers: dict[str, str] | None = None) -> tuple[WebSocket, list[Message]]:
    """A handshake that Twilio signed, or one with these headers; what the server answers is added to the list."""
    signed = sign(REQUIRED["STREAM_URL"], REQUIRED["TWILIO_AUTH_TOKEN"]) if headers is None else headers
    scope, answers = line.websocket.scope, list[Message]()
    scope["headers"] = [(name.encode(), value.encode()) for name, value in signed.items()]
    scope["extensions"]["websocket.http.response"] = {}

    async def answer(message: Message) -> None:
        answers.append(message)

    return WebSocket(scope, line.websocket.receive, answer), answers  # type: ignore[arg-type]  # the same, as dicts


async def test_closed_doors_let_nobody_in_and_send_nobody_away_before_the_time() -> None:
    admission_control = make_admission_control(max_calls=2)
    inside = Line()
    websocket, _ = dials(inside)
    talking = asyncio.create_task(admission_control.media_stream(websocket))
    await asyncio.sleep(0)  # it listens from its first step
    admission_control.close(Draining(now_ms() + 100_000, now_ms() + 106_000))

    refused, answers = dials(Line())
    await admission_control.media_stream(refused)
    assert [message.get("status") for message in answers] == [503, None]
    assert (admission_control.closed, admission_control.calls) == (True, 1)

    inside.leave()
    await asyncio.wait([talking])
    assert admission_control.calls == 0


async def test_closed_doors_refuse_a_stream_that_twilio_did_not_sign_as_ever() -> None:
    admission_control = make_admission_control()
    admission_control.close(Draining(0, 0))
    websocket, answers = dials(Line(), {})
    await admission_control.media_stream(websocket)
    assert answers[0]["status"] == 403


async def test_a_stream_that_twilio_did_not_sign_gets_403() -> None:
    admission_control = make_admission_control()
    websocket, answers = dials(Line(), {"x-twilio-signature": "forged"})
    await admission_control.media_stream(websocket)
    assert answers[0] == {"type": "websocket.http.response.start", "status": 403, "headers": answers[0]["headers"]}
    assert admission_control.calls == 0


@pytest.mark.parametrize("fate", ["leaves", "breaks off"])
async def test_the_stream_that_is_one_too_many_gets_503_until_another_has_ended(fate: str) -> None:
    admission_control = make_admission_control(max_calls=1)
    first = Line()
    websocket, _ = dials(first)
    talking = asyncio.create_task(admission_control.media_stream(websocket))
    await asyncio.sleep(0)  # it listens from its first step
    assert admission_control.calls == 1

    refused, answers = dials(Line())
    await admission_control.media_stream(refused)
    assert [message.get("status") for message in answers] == [503, None]
    assert admission_control.calls == 1

    if fate == "leaves":
        first.leave()
    else:
        talking.cancel()
    await asyncio.wait([talking])
    assert admission_control.calls == 0


@pytest.mark.parametrize(
    ("late_ms", "most_ms", "talking", "let_in"),
    [(31.0, "30", True, False), (31.0, "30", False, True), (29.0, "30", True, True), (9000.0, "0", True, True)],
)
async def test_a_late_loop_takes_no_second_call(late_ms: float, most_ms: str, talking: bool, let_in: bool) -> None:
    admission_control = make_admission_control(max_calls=9, MAX_LAG_MS=most_ms)
    inside, second = Line(), Line()
    calls = [asyncio.create_task(admission_control.media_stream(dials(inside)[0]))] if talking else []
    await asyncio.sleep(0)  # it listens from its first step
    admission_control.lag.observe(late_ms)

    websocket, answers = dials(second)
    calls.append(asyncio.create_task(admission_control.media_stream(websocket)))
    await asyncio.sleep(0)
    assert (answers[0]["type"] == "websocket.accept") is let_in

    inside.leave()
    second.leave()
    await asyncio.wait(calls)
