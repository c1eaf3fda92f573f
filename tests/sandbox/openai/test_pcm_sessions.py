"""Sessions that speak PCM of 24 kHz, which is what a client gets that asks for nothing."""

import base64

from sandbox.openai.audio_formats import OutputAudio
from sandbox.openai.scripted import Scripted
from sandbox.openai.scripted_voice import ScriptedVoice
from sandbox.openai.server import ModelServer
from sandbox.speech.mulaw import energy, silence, tone
from sandbox.speech.voices.lines import line
from tests.sandbox.openai.client import PHONE, Client, Message, list_kinds, open_client
from tests.sandbox.openai.test_response import SPOKEN_ANSWER, join_audio
from tests.sandbox.openai.test_scripted_voice import SESSION

HELLO = tone(450, 440)
PCM = {"type": "audio/pcm", "rate": 24000}


async def append(client: Client, sound: bytes) -> None:
    await client.send("input_audio_buffer.append", audio=base64.b64encode(sound).decode())


def make_pcm_session(**changes: object) -> Message:
    return {**SESSION, "audio": {"input": {"format": PCM}, "output": {"format": PCM}}, **changes}


async def test_the_callers_audio_is_counted_in_milliseconds_of_24_khz() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await append(client, bytes(1000 * 48))
        await session.wait_for_audio_ms(1000)

        await session.start_speech()
        await session.stop_speech()

        began, ended = (await client.read_until("input_audio_buffer.committed"))[:2]
        assert (began["audio_start_ms"], ended["audio_end_ms"]) == (700, 1000)


async def test_less_than_100_ms_of_24_khz_cannot_be_committed() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        await append(client, bytes(99 * 48))
        error = await client.expect_refusal("input_audio_buffer.commit")
        assert error["message"].endswith("but buffer only has 99.00ms of audio.")

        await append(client, bytes(48))
        await client.send("input_audio_buffer.commit")
        assert (await client.next())["type"] == "input_audio_buffer.committed"


async def test_the_model_speaks_24_khz_and_its_item_is_as_long_as_in_mu_law() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.send("response.create")
        await session.wait_for("response.create")
        await session.speak(HELLO, "Hello and welcome.")

        messages = await client.read_until("rate_limits.updated")
        assert list_kinds(messages) == SPOKEN_ANSWER
        assert join_audio(messages) == OutputAudio("audio/pcm").encode(HELLO)
        item_id = messages[-2]["response"]["output"][0]["id"]
        where = {"item_id": item_id, "content_index": 0}
        error = await client.expect_refusal("conversation.item.truncate", **where, audio_end_ms=451)
        assert error["message"] == "Audio content of 450ms is already shorter than 451ms"
        await client.send("conversation.item.truncate", **where, audio_end_ms=450)
        assert (await client.next())["type"] == "conversation.item.truncated"


async def test_each_direction_has_its_own_format() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update(audio={"input": {"format": PCM}, "output": PHONE["audio"]["output"]})
        await append(client, OutputAudio("audio/pcm").encode(HELLO))
        await session.wait_for_audio_ms(450)
        await session.speak(HELLO, "Hello.")

        assert join_audio(await client.read_until("response.done")) == HELLO
        assert energy(bytes(session.audio)) > 0.1


async def test_a_response_may_have_a_format_and_a_voice_of_its_own() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        await client.send("response.create", response={"audio": {"output": {"format": PCM, "voice": "cedar"}}})
        await session.wait_for("response.create")
        await session.speak(HELLO, "Hello.")

        messages = await client.read_until("response.done")
        assert messages[-1]["response"]["audio"]["output"] == {"format": PCM, "voice": "cedar"}
        assert join_audio(messages) == OutputAudio("audio/pcm").encode(HELLO)


async def test_a_conversation_is_held_in_24_khz() -> None:
    async with ModelServer(ScriptedVoice()) as model, open_client(model) as client:
        await client.send("session.update", session=make_pcm_session())
        await client.send("response.create", response={"instructions": "Greet the caller."})
        greeting = await client.read_until("response.done")
        await append(client, OutputAudio("audio/pcm").encode(line("ask_hours").audio + silence(700)))
        asked = await client.read_until("response.done")

    assert len(join_audio(greeting)) == 6 * len(line("greeting").audio)
    assert "input_audio_buffer.speech_stopped" in list_kinds(asked)
    assert [item["name"] for item in asked[-1]["response"]["output"]] == ["opening_hours"]
