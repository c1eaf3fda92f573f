"""FallbackUrl at work: the webhook does not answer, Twilio asks the fallback, and the caller is helped all the same.

Twilio is the sandbox's carrier. What the URL serves is taken from the template as CloudFormation resolves it, in both
modes. The CloudFront Function is not executed: there is no engine for its JavaScript in a Python environment. Instead
it must have one form, a handler that returns an object of literals, of which the text can be read.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone, answers, busy
from sandbox.twilio.audio_sources import render_mock_speech
from sandbox.twilio.events import Bridged
from sandbox.twilio.loopback_server import serve
from sandbox.twilio.phones import Script
from sandbox.twilio.twiml import parse
from tests.deploy.moto_cloud.intrinsics import Evaluator, Node
from tests.deploy.stack_template import template

VOICE, FALLBACK = "https://voice.warmline.test", "https://fallback.warmline.test"
CALLER, NUMBER, PERSON = "+15550100001", "+15550100000", "+15550100999"
SORRY = render_mock_speech("We are sorry, something is not working here at the moment.")
LATER = render_mock_speech("If nobody has helped you, please call again later. Goodbye.")
PERSONS_VOICE = mulaw.tone(400, 700)
FUNCTION = re.compile(
    r"function handler\(event\) \{\s*return \{\s*statusCode: 200,\s*statusDescription: 'OK',\s*"
    r"headers: \{'content-type': \{value: '(?P<type>[^'\\]*)'\}(?:, '[a-z-]*': \{value: '[^'\\]*'\})*\},\s*"
    r"body: \{encoding: 'text', data: '(?P<data>[^'\\\n]*)'\},?\s*\};\s*\}\s*"
)
MODES = pytest.mark.parametrize("domain", ["", "calls.example.com"], ids=["CloudFront", "own domain"])


@dataclass(frozen=True, slots=True)
class Served:
    """What is at FallbackUrl."""

    content_type: str
    body: str


def ask_fallback(domain: str, number: str) -> Served:
    defaults = {name: one.get("Default", "") for name, one in template()["Parameters"].items()}
    chosen = {**defaults, "DomainName": domain, "FallbackNumber": number, "AWS::StackName": "warmline"}
    name = "FallbackRule" if domain else "FallbackFunction"
    evaluator = Evaluator(template(), {**chosen, "AWS::Region": "us-east-1"}, {"DomainListener": _Anything()}, str)
    properties = evaluator.evaluate(template()["Resources"][name]["Properties"])
    if domain:
        fixed = properties["Actions"][0]["FixedResponseConfig"]
        assert fixed["StatusCode"] == "200"
        return Served(fixed["ContentType"], fixed["MessageBody"])
    function = FUNCTION.fullmatch(properties["FunctionCode"])
    assert function, f"the function has another form than the one that can be read: {properties['FunctionCode']}"
    return Served(function["type"], function["data"])


class _Anything:
    """A resource that the document does not depend on."""

    def ref(self) -> str:
        return "listener"

    def attribute(self, name: str) -> Node:
        raise AssertionError(name)


@dataclass(slots=True)
class Webhook:
    """`fault` is what becomes of a request: a status, or None for no answer at all."""

    fault: int | None
    asked: list[str] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if self.fault is None:
            await self.gone.wait()
        return Response(status_code=self.fault or 500)


@asynccontextmanager
async def run_carrier(webhook: Webhook, document: Served, *, listens: bool = True) -> AsyncIterator[Carrier]:
    """A carrier whose number has this webhook, and this document at its fallback URL."""

    async def fallback(_: Request) -> Response:
        return Response(document.body, media_type=None, headers={"content-type": document.content_type})

    behind = Starlette(routes=[Route("/fallback", fallback, methods=["POST"])])
    before = Starlette(routes=[Route("/voice/incoming", webhook.answer, methods=["POST"])])
    async with serve(behind) as origin, serve(before) as voice:
        routes: Mapping[str, str] = {FALLBACK: origin, **({VOICE: voice} if listens else {})}
        carrier = Carrier(
            account_sid="AC" + "0" * 32, auth_token="1" * 32, routes=routes, pace=10, webhook_budget_s=0.5
        )
        async with carrier:
            yield carrier
        webhook.gone.set()


async def listen_to_the_end(carrier: Carrier) -> tuple[bytes, str | None]:
    """What the caller hears to the end of the call, and how it ended."""

    async def stays(phone: Phone) -> None:
        await phone.stay()

    call = await carrier.place_call(
        caller=stays,
        from_=CALLER,
        to=NUMBER,
        voice_url=f"{VOICE}/voice/incoming",
        fallback_url=f"{FALLBACK}/fallback",
    )
    report = await call.wait_for_end()
    return report.heard, report.ended_by


def speaks(carrier: Carrier) -> Script:
    """Says something to the caller, and leaves when that has arrived."""

    async def script(phone: Phone) -> None:
        await carrier.events.wait_for(Bridged)
        await phone.say(PERSONS_VOICE)
        await phone.wait(1000)

    return script


@MODES
@pytest.mark.parametrize("fault", [500, 429, 503, None], ids=["fails", "is throttled", "is away", "is silent"])
async def test_a_caller_whose_webhook_fails_is_put_through(domain: str, fault: int | None) -> None:
    webhook = Webhook(fault)
    async with run_carrier(webhook, ask_fallback(domain, PERSON)) as carrier:
        carrier.people[PERSON] = answers(speaks(carrier))
        sound, ended_by = await listen_to_the_end(carrier)

    assert webhook.asked
    assert sound.index(SORRY) < sound.index(PERSONS_VOICE) < sound.index(LATER)
    assert ended_by == "document"


@MODES
async def test_a_caller_whose_webhook_does_not_start_is_put_through(domain: str) -> None:
    async with run_carrier(Webhook(500), ask_fallback(domain, PERSON), listens=False) as carrier:
        carrier.people[PERSON] = answers(speaks(carrier))
        sound, _ = await listen_to_the_end(carrier)

    assert SORRY in sound
    assert PERSONS_VOICE in sound


@MODES
async def test_a_caller_whom_nobody_can_take_hears_what_to_do(domain: str) -> None:
    async with run_carrier(Webhook(500), ask_fallback(domain, PERSON)) as carrier:
        carrier.people[PERSON] = busy()
        sound, ended_by = await listen_to_the_end(carrier)

    assert sound.index(SORRY) < sound.index(LATER)
    assert ended_by == "document"


@MODES
async def test_without_a_number_the_caller_hears_words_alone(domain: str) -> None:
    async with run_carrier(Webhook(500), ask_fallback(domain, "")) as carrier:
        sound, ended_by = await listen_to_the_end(carrier)
        assert len(carrier.calls) == 1

    assert sound.index(SORRY) < sound.index(LATER)
    assert ended_by == "document"


@MODES
@pytest.mark.parametrize("number_given", ["", PERSON])
def test_the_document_is_twiml(domain: str, number_given: str) -> None:
    document = ask_fallback(domain, number_given)

    assert parse(document.body).verbs
    assert document.content_type.partition(";")[0] in ("text/xml", "text/html")
