"""console.play.telephones: a page calls, is rung, speaks, hears, presses keys and hangs up on a real carrier."""

import json

import pytest

from console.play.page_socket import TAKEN
from console.play.telephones import CallRefused
from sandbox.speech import mulaw
from sandbox.twilio.events import Bridged, KeyPressed
from sandbox.twilio.phones import Script
from tests.console.play.conftest import CALLS, PERSON_1, SPOKEN, Setting, run_setting
from tests.console.play.page_client import PageClient, drop_silence, open_page
from tests.sandbox.twilio.application import CALLER, PERSON, Peer, connect
from tests.sandbox.twilio.dial_calls import dial_document
from tests.sandbox.twilio.scripts import HANG_UP, dial_in, stays

SENTENCE = mulaw.tone(400, 440)  # shorter than what may wait in a busy machine's jitter buffer


async def repeat(peer: Peer) -> None:
    """Serve a stream that says back what it hears."""
    while (message := await peer.receive())["event"] != "stop":
        if message["event"] == "media":
            await peer.send("media", media={"payload": message["media"]["payload"]})


async def call(setting: Setting, page: PageClient) -> None:
    """Call an application that repeats what it hears."""
    setting.application.answers["/incoming"] = connect()
    setting.application.serve = repeat
    await page.command(CALLS, "call")
    await page.wait_for_state(CALLS, "talking")


async def ring(setting: Setting, page: PageClient) -> None:
    """Call an application that rings the person."""
    setting.application.answers |= {"/incoming": dial_document(), "/after": HANG_UP}
    await page.command(CALLS, "call")
    await page.wait_for_state(PERSON_1, "ringing")


