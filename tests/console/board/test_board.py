"""`python -m console.board` as a program, over a whole installation: what it prints, a live call, how it ends."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
import pytest_asyncio

import routes
from sandbox.aws.functions import REGION
from sandbox.doctor_target.target import NUMBER, DoctorTarget, run_target
from sandbox.twilio.calls import Call
from sandbox.twilio.phones import busy
from tests.bounds import WAIT_S

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLER, FRONT_DESK = "+12025550199", "+12025550142"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target() -> AsyncIterator[DoctorTarget]:
    async with run_target() as target:
        yield target


@asynccontextmanager
async def start(target: DoctorTarget, *arguments: str, **environment: str) -> AsyncIterator[Process]:
    given = {
        "PATH": os.environ["PATH"],
        "NO_BROWSER": "1",
        "AWS_ENDPOINT_URL": target.installation.cloud.aws_origin,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": "/nonexistent",
        **environment,
    }
    command = [sys.executable, "-m", "console.board", *arguments]
    program = await asyncio.create_subprocess_exec(
        *command, env=given, stdout=PIPE, stderr=STDOUT, start_new_session=True
    )
    try:
        yield program
    finally:
        with suppress(ProcessLookupError):
            program.kill()
        await program.communicate()


async def finish(program: Process) -> tuple[int | None, list[str]]:
    said, _ = await program.communicate()
    return program.returncode, said.decode().splitlines()


@asynccontextmanager
async def open_board(target: DoctorTarget) -> AsyncIterator[tuple[httpx.AsyncClient, Process]]:
    """The pages as a browser has them, and the program."""
    async with start(target, "--region", REGION) as program:
        assert program.stdout is not None
        told = (await program.stdout.readline()).decode()
        assert told == f"The calls of stack warmline in {REGION}, with your own AWS credentials. Ctrl-C ends it.\n"
        address = (await program.stdout.readline()).decode().strip()
        origin = address.partition("/?")[0]
        async with httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, timeout=WAIT_S) as client:
            assert (await client.get(address)).status_code == 303
            yield client, program


async def place_call(target: DoctorTarget) -> Call:
    """A caller whom the model greets."""
    url = target.installation.voice_url + routes.INCOMING
    call = await target.carrier.place_call(
        caller=lambda phone: phone.stay(), from_=CALLER, to=NUMBER, voice_url=url, forwarded_from=None
    )
    session = await target.model.wait_for_session()
    await session.wait_for("response.create")
    return call


async def watch_until(client: httpx.AsyncClient, call: Call, outcome_text: str) -> dict[str, Any]:
    """The call as the list shows it, once it says this."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found: dict[str, Any] = (await client.get("/api/calls")).json()
            for summary in found["calls"]:
                if summary["sid"] == call.sid and summary["outcome_text"] == outcome_text:
                    return found | {"summary": summary}
            await asyncio.sleep(0.1)  # the call goes on in other processes


async def test_a_live_call_is_listed_put_through_and_told_goodbye(target: DoctorTarget) -> None:
    target.carrier.people[FRONT_DESK] = busy(after_ms=100)
    async with open_board(target) as (client, program):
        call = await place_call(target)
        listed = await watch_until(client, call, "talks with the assistant")
        orders = f"/api/board/calls/{call.sid}"
        names = [each["name"] for each in (await client.get("/api/board/destinations")).json()["destinations"]]
        order = {"request_id": "board_1", "destination": names[0]}
        rung = (await client.post(f"{orders}/transfer", json=order)).json()
        again = await target.model.wait_for_session()  # nobody took the call
        await again.wait_for("response.create")
        await watch_until(client, call, "talks with the assistant")
        goodbye = (await client.post(f"{orders}/end", json={"request_id": "board_2"})).json()
        await call.wait_for_end()
        await watch_until(client, call, "you said goodbye")
        view = (await client.get(f"/api/calls/{call.sid}")).json()
        page = (await client.get(f"/calls/{call.sid}")).text
        program.send_signal(signal.SIGINT)
        status, said = await finish(program)

    assert listed["read_units"] > 0
    assert (listed["summary"]["outcome"], listed["summary"]["caller"]) == ("running", "…0199")
    assert names == ["front_desk", "workshop"]
    assert (rung["done"], goodbye["done"]) == (True, True)
    titles = [entry["title"] for entry in view["entries"]]
    assert {"You put the caller through to a person", "Front desk was busy.", "You end the call with a goodbye"} <= {
        *titles
    }
    assert [attempt["status"] for attempt in view["attempts"]] == ["busy"]
    assert CALLER not in str(view)
    assert f'<operator-actions sid="{call.sid}">' in page
    assert status == 0
    assert said[0].startswith("Read ")
    assert said[0].endswith(" read units of warmline-calls.")
    assert said[1:] == ["Interrupted."]


async def test_a_stack_that_there_is_not_is_one_sentence(target: DoctorTarget) -> None:
    async with start(target, "--region", REGION, "--stack", "other") as program:
        status, said = await finish(program)

    assert status == 1
    assert said[0].startswith(f"There is no stack other in {REGION}: ")
    assert len(said) == 1


async def test_a_machine_without_credentials_is_told_so_in_one_sentence(target: DoctorTarget) -> None:
    async with start(target, "--region", REGION, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="") as program:
        status, said = await finish(program)

    assert (status, len(said)) == (1, 1)
    assert "No AWS credentials were found: log in to AWS" in said[0]


async def test_a_region_that_nobody_named_is_one_sentence(target: DoctorTarget) -> None:
    async with start(target) as program:
        status, said = await finish(program)

    assert (status, said) == (1, ["No AWS region is known: name it: REGION=eu-west-1, or AWS_DEFAULT_REGION."])


async def test_who_may_not_look_at_the_stack_is_told_so(target: DoctorTarget) -> None:
    target.installation.cloud.management.denied.add("DescribeStacks")
    try:
        async with start(target, "--region", REGION) as program:
            status, said = await finish(program)
    finally:
        target.installation.cloud.management.denied.clear()

    assert (status, len(said)) == (1, 1)
    assert said[0].startswith("Your AWS user may not call DescribeStacks")


async def test_a_port_that_cannot_be_is_refused(target: DoctorTarget) -> None:
    async with start(target, "--port", "99999") as program:
        status, said = await finish(program)

    assert (status, said) == (2, ["python -m console.board: PORT: expected 0 to 65535, got '99999'"])
