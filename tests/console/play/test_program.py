"""console.play.program: one whole call, played by a page, through carrier, functions, container and model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from console.play.agent_files import AgentFiles
from console.play.options import Options
from console.play.pages import make_extension
from console.play.program import PlayError, Playing, run_playing
from console.play.telephone import CommandError
from console.play.typed_text import add_typed_text
from console.web.app import make_app
from console.web.serve import serve
from sandbox.demo.call import AGENT, DIRECTORY
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.speech import mulaw
from sandbox.twilio.events import Bridged, PlayoutDrained
from tests.console.play.conftest import CALLS, PERSON_1
from tests.console.play.page_client import PageClient, drop_silence, open_page

SANDBOX = Options(0, "", "sandbox")


OWN_AGENT = Path(__file__).parents[2] / "agent.toml"


@asynccontextmanager
async def load_page(playing: Playing) -> AsyncIterator[PageClient]:
    """The page as a browser gets it from the printed address: with its cookie, from its origin."""
    async with serve(make_app(playing.local.source, make_extension(playing.telephones, playing.what_if))) as address:
        origin = address.partition("/?")[0]
        async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
            page = await browser.get(address)
            assert "<phone-set>" in page.text
            cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        async with open_page(origin, {"Origin": origin, "Cookie": cookie}) as client:
            yield client


async def test_a_caller_who_asks_for_a_person_gets_them_and_the_call_is_shown() -> None:
    async with run_playing(SANDBOX) as playing, load_page(playing) as page:
        events = playing.local.environment.carrier.events
        await page.command(CALLS, "call")
        await page.wait_for_state(CALLS, "talking")
        await events.wait_for(PlayoutDrained)  # the greeting was heard
        await page.command(CALLS, "say_line", line="ask_person")
        ringing = await page.wait_for_state(PERSON_1, "ringing")
        await page.command(PERSON_1, "answer")
        await page.wait_until(lambda: mulaw.energy(bytes(page.heard[PERSON_1][-800:])) > 0.05)  # the whisper
        await page.command(PERSON_1, "key", key="1")
        await events.wait_for(Bridged)
        await page.command(CALLS, "hang_up")
        await page.wait_for_state(CALLS, "ended")
        view = await playing.local.source.read_call(page.state["call"])

    assert (ringing["name"], ringing["shown"]) == ("Anna at the front desk", "…0001")
    assert view is not None
    assert "I do not want to talk to a machine. Please let me talk to a real person." in [t.heard for t in view.turns]
    assert "Anna at the front desk" in [lane.name for lane in view.lanes]
    assert any("plays the demo's agent" in note for note in page.state["notes"])


async def test_the_telephones_are_for_our_own_page_alone() -> None:
    async with (
        run_playing(SANDBOX) as playing,
        serve(make_app(playing.local.source, make_extension(playing.telephones, playing.what_if))) as address,
    ):
        origin = address.partition("/?")[0]
        for headers in ({}, {"Origin": "http://example.com"}, {"Origin": origin}):
            with pytest.raises(InvalidStatus) as refused:
                async with open_page(origin, headers):
                    raise AssertionError("it was opened")
            assert refused.value.response.status_code == 403


async def test_files_with_faults_do_not_begin(tmp_path: Path) -> None:
    agent = tmp_path / "agent.toml"
    agent.write_text("voice = 1")
    with pytest.raises(PlayError, match=r"agent\.toml.*\n(.*\n)*Mend this, then start again\."):
        async with run_playing(SANDBOX, AgentFiles(agent, DIRECTORY)):
            raise AssertionError("it began")


async def test_a_change_of_the_people_is_there_at_the_next_call(tmp_path: Path) -> None:
    directory = tmp_path / "directory.toml"
    directory.write_text(DIRECTORY.read_text())
    async with run_playing(SANDBOX, AgentFiles(AGENT, directory)) as playing, load_page(playing) as page:
        directory.write_text(DIRECTORY.read_text().replace("+15550100002", "+15550100042"))
        await page.command(CALLS, "call")
        await page.wait_for_state(CALLS, "talking")
        addresses = [each["address"] for each in page.telephones.values()]
        await page.command(CALLS, "hang_up")
        await page.wait_for_state(CALLS, "ended")
        directory.write_text("no TOML")
        await page.command(CALLS, "call")
        refusal = await page.wait_for_error()
        await page.wait_for_state(CALLS, "idle")

    assert sorted(addresses) == ["…0001", "…0003", "…0042"]
    assert "directory.toml" in refusal


async def test_what_is_typed_goes_to_the_model_where_nothing_can_be_spoken(tmp_path: Path) -> None:
    async with (
        ModelServer(Scripted()) as model,
        run_playing(
            Options(0, model.url, "sk-1"), AgentFiles(OWN_AGENT, DIRECTORY), search_path=str(tmp_path)
        ) as playing,
        load_page(playing) as page,
    ):
        await model.wait_for_session()  # which asked whether the key is taken
        await page.command(CALLS, "call")
        session = await model.wait_for_session()
        await session.wait_for("response.create")
        await page.command(CALLS, "say", text="Are you open?")
        too_early = await page.wait_for_error()
        await session.speak(mulaw.tone(400, 300), "Hello!")
        await page.wait_until(lambda: drop_silence(page.heard[CALLS]).endswith(mulaw.tone(400, 300)))
        await page.command(CALLS, "say", text="Are you open?")
        item = (await session.wait_for("conversation.item.create"))["item"]
        await session.wait_for("response.create")
        await page.command(CALLS, "hang_up")
        await page.wait_for_state(CALLS, "ended")
        with pytest.raises(CommandError, match="not on the line"):
            add_typed_text(playing.local, None, "Hello?")

    assert item["content"] == [{"type": "input_text", "text": "Are you open?"}]
    assert "about to answer" in too_early
    assert any("goes to the model as text" in note for note in page.state["notes"])
