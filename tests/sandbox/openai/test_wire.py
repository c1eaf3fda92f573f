"""The names and ids of outgoing events."""

from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.speech.mulaw import tone
from tests.sandbox.openai.client import list_kinds, open_client


async def test_an_older_server_speaks_with_the_betas_names() -> None:
    async with ModelServer(Scripted(), beta_names=True) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        await session.speak(tone(200, 440), "Hello.")
        sent = list_kinds(session.wire.sent)
        assert "response.audio_transcript.delta" in sent
        assert "response.audio.done" in sent
        assert "conversation.item.created" in sent
        assert not [kind for kind in sent if "output_audio" in kind or kind == "conversation.item.done"]


async def test_no_two_events_of_any_session_share_an_id() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as one, open_client(model) as other:
        await one.send("response.create")
        await other.send("response.create")
        events = [await one.next(), await other.next()]
        assert events[0]["event_id"] != events[1]["event_id"]
        assert events[0]["response"]["id"] != events[1]["response"]["id"]
