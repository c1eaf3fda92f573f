"""The behaviour of the tests."""

import asyncio

from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session
from sandbox.speech.mulaw import tone
from tests.sandbox.openai.client import open_client


async def test_every_session_follows_the_script() -> None:
    async def greet(session: Session) -> None:
        await session.expect("session.update")
        await session.expect("response.create")
        await session.speak(tone(100, 440), f"Hello, {session.wire.make_id('caller')}")

    async with ModelServer(Scripted(greet)) as model, open_client(model) as one, open_client(model) as other:
        for client in (one, other):
            await client.update()
            await client.send("response.create")
        async with asyncio.TaskGroup() as group:
            answers = [group.create_task(client.read_until("response.done")) for client in (one, other)]
        said = {task.result()[-1]["response"]["output"][0]["content"][0]["transcript"] for task in answers}
        assert len(said) == 2