async def test_a_page_shows_every_telephone_with_its_last_digits_only(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        shown = [(each["role"], each["name"], each["address"], each["state"]) for each in page.telephones.values()]

    assert shown == [("caller", "Caller", f"…{CALLER[-4:]}", "idle"), ("person", "Anna", f"…{PERSON[-4:]}", "idle")]


async def test_what_the_caller_says_reaches_the_application_and_its_answer_the_caller(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        await call(setting, page)
        page.say(CALLS, SENTENCE)
        await page.wait_until(lambda: drop_silence(page.heard[CALLS]).endswith(SENTENCE))
        await page.command(CALLS, "hang_up")
        ended = await page.wait_for_state(CALLS, "ended")
    await setting.call.wait_for_end()

    assert ended["reason"] == "You hung up."
    assert drop_silence(setting.application.peers[0].heard) == SENTENCE
    assert page.state["call"] == setting.call.sid


async def test_caller_and_person_hear_each_other(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        await ring(setting, page)
        assert page.telephones[PERSON_1]["shown"] == f"…{CALLER[-4:]}"
        await page.command(PERSON_1, "answer")
        await setting.carrier.events.wait_for(Bridged)
        page.heard.clear()
        page.say(CALLS, SPOKEN)
        page.say(PERSON_1, SENTENCE)
        await page.wait_until(lambda: drop_silence(page.heard[CALLS]).endswith(SENTENCE))
        await page.wait_until(lambda: drop_silence(page.heard[PERSON_1]).endswith(SPOKEN))
        await page.command(PERSON_1, "hang_up")
        await page.wait_for_state(PERSON_1, "ended")
        ended = await page.wait_for_state(CALLS, "ended")

    assert ended["reason"] == "The other side ended the call."


async def test_keys_are_pressed_one_after_another(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        await call(setting, page)
        for key in "1*#":
            await page.command(CALLS, "key", key=key)
        await setting.carrier.events.wait_for(KeyPressed, lambda pressed: pressed.digit == "#")

    assert [each.digit for each in setting.carrier.events.of(KeyPressed)] == ["1", "*", "#"]


async def test_a_person_who_declines_is_busy(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        await ring(setting, page)
        await page.command(PERSON_1, "decline")
        declined = await page.wait_for_state(PERSON_1, "ended")
        await page.wait_for_state(CALLS, "ended")

    assert declined["reason"] == "You declined the call."
    assert setting.application.list_forms("/after")[0]["DialCallStatus"] == "busy"


async def test_a_telephone_can_be_a_voicemail(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        await ring(setting, page)
        await page.command(PERSON_1, "voicemail")
        await page.wait_for_state(PERSON_1, "voicemail")
        await page.wait_until(lambda: mulaw.energy(bytes(page.heard[CALLS][-1600:])) > 0.05)
        await page.command(CALLS, "hang_up")
        ended = await page.wait_for_state(PERSON_1, "ended")

    assert ended["reason"] == "The voicemail has recorded."


async def test_a_telephone_that_is_let_ring_stops_when_the_caller_hangs_up(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        await ring(setting, page)
        await page.command(CALLS, "hang_up")
        ended = await page.wait_for_state(PERSON_1, "ended")

    assert ended["reason"] == "It stopped ringing before anybody answered."


async def test_a_typed_sentence_is_spoken(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        await call(setting, page)
        await page.command(CALLS, "say", text="Good morning")
        await page.wait_until(lambda: drop_silence(page.heard[CALLS]).endswith(SPOKEN))


BAD: dict[str, tuple[str | bytes, str]] = {
    "garbage": ("\x00{", "no command"),
    "no object": ("[]", "no command"),
    "unknown command": (json.dumps({"telephone": 0, "command": "explode"}), "explode"),
    "unknown field": (json.dumps({"telephone": 0, "command": "call", "to": "+1"}), "unknown field"),
    "unknown telephone": (json.dumps({"telephone": 9, "command": "call"}), "no telephone 9"),
    "telephone out of range": (json.dumps({"telephone": -1, "command": "call"}), "telephone"),
    "a person calls": (json.dumps({"telephone": 1, "command": "call"}), "Only the caller's"),
    "nothing to answer": (json.dumps({"telephone": 1, "command": "answer"}), "cannot answer now"),
    "nothing to hang up": (json.dumps({"telephone": 0, "command": "hang_up"}), "cannot hang up now"),
    "no line for keys": (json.dumps({"telephone": 0, "command": "key", "key": "1"}), "cannot press keys"),
    "no line for a sentence": (json.dumps({"telephone": 0, "command": "say", "text": "Hi"}), "cannot say something"),
    "no such line": (json.dumps({"telephone": 0, "command": "say_line", "line": "x"}), "no recorded line 'x'"),
    "too much text": (json.dumps({"telephone": 0, "command": "say", "text": "a" * 301}), "300"),
    "too long": ("a" * 9000, "9000"),
    "short audio": (b"\x00" * 160, "160 bytes"),
    "audio for nobody": (b"\x09" * 161, "no telephone 9"),
}


@pytest.mark.parametrize("bad", BAD)
async def test_what_the_page_sends_wrongly_is_answered_with_a_sentence(setting: Setting, bad: str) -> None:
    message, expected = BAD[bad]
    async with open_page(setting.origin) as page:
        await page.socket.send(message)
        assert expected in await page.wait_for_error()
        await call(setting, page)


async def test_audio_that_nobody_could_hear_is_dropped(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        await page.socket.send(bytes((CALLS,)) + SENTENCE[:160])
        await call(setting, page)
        page.say(CALLS, SPOKEN)
        await page.wait_until(lambda: drop_silence(page.heard[CALLS]).endswith(SPOKEN))

    assert drop_silence(setting.application.peers[0].heard) == SPOKEN


async def test_no_key_is_refused_and_the_call_goes_on(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        await call(setting, page)
        await page.command(CALLS, "key", key="x")
        assert "no 'x'" in await page.wait_for_error()
        await page.command(CALLS, "call")
        assert "in a call already" in await page.wait_for_error()
        assert page.telephones[CALLS]["state"] == "talking"


async def test_the_newest_page_has_the_telephones(setting: Setting) -> None:
    async with open_page(setting.origin) as old, open_page(setting.origin) as page:
        await old.wait_until(lambda: old.close_code is not None)
        await call(setting, page)

    assert old.close_code == TAKEN


async def test_whoever_talks_hangs_up_when_the_page_is_gone() -> None:
    async with run_setting(gone_s=0.01) as setting:
        async with open_page(setting.origin) as page:
            await call(setting, page)
        report = await setting.call.wait_for_end()

    assert report.ended_by == "party"


async def test_a_page_that_is_loaded_again_finds_its_call(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        await call(setting, page)
    async with open_page(setting.origin) as page:
        assert page.telephones[CALLS]["state"] == "talking"
        page.say(CALLS, SENTENCE)
        await page.wait_until(lambda: drop_silence(page.heard[CALLS]) == SENTENCE)


async def test_a_telephone_rings_on_without_a_page() -> None:
    async with run_setting(gone_s=0.01, pace=10) as setting:
        setting.application.answers |= {"/incoming": dial_document(), "/after": HANG_UP}
        async with open_page(setting.origin) as page:
            call = await dial_in(setting.carrier, stays)
            await page.wait_for_state(PERSON_1, "ringing")
        await call.wait_for_end()

    assert setting.application.list_forms("/after")[0]["DialCallStatus"] == "no-answer"


async def test_a_call_that_is_refused_says_why() -> None:
    async def refuse(_: Script) -> str:
        raise CallRefused("agent.toml:3: expected a string")

    async with run_setting(dial=refuse) as setting, open_page(setting.origin) as page:
        await page.command(CALLS, "call")

        assert await page.wait_for_error() == "agent.toml:3: expected a string"
        assert (await page.wait_for_state(CALLS, "idle"))["reason"] == ""


async def test_an_application_that_fails_is_told_with_twilios_error(setting: Setting) -> None:
    setting.application.answers["/incoming"] = (500, "")
    async with open_page(setting.origin) as page:
        await page.command(CALLS, "call")
        ended = await page.wait_for_state(CALLS, "ended")

    assert "11200" in ended["reason"]


async def test_a_telephone_that_nobody_is_to_answer_rings_on(setting: Setting) -> None:
    async with open_page(setting.origin) as page:
        await ring(setting, page)
        setting.telephones.let_ring(True)
        for command in ("answer", "decline", "voicemail"):
            await page.command(PERSON_1, command)
            assert "rings on" in await page.wait_for_error()
        setting.telephones.let_ring(False)
        await page.command(PERSON_1, "answer")
        await page.wait_for_state(PERSON_1, "talking")
