"""Who is let in, and how many."""

import asyncio
from typing import Any

import pytest
from starlette.websockets import WebSocket

from socket_server.admission_control import AdmissionControl
from socket_server.call.call import FULL, NORMAL
from socket_server.call.services import Services
from socket_server.call.timer import now_ms
from socket_server.core.agent import Agent
from socket_server.core.events import Draining
from socket_server.settings import read_settings
from tests.socket_server.call.test_call import Memory, Moving
from tests.socket_server.fakes import METRICS, OPENAI, TARIFF, Line, empty_session_pool, stream_auth
from tests.socket_server.phone import TOKEN_SECRET, sign
from tests.socket_server.test_settings import REQUIRED

type Message = dict[str, Any]


def make_admission_control(max_calls: int = 1, **environment: str) -> AdmissionControl:
    settings = read_settings(
        REQUIRED | {"MAX_CALLS": str(max_calls), "STREAM_TOKEN_SECRET": TOKEN_SECRET} | environment
    )
    called = Agent("x", "x"), Moving(), Memory(), OPENAI, empty_session_pool(), TARIFF, METRICS
    return AdmissionControl(Services(*called, stream_auth(settings)), settings)


def dial(line: Line, headers: dict[str, str] | None = None) -> tuple[WebSocket, list[Message]]:
    """A handshake that Twilio signed, or one with these headers; what the server answers is added to the list."""
    signed = sign(REQUIRED["STREAM_URL"], REQUIRED["TWILIO_AUTH_TOKEN"]) if headers is None else headers
    scope, answers = line.websocket.scope, list[Message]()
    scope["headers"] = [(name.encode(), value.encode()) for name, value in signed.items()]
    scope["extensions"]["websocket.http.response"] = {}

    async def answer(message: Message) -> None:
        answers.append(message)

    return WebSocket(scope, line.websocket.receive, answer), answers  # type: ignore[arg-type]  # the same, as dicts


async def begin_call(admission_control: AdmissionControl, line: Line) -> asyncio.Task[None]:
    """A stream that has become a call."""
    talking = asyncio.create_task(admission_control.media_stream(dial(line)[0]))
    await asyncio.sleep(0)  # it listens from its first step
    line.start()
    before = admission_control.calls
    for _ in range(10):  # more steps than the admission has; none waits for anything
        await asyncio.sleep(0)
    assert admission_control.calls == before + 1
    return talking


async def test_a_draining_process_takes_nobody_and_sends_nobody_away_before_the_time() -> None:
    admission_control = make_admission_control(max_calls=2)
    inside = Line()
    talking = await begin_call(admission_control, inside)
    admission_control.close(Draining(now_ms() + 100_000, now_ms() + 106_000))

    refused, answers = dial(Line())
    await admission_control.media_stream(refused)
    assert [message.get("status") for message in answers] == [503, None]
    assert (admission_control.closed, admission_control.calls) == (True, 1)

    inside.leave()
    await asyncio.wait([talking])
    assert (admission_control.calls, admission_control.streams) == (0, 0)


async def test_a_draining_process_waits_for_a_stream_that_may_become_a_call() -> None:
    admission_control, line = make_admission_control(), Line()
    websocket, answers = dial(line)
    waiting = asyncio.create_task(admission_control.media_stream(websocket))
    await asyncio.sleep(0)  # it listens from its first step
    admission_control.close(Draining(now_ms(), now_ms()))
    assert (admission_control.calls, admission_control.streams) == (0, 1)

    line.start()
    await asyncio.wait([waiting])
    assert (answers[-1]["code"], admission_control.streams) == (NORMAL, 0)


async def test_a_draining_process_refuses_a_stream_that_twilio_did_not_sign_as_ever() -> None:
    admission_control = make_admission_control()
    admission_control.close(Draining(0, 0))
    websocket, answers = dial(Line(), {})
    await admission_control.media_stream(websocket)
    assert answers[0]["status"] == 403


async def test_a_stream_that_twilio_did_not_sign_gets_403() -> None:
    admission_control = make_admission_control()
    websocket, answers = dial(Line(), {"x-twilio-signature": "forged"})
    await admission_control.media_stream(websocket)
    assert answers[0] == {"type": "websocket.http.response.start", "status": 403, "headers": answers[0]["headers"]}
    assert admission_control.calls == 0


@pytest.mark.parametrize("fate", ["leaves", "breaks off"])
async def test_the_call_that_is_one_too_many_gets_503_until_another_has_ended(fate: str) -> None:
    admission_control = make_admission_control(max_calls=1)
    first = Line()
    talking = await begin_call(admission_control, first)

    refused, answers = dial(Line())
    await admission_control.media_stream(refused)
    assert [message.get("status") for message in answers] == [503, None]
    assert admission_control.calls == 1

    if fate == "leaves":
        first.leave()
    else:
        talking.cancel()
    await asyncio.wait([talking])
    assert admission_control.calls == 0


async def test_of_two_streams_that_were_accepted_the_first_with_a_token_gets_the_last_place() -> None:
    admission_control = make_admission_control(max_calls=1)
    slower, faster = Line(), Line()
    websocket, answers = dial(slower)
    waiting = asyncio.create_task(admission_control.media_stream(websocket))
    talking = await begin_call(admission_control, faster)

    slower.start()
    await asyncio.wait([waiting])
    assert (answers[-1]["code"], admission_control.calls, admission_control.streams) == (FULL, 1, 1)

    faster.leave()
    await asyncio.wait([talking])


@pytest.mark.parametrize(
    ("late_ms", "most_ms", "talking", "let_in"),
    [(31.0, "30", True, False), (31.0, "30", False, True), (29.0, "30", True, True), (9000.0, "0", True, True)],
)
async def test_a_late_loop_takes_no_second_call(late_ms: float, most_ms: str, talking: bool, let_in: bool) -> None:
    admission_control = make_admission_control(max_calls=9, MAX_LAG_MS=most_ms)
    inside, second = Line(), Line()
    calls = [await begin_call(admission_control, inside)] if talking else []
    admission_control.lag.observe(late_ms)

    websocket, answers = dial(second)
    calls.append(asyncio.create_task(admission_control.media_stream(websocket)))
    await asyncio.sleep(0)
    assert (answers[0]["type"] == "websocket.accept") is let_in

    inside.leave()
    second.leave()
    await asyncio.wait(calls)
