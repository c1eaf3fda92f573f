"""sandbox.twilio.phones: what a party says and hears, tick by tick."""

import asyncio
from collections.abc import Awaitable

import pytest

from sandbox.speech import mulaw
from sandbox.twilio.phones import HangUpNow, Person, Phone, answers, busy, declines, never_answers, voicemail

VOICE = mulaw.tone(20, 500)


async def tick(phone: Phone, frame: bytes = mulaw.SILENT_FRAME, *, speech: bool = True, times: int = 1) -> bytes:
    """What the phone says in `times` ticks in which it hears `frame`."""
    said = b""
    for _ in range(times):
        said += phone.speak_frame()
        phone.hear_frame(frame, speech=speech)
        phone.tick()
        await settle()
    return said


async def settle() -> None:
    """Let every task that can run, run."""
    for _ in range(5):
        await asyncio.sleep(0)


async def start(work: Awaitable[None]) -> asyncio.Future[None]:
    future = asyncio.ensure_future(work)
    await settle()
    return future


async def test_what_is_said_takes_as_long_as_it_sounds() -> None:
    phone = Phone("+1")
    saying = await start(phone.say(b"a" * 400))

    assert await tick(phone, times=2) == b"a" * 320
    assert not saying.done()
    assert await tick(phone) == b"a" * 80 + b"\xff" * 80
    assert saying.done()
    assert await tick(phone) == mulaw.SILENT_FRAME


async def test_a_script_that_is_cancelled_falls_silent() -> None:
    phone = Phone("+1")
    saying = await start(phone.say(b"a" * 1600))
    saying.cancel()
    await settle()

    assert await tick(phone) == mulaw.SILENT_FRAME


async def test_the_ear_keeps_every_tick() -> None:
    phone = Phone("+1")
    await tick(phone)
    await tick(phone, VOICE)

    assert (phone.heard, phone.heard_ms) == (mulaw.SILENT_FRAME + VOICE, 40)


async def test_a_voice_is_heard_after_60_ms_of_it() -> None:
    phone = Phone("+1")
    hearing = await start(phone.wait_for_speech())

    await tick(phone, VOICE, times=2)
    await tick(phone)
    await tick(phone, VOICE, times=2)
    assert not hearing.done()
    await tick(phone, VOICE)
    assert hearing.done()


async def test_a_voice_that_is_past_does_not_count() -> None:
    phone = Phone("+1")
    await tick(phone, VOICE, times=5)
    hearing = await start(phone.wait_for_speech())

    await tick(phone, times=5)
    assert not hearing.done()
    hearing.cancel()


async def test_a_tone_of_the_network_is_no_voice() -> None:
    phone = Phone("+1")
    hearing = await start(phone.wait_for_speech())

    await tick(phone, VOICE, speech=False, times=5)
    assert not hearing.done()
    hearing.cancel()


async def test_silence_counts_from_the_last_voice() -> None:
    phone = Phone("+1")
    hearing = await start(phone.wait_for_silence(60))

    await tick(phone, times=2)
    await tick(phone, VOICE)
    await tick(phone, times=2)
    assert not hearing.done()
    await tick(phone)
    assert hearing.done()


async def test_keys_are_pressed_five_a_second() -> None:
    phone, pressed = Phone("+1"), list[str]()
    phone.on_key = pressed.append
    pressing = await start(phone.press("1#"))

    assert pressed == ["1"]
    await tick(phone, times=10)
    assert pressed == ["1", "#"]
    await tick(phone, times=10)
    assert pressing.done()


async def test_what_is_no_key_cannot_be_pressed() -> None:
    with pytest.raises(ValueError, match="'x'"):
        await Phone("+1").press("x")


async def test_hanging_up_ends_the_script() -> None:
    with pytest.raises(HangUpNow):
        await Phone("+1").hang_up()


@pytest.mark.parametrize(
    ("person", "ring_result"),
    [(answers(Phone.stay, after_ms=40), "answered"), (busy(after_ms=40), "busy"), (declines(after_ms=40), "declined")],
)
async def test_people_decide_after_a_while(person: Person, ring_result: str) -> None:
    phone = Phone("+1")
    deciding = await start(person.script(phone))

    await tick(phone)
    assert not phone.ring_result.done()
    await tick(phone)
    assert phone.ring_result.result() == ring_result
    deciding.cancel()


async def test_who_never_answers_never_decides() -> None:
    phone = Phone("+1")
    ringing = await start(never_answers().script(phone))

    await tick(phone, times=100)
    assert not phone.ring_result.done()
    ringing.cancel()


async def test_the_first_decision_counts() -> None:
    phone = Phone("+1")
    answering = await start(phone.answer())
    declining = await start(phone.decline())

    assert phone.ring_result.result() == "answered"
    for each in (answering, declining):
        each.cancel()


async def test_a_key_is_pressed_when_the_whisper_pauses() -> None:
    phone, pressed = Phone("+1"), list[str]()
    phone.on_key = pressed.append
    taking = await start(answers(Phone.stay, after_ms=0, key="1").script(phone))

    await tick(phone, times=5)
    await tick(phone, VOICE, times=10)
    await tick(phone, times=20)
    assert pressed == []
    await tick(phone, times=10)
    assert pressed == ["1"]
    taking.cancel()


async def test_nothing_is_pressed_where_nobody_asks() -> None:
    phone, pressed = Phone("+1"), list[str]()
    phone.on_key = pressed.append
    taking = await start(answers(Phone.hang_up, after_ms=0, key="1").script(phone))

    await tick(phone, times=5)
    assert not taking.done()
    phone.bridged.set()
    await settle()
    assert (pressed, type(taking.exception())) == ([], HangUpNow)


async def test_what_they_say_is_for_the_caller_and_waits_for_them() -> None:
    phone = Phone("+1")
    taking = await start(answers(lambda phone: phone.say(VOICE), after_ms=0, key="1").script(phone))

    await tick(phone, VOICE, times=5)
    await tick(phone, times=50)
    assert not taking.done()
    phone.bridged.set()
    await settle()
    assert await tick(phone) == VOICE
    taking.cancel()


async def test_a_mailbox_speaks_whoever_speaks_and_presses_no_key() -> None:
    phone, pressed = Phone("+1"), list[str]()
    phone.on_key = pressed.append
    answering = await start(voicemail(VOICE * 3, after_ms=0, records_ms=100).script(phone))

    said = await tick(phone, VOICE, times=4)
    assert VOICE * 3 in said
    await tick(phone, times=50)
    assert answering.done()
    assert pressed == []


async def test_somebody_live_speaks_while_nothing_else_is_said() -> None:
    phone = Phone("+1")
    phone.live_voice = lambda: b"l" * 160
    saying = await start(phone.say(b"a" * 160))

    assert await tick(phone, times=2) == b"a" * 160 + b"l" * 160
    await saying


async def test_every_frame_that_is_heard_is_passed_on() -> None:
    phone, passed_on = Phone("+1"), list[bytes]()
    phone.on_hear = passed_on.append

    await tick(phone, VOICE)
    await tick(phone)

    assert passed_on == [VOICE, mulaw.SILENT_FRAME]
