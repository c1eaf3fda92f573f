"""sandbox.twilio.line: all lines move in one step."""

import asyncio

from sandbox.speech import mulaw
from sandbox.twilio.audio_sources import Clip
from sandbox.twilio.clock import Clock
from sandbox.twilio.line import AudioLoop, Line, OtherParty
from sandbox.twilio.phones import Phone


def line(connected: bool = True) -> Line:
    made = Line(Phone("+1"))
    made.connected = connected
    return made


async def test_what_one_says_the_other_hears_in_the_same_tick() -> None:
    audio_loop, one, other = AudioLoop(Clock()), line(), line()
    saying = asyncio.ensure_future(one.phone.say(b"a" * 160))
    await asyncio.sleep(0)

    with audio_loop.attach(other), audio_loop.attach(one), other.hearing(OtherParty(one)):
        audio_loop.tick()

    assert other.phone.heard == b"a" * 160
    await saying


async def test_a_phone_that_rings_hears_and_says_nothing() -> None:
    audio_loop, ringing, heard = AudioLoop(Clock()), line(connected=False), list[bytes]()

    with audio_loop.attach(ringing), ringing.hearing(Clip(b"a" * 160)), ringing.listening(heard.append):
        audio_loop.tick()

    assert (ringing.phone.heard, heard) == (b"", [])


async def test_a_connection_ends_with_its_block() -> None:
    audio_loop, one = AudioLoop(Clock()), line()

    with audio_loop.attach(one):
        with one.hearing(Clip(b"a" * 1600)):
            audio_loop.tick()
        audio_loop.tick()
    audio_loop.tick()

    assert one.phone.heard == b"a" * 160 + mulaw.SILENT_FRAME


async def test_a_later_connection_is_not_undone_by_an_earlier_one() -> None:
    audio_loop, one = AudioLoop(Clock()), line()
    later = one.hearing(Clip(b"b" * 160))

    with audio_loop.attach(one):
        with one.hearing(Clip(b"a" * 160)):
            later.__enter__()
        audio_loop.tick()

    assert one.phone.heard == b"b" * 160


async def test_every_frame_that_is_said_is_listened_to() -> None:
    audio_loop, one, heard = AudioLoop(Clock()), line(), list[bytes]()

    with audio_loop.attach(one), one.listening(heard.append):
        audio_loop.tick()
        audio_loop.tick()
    audio_loop.tick()

    assert heard == [mulaw.SILENT_FRAME] * 2


class LeapingClock(Clock):
    """Stands still until it is told to leap, as after a pause of the process."""

    def __init__(self) -> None:
        super().__init__()
        self.at_ms = 0
        self.leapt = asyncio.Event()

    @property
    def now_ms(self) -> int:
        return self.at_ms

    def leap(self, ms: int) -> None:
        self.at_ms += ms
        self.leapt.set()

    async def sleep_until(self, ms: int) -> None:
        while self.at_ms < ms:
            self.leapt.clear()
            await self.leapt.wait()


async def test_missed_ticks_are_made_up_for() -> None:
    clock = LeapingClock()
    audio_loop, one = AudioLoop(clock), line()

    with audio_loop.attach(one):
        running = asyncio.ensure_future(audio_loop.run())
        await asyncio.sleep(0)
        clock.leap(1000)
        await asyncio.sleep(0)
        running.cancel()

    assert one.phone.heard_ms == 1020  # the ticks at 0, 20, ... 1000
