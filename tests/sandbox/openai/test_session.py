"""A session over a real socket: the caller's turns, the frames, the end."""

import asyncio
import base64

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from sandbox.openai.faults import Faults
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.speech.mulaw import silence, tone
from tests.sandbox.openai.client import PHONE, list_kinds, open_client

TRANSCRIBED = {
    "input": {"format": {"type": "audio/pcmu"}, "transcription": {"model": "gpt-live-transcribe"}},
    "output": {"format": {"type": "audio/pcmu"}},
}


def turn_detection(**settings: bool) -> dict[str, object]:
    return {
        "input": {"format": {"type": "audio/pcmu"}, "turn_detection": {"type": "server_vad", **settings}},
        "output": {"format": {"type": "audio/pcmu"}},
    }


async def test_a_turn_of_the_caller_becomes_an_item_and_begins_a_response() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update(audio=TRANSCRIBED)
        await client.send("input_audio_buffer.append", audio=base64.b64encode(silence(1000)).decode())
        await session.wait_for_audio_ms(1000)

        item_id = await session.start_speech()
        response = await session.stop_speech("Hello?")

        assert response is not None
        messages = await client.read_until("response.created")
        assert list_kinds(messages) == [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "conversation.item.input_audio_transcription.delta",
            "conversation.item.input_audio_transcription.completed",
            "response.created",
        ]
        assert messages[0]["audio_start_ms"] == 700  # the padding before the speech is counted in
        assert messages[1]["audio_end_ms"] == 1000
        assert messages[3]["item"]["id"] == item_id
        assert messages[6]["transcript"] == "Hello?"


async def test_no_transcript_is_sent_when_none_was_asked_for() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await session.start_speech()
        await session.stop_speech("Hello?")
        messages = await client.read_until("response.created")
        assert not [kind for kind in list_kinds(messages) if "transcription" in kind]


async def test_a_session_can_ask_for_turns_without_answers() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update(audio=turn_detection(create_response=False))
        await session.start_speech()
        assert await session.stop_speech() is None


async def test_a_session_can_ask_not_to_be_interrupted() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update(audio=turn_detection(interrupt_response=False))
        response = await session.respond()
        await session.start_speech()
        assert response.open
        assert await session.stop_speech() is None  # a response is open: no second one begins


async def test_the_frames_arrive_byte_for_byte() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        audio = tone(100, 300, 700)
        for start in range(0, len(audio), 160):
            frame = base64.b64encode(audio[start : start + 160]).decode()
            await client.send("input_audio_buffer.append", audio=frame)
        await session.wait_for_audio(audio)
        assert (bytes(session.audio), session.appends) == (audio, 5)
        assert list_kinds(session.received) == ["session.update"]


@pytest.mark.parametrize("frame", ["not json", "[]", '"text"', "{", b"\x00\x01"])
async def test_garbage_is_answered_with_an_error_and_the_session_stays_open(frame: str | bytes) -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        await client.socket.send(frame)
        error = (await client.next())["error"]
        assert (error["type"], error["code"]) == ("invalid_request_error", "invalid_event")
        assert (await client.update())["type"] == "realtime"


async def test_an_error_names_the_event_that_caused_it() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        error = await client.expect_refusal("response.cancel", event_id="mine")
        assert error["event_id"] == "mine"


async def test_the_model_can_send_anything() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await session.send_frame("garbage")
        await session.send_frame(b"\x00")
        await session.send({"type": "an.event.of.the.future"})
        assert [await client.socket.recv() for _ in range(2)] == ["garbage", b"\x00"]
        assert b"an.event.of.the.future" in await client.socket.recv(decode=False)


async def test_the_model_can_report_an_error_of_its_own() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        await (await model.wait_for_session()).fail(
            "session_expired", "Your session hit the maximum duration of 60 minutes."
        )
        assert (await client.next())["error"]["code"] == "session_expired"


async def test_the_model_can_close_with_any_code() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        await (await model.wait_for_session()).close(1001, "maximum duration")
        with pytest.raises(ConnectionClosed):
            await client.next()
        assert client.socket.close_code == 1001


async def test_the_model_can_drop_the_connection_without_a_word() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        session.drop()
        with pytest.raises(ConnectionClosed):
            await client.next()
        assert await session.wait_for_end() == 1006


async def test_a_deaf_model_hears_later_what_was_said() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        with session.pause_reading():
            await client.send("input_audio_buffer.clear")
            await (await client.socket.ping())  # the connection has it; the model does not ask for it
            assert session.received == []
        await session.expect("input_audio_buffer.clear")


async def test_a_model_that_is_deaf_at_the_end_ends() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        with session.pause_reading():
            await client.send("input_audio_buffer.clear")
            await session.close(1001)
            assert await session.wait_for_end() == 1001


async def test_a_model_can_say_that_it_lives_without_being_asked() -> None:
    pong = asyncio.Event()

    class Listening(ClientConnection):
        def data_received(self, data: bytes) -> None:
            if data == b"\x8a\x00":
                pong.set()
            super().data_received(data)

    headers = {"Authorization": "Bearer test-key"}
    async with ModelServer(Scripted(), faults=Faults(mute=True)) as model:
        url = f"{model.url}?model=gpt-realtime-2.1"
        async with connect(url, additional_headers=headers, create_connection=Listening):
            await (await model.wait_for_session()).pong()
            await asyncio.wait_for(pong.wait(), 10)


async def test_the_end_of_a_session_is_recorded_with_the_clients_close_code() -> None:
    async with ModelServer(Scripted()) as model:
        async with open_client(model) as client:
            session = await model.wait_for_session()
            await client.socket.close(1000)
        assert await session.wait_for_end() == 1000
        assert session.closed


async def test_a_mute_model_hears_and_says_nothing_at_all() -> None:
    async with ModelServer(Scripted(), faults=Faults(mute=True)) as model:
        headers = {"Authorization": "Bearer test-key"}
        async with connect(f"{model.url}?model=gpt-realtime-2.1", additional_headers=headers) as socket:
            session = await model.wait_for_session()
            await socket.send('{"type": "response.create"}')
            await session.expect("response.create")
            await session.close()
            assert [message async for message in socket] == []


async def test_single_events_can_be_left_unanswered() -> None:
    async with (
        ModelServer(Scripted(), faults=Faults(ignores=frozenset({"session.update"}))) as model,
        open_client(model) as client,
    ):
        await client.send("session.update", session=PHONE)
        await client.send("input_audio_buffer.clear")
        assert (await client.next())["type"] == "input_audio_buffer.cleared"


async def test_the_echo_of_the_configuration_can_be_wrong() -> None:
    other = {"output": {"format": {"type": "audio/pcm", "rate": 24000}}}
    async with (
        ModelServer(Scripted(), faults=Faults(echo={"audio": other})) as model,
        open_client(model) as client,
    ):
        assert (await client.update())["audio"] == other
