"""Somebody else's application, called from the page: of the kind that this project began with."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Connect, VoiceResponse

from console.call_view import CallView
from console.carrier.program import MOST_TELEPHONES, NUMBER, Calling, describe, run_calling
from console.carrier.settings import Settings, read_settings
from console.play.telephone import Telephone
from sandbox.speech import mulaw
from sandbox.twilio.calls import Call
from sandbox.twilio.events import Bridged, CallEnded, ErrorLogged, Ringing
from sandbox.twilio.loopback_server import serve

SID, TOKEN = "AC" + "0" * 32, "1" * 32


@dataclass(slots=True)
class Application:
    """Answers with a stream to itself, which says back what it hears; or with the TwiML that a test gives."""

    twiml: str = ""
    signed: list[bool] = field(default_factory=list)
    starts: list[dict[str, object]] = field(default_factory=list)

    def make_app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/incoming-call", self._answer, methods=["GET", "POST"]),
                WebSocketRoute("/media-stream", self._echo),
            ]
        )

    async def _answer(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        url = f"{request.headers['x-forwarded-proto']}://{request.headers['host']}{request.url.path}"
        signature = request.headers["x-twilio-signature"]
        self.signed.append(RequestValidator(TOKEN).validate(url, form, signature))
        response = VoiceResponse()
        connect = Connect()
        connect.stream(url=f"wss://{request.url.hostname}/media-stream")
        response.append(connect)
        return Response(self.twiml or str(response), media_type="application/xml")

    async def _echo(self, socket: WebSocket) -> None:
        await socket.accept()
        sid = ""
        async for text in socket.iter_text():
            message = json.loads(text)
            match message["event"]:
                case "start":
                    self.starts.append(message)
                    sid = message["streamSid"]
                case "media":
                    said = {"event": "media", "streamSid": sid, "media": {"payload": message["media"]["payload"]}}
                    await socket.send_json(said)


@dataclass(slots=True)
class Harness:
    application: Application
    settings: Settings
    calling: Calling

    async def dial(self) -> Call:
        """Press Call in the page."""
        dialled = self.calling.carrier.place_call(
            caller=self.calling.telephones.caller.follow_call,
            from_="+15550100001",
            to=NUMBER,
            voice_url=self.settings.voice_url,
        )
        return await dialled

    async def read_view(self, call: Call) -> CallView:
        view = await self.calling.source.read_call(call.sid)
        assert view is not None
        return view


@pytest.fixture
async def harness() -> AsyncIterator[Harness]:
    application = Application()
    async with contextlib.AsyncExitStack() as stack:
        origin = await stack.enter_async_context(serve(application.make_app()))
        environment = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN}
        settings = read_settings(["--url", f"{origin}/incoming-call"], environment)
        calling = await stack.enter_async_context(run_calling(settings))
        yield Harness(application, settings, calling)


async def wait_for_state(telephone: Telephone, state: str, call: Call) -> None:
    while telephone.state.name != state:
        await call.phone.wait(mulaw.FRAME_MS)


async def test_the_telephone_hears_what_the_application_says(harness: Harness) -> None:
    caller, heard = harness.calling.telephones.caller, bytearray()
    caller.on_hear = heard.extend
    call = await harness.dial()
    await call.phone.wait(1000)

    word = mulaw.tone(440, 400, level=0.3)
    caller.say(word)
    await call.phone.wait(2000)
    caller.hang_up()
    await call.wait_for_end()

    assert harness.application.signed == [True]
    assert harness.application.starts[0]["start"]["callSid"] == call.sid  # type: ignore[index] # decoded JSON
    assert mulaw.energy(bytes(heard)) > 0


async def test_the_page_shows_the_call_with_its_webhook_and_stream(harness: Harness) -> None:
    call = await harness.dial()
    await call.phone.wait(1000)
    harness.calling.telephones.caller.hang_up()
    await call.wait_for_end()

    kinds = {entry.kind for entry in (await harness.read_view(call)).entries}

    assert {"call", "webhook", "stream"} <= kinds


async def test_whoever_the_application_rings_has_a_telephone_in_the_page(harness: Harness) -> None:
    harness.application.twiml = "<Response><Dial>+15550100002</Dial></Response>"
    call = await harness.dial()
    await harness.calling.carrier.events.wait_for(Ringing, lambda ringing: ringing.to == "+15550100002")
    (person,) = harness.calling.telephones.people
    await wait_for_state(person, "ringing", call)

    person.answer()
    await harness.calling.carrier.events.wait_for(Bridged)
    await wait_for_state(person, "talking", call)
    person.hang_up()
    await call.wait_for_end()

    assert (person.name, person.address) == ("…0002", "+15550100002")


async def test_telephones_have_a_limit(harness: Harness) -> None:
    numbers = "".join(f"<Number>+155501{number:05}</Number>" for number in range(10))
    harness.application.twiml = f"<Response><Dial timeout='5'>{numbers}</Dial></Response>"
    await (await harness.dial()).wait_for_end(timeout_s=60)
    harness.application.twiml = harness.application.twiml.replace("+155501", "+155502")
    await (await harness.dial()).wait_for_end(timeout_s=60)
    harness.application.twiml = "<Response><Dial timeout='5'>+15550300000</Dial></Response>"
    await (await harness.dial()).wait_for_end(timeout_s=60)

    assert len(harness.calling.telephones.people) == MOST_TELEPHONES


async def test_what_twilio_refuses_is_a_fault_in_the_page(harness: Harness) -> None:
    harness.application.twiml = "<Response><Dail>+15550100002</Dail></Response>"
    call = await harness.dial()
    await call.wait_for_end()

    assert harness.calling.carrier.events.of(ErrorLogged)
    faults = [entry for entry in (await harness.read_view(call)).entries if entry.tone == "fault"]
    assert any("Dail" in message.text for entry in faults for message in entry.messages)


@pytest.mark.parametrize(
    ("twiml", "told"),
    [
        ("<Response><Sms>Hello</Sms></Response>", "not simulated by the sandbox: Sms"),
        ("<Response><Redirect>http://[</Redirect></Response>", "11100: expected a URL, got 'http://['"),
    ],
)
async def test_a_call_with_which_the_sandbox_cannot_go_on_ends_and_says_why(
    harness: Harness, twiml: str, told: str
) -> None:
    harness.application.twiml = twiml
    call = await harness.dial()
    await call.signals.over.wait()
    call.outcome.failure = None  # which the carrier would raise at its end
    view = await harness.calling.source.wait_for_end(call.sid)

    assert view is not None
    assert view.summary.outcome in ("failed", "answered")
    assert any(told in entry.title for entry in view.entries if entry.tone == "fault")
    assert "timeline says why" in harness.calling.telephones.caller.state.reason or "11100" in (
        harness.calling.telephones.caller.state.reason
    )


async def test_the_application_may_use_rest_with_its_own_credentials(harness: Harness) -> None:
    call = await harness.dial()
    await call.phone.wait(500)
    url = f"{harness.calling.carrier.api_url}/2010-04-01/Accounts/{SID}/Calls/{call.sid}.json"
    async with httpx.AsyncClient(trust_env=False, auth=(SID, TOKEN)) as client:
        answer = await client.post(url, data={"Twiml": "<Response><Hangup/></Response>"})
    await harness.calling.carrier.events.wait_for(CallEnded)
    await call.wait_for_end()

    assert answer.status_code == 200


def test_the_user_is_told_what_the_application_must_know() -> None:
    settings = read_settings(["--url", "http://127.0.0.1:5050/incoming-call"], {})

    lines = describe(settings, "http://127.0.0.1:6060")

    assert "http://127.0.0.1:5050/incoming-call" in lines[0]
    assert settings.account_sid in lines[1]
    assert settings.auth_token in lines[1]
