"""The server and the client of docs/carrier.md, run as they stand there."""

import asyncio
import contextlib
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from pathlib import Path

from console.carrier.program import NUMBER, run_calling
from console.carrier.settings import read_settings
from sandbox.speech import mulaw
from sandbox.twilio.events import Bridged, RestRequest

DOCUMENT = (Path(__file__).parents[3] / "docs" / "carrier.md").read_text()
SERVER, CLIENT = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)


@contextlib.asynccontextmanager
async def run(code: str) -> AsyncIterator[Process]:
    program = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=PIPE, stderr=STDOUT)
    try:
        yield program
    finally:
        with contextlib.suppress(ProcessLookupError):
            program.kill()
        await program.communicate()


async def find_port(server: Process) -> int:
    assert server.stdout is not None
    async for line in server.stdout:
        if found := re.search(rb"running on http://127.0.0.1:(\d+)", line):
            return int(found[1])
    raise AssertionError("the server did not start")


async def test_the_documented_server_is_heard_and_its_client_moves_the_call() -> None:
    async with run(SERVER.replace("port=5050", "port=0")) as server:
        port = await find_port(server)
        settings = read_settings(["--url", f"http://127.0.0.1:{port}/incoming-call"], {})
        async with run_calling(settings) as calling:
            caller, heard = calling.telephones.caller, bytearray()
            caller.on_hear = heard.extend
            call = await calling.carrier.place_call(
                caller=caller.follow_call, from_="+15550100001", to=NUMBER, voice_url=settings.voice_url
            )
            word = mulaw.tone(440, 400, level=0.3)
            while caller.state.name != "talking":
                await call.phone.wait(mulaw.FRAME_MS)
            while word[:160] not in heard:  # the stream opens a moment after the answer
                caller.say(word)
                await call.phone.wait(1000)

            names = f"CARRIER_URL, ACCOUNT_SID, AUTH_TOKEN, call_sid = {calling.carrier.api_url!r}, "
            names += f"{settings.account_sid!r}, {settings.auth_token!r}, {call.sid!r}\n"
            async with run(names + CLIENT) as client:
                said, _ = await client.communicate()
            assert (client.returncode, said) == (0, b"")
            await calling.carrier.events.wait_for(RestRequest, lambda request: request.operation == "update")
            (person,) = calling.telephones.people
            while person.state.name != "ringing":
                await call.phone.wait(mulaw.FRAME_MS)
            person.answer()
            await calling.carrier.events.wait_for(Bridged)
            caller.hang_up()
            await call.wait_for_end()
