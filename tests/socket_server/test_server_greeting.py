"""The real server with a recorded greeting."""

from pathlib import Path

import pytest
import pytest_asyncio

from tests.socket_server.conftest import ROOT, Build, ServerHarness
from tests.socket_server.steps import next_turn, speech

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS = "Hello, this is the workshop. How can I help?"
RECORDED = speech(500)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recorded(build: Build, tmp_path_factory: pytest.TempPathFactory) -> ServerHarness:
    folder: Path = tmp_path_factory.mktemp("agent")
    agent = (ROOT / "tests" / "agent.toml").read_text()
    (folder / "agent.toml").write_text(f'greeting_audio = "hello.raw"\ngreeting_text = "{WORDS}"\n{agent}')
    (folder / "hello.raw").write_bytes(RECORDED)
    return await build({"AGENT_FILE": str(folder / "agent.toml")})


async def test_it_is_heard_before_the_model_is_told_of_it_and_the_model_answers_the_first_turn(
    recorded: ServerHarness,
) -> None:
    phone = await recorded.dial()
    session = await recorded.model.wait_for_session()
    await phone.start()
    mark = await phone.hears(RECORDED)
    await phone.mark_played(mark)
    await session.expect("session.update")
    told = await session.expect("conversation.item.create")
    assert (told["previous_item_id"], told["item"]["role"]) == ("root", "assistant")
    assert told["item"]["content"] == [{"type": "output_text", "text": WORDS}]
    answer = speech(200)
    response = await next_turn(phone, session)
    await response.speak(answer, "From nine to six.")
    await phone.hears(answer)
    await phone.stop()
    turns = await recorded.wait_for_turns(phone, 1)
    assert (turns[0].said, turns[0].heard) == (WORDS, WORDS)
    assert "response.create" not in [message["type"] for message in session.received]


async def test_a_caller_who_speaks_over_it_is_remembered_to_have_heard_less(recorded: ServerHarness) -> None:
    phone = await recorded.dial()
    session = await recorded.model.wait_for_session()
    await phone.start()
    await phone.hears(RECORDED)
    await phone.mark_played("1")
    await session.expect("session.update")
    await session.expect("conversation.item.create")
    await session.start_speech()
    await phone.until("clear")
    assert (await session.expect("conversation.item.delete"))["item_id"] == "recorded_greeting"
    await phone.stop()
    [turn] = await recorded.wait_for_turns(phone, 1)
    assert WORDS.startswith(turn.heard)
    assert turn.heard != turn.said == WORDS


async def test_who_comes_back_is_not_greeted_by_it_again(recorded: ServerHarness) -> None:
    phone = await recorded.dial()
    session = await recorded.model.wait_for_session()
    await phone.start()
    await phone.mark_played(await phone.hears(RECORDED))
    await recorded.wait_for_turns(phone, 1)
    await phone.close()
    await session.wait_for_end()
    assert await recorded.wait_for_end(phone) == "stream_lost"
    back = await recorded.dial()
    back.call_sid = phone.call_sid
    again = await recorded.model.wait_for_session()
    await back.start(again=True)
    await again.expect("session.update")
    assert (await again.expect("conversation.item.create"))["item"]["content"][0]["text"] == WORDS
    await again.expect("conversation.item.create")
    await again.expect("response.create")
    assert back.heard == b""
    await back.stop()
