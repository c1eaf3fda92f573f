"""What the real server measures, as CloudWatch reads it."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from tests.socket_server.conftest import Build, ServerHarness
from tests.socket_server.emf import Metric, is_metric, read_metric
from tests.socket_server.phone import Phone, sign
from tests.socket_server.steps import speech

pytestmark = pytest.mark.asyncio(loop_scope="module")

WARMLINE = {"service": "warmline"}


def metrics(harness: ServerHarness, call_sid: str | None = None) -> list[Metric]:
    """All that were written, in the call or outside of calls; a line that is not as CloudWatch wants it fails."""
    return [metric for metric in map(read_metric, filter(is_metric, harness.server.log)) if metric.call_sid == call_sid]


async def test_calls_are_counted_from_the_start_although_there_are_none(harness: ServerHarness) -> None:
    await harness.wait_for_log('"ActiveCalls"')
    assert metrics(harness)[0] == Metric("ActiveCalls", "Count", 0, WARMLINE | {"revision": "local"}, None)


async def test_each_measurement_of_interleaved_calls_is_of_its_own_call(harness: ServerHarness) -> None:
    phones, sessions = zip(*[await harness.talk() for _ in range(2)], strict=True)
    for phone, session in zip(phones, sessions, strict=True):
        audio = speech(1000)
        await session.speak(audio, "Hello, how can I help?")
        await phone.hears(audio)
    for phone, session in zip(phones, sessions, strict=True):
        await session.start_speech()
        await phone.until("clear")
        for name in ("1", "2", "3", "4", "5"):
            await phone.mark_played(name)
        response = await session.stop_speech("My bicycle is broken.")
        assert response is not None
        answer = speech(200)
        await response.speak(answer, "Which one?")
        await phone.hears(answer)
    for phone in phones:
        await phone.stop()
        assert await harness.wait_for_end(phone) == "caller_gone"
    for phone in phones:
        await harness.wait_for_log(f'"call_sid":"{phone.call_sid}","CallMs"')
        own = [metric for metric in metrics(harness, phone.call_sid) if metric.name != "CostUSD"]
        assert sorted(metric.name for metric in own) == [
            "BargeInMs",
            "CallMs",
            "DeadAirMs",
            "FirstWordMs",
            "Interruptions",
            "ModelConnects",
            "Streams",
        ]
        assert all(metric.dimensions == WARMLINE for metric in own)


async def test_what_a_call_cost_is_measured_and_logged_at_its_end(build: Build) -> None:
    harness = await build({"POWERTOOLS_SERVICE_NAME": "my-stack"})
    phone, session = await harness.talk()
    audio = speech(1000)
    await session.speak(audio, "Hello.")
    await phone.hears(audio)
    await harness.wait_for_log('"CostUSD"')
    await phone.stop()
    end = await harness.wait_for_log("stream ended: caller_gone")
    paid = [metric for metric in metrics(harness, phone.call_sid) if metric.name == "CostUSD"]
    assert [(metric.unit, metric.dimensions) for metric in paid] == [("None", {"service": "my-stack"})]
    assert paid[0].value > 20 * 64e-6  # a second of the model's voice is 20 tokens of audio
    assert f'"cost_usd":{round(paid[0].value, 6)}' in end
    assert '"service":"my-stack"' in end
    await harness.wait_for_end(phone)
    (stream,) = (await asyncio.to_thread(harness.table.read, phone.call_sid)).streams
    assert stream.cost_micro_usd == round(paid[0].value * 1e6)
    assert stream.tokens


async def test_a_call_that_finds_no_place_is_counted(build: Build) -> None:
    harness = await build({"MAX_CALLS": "1"})
    phone, _ = await harness.talk()
    with pytest.raises(InvalidStatus, match="503"):
        await harness.dial()
    await harness.wait_for_log('"CallsRefused"')
    assert Metric("CallsRefused", "Count", 1, WARMLINE, None) in metrics(harness)
    await phone.close()


async def test_streams_that_twilio_signs_and_we_refuse_are_counted_and_those_of_strangers_are_not(build: Build) -> None:
    harness = await build({})
    for headers in ({}, {"x-twilio-signature": "no signature"}, sign(auth_token="another")):
        with pytest.raises(InvalidStatus, match="403"):
            await Phone.dial(harness.port, headers)
    phone = await harness.dial()
    await phone.start("no token")
    assert await phone.closed() == 1008
    await harness.wait_for_log(f'"call_sid":"{phone.call_sid}","StreamsRefused"')
    for call_sid in (None, phone.call_sid):
        counted = [metric.value for metric in metrics(harness, call_sid) if metric.name == "StreamsRefused"]
        assert counted == [1]
