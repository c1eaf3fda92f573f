"""What of the assistant's lines is found in a recording."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.demo.heard_lines import HeardLine, find_heard_lines, find_interrupted_line
from sandbox.demo.line_recognition import LineRecogniser, start_line_recogniser
from sandbox.speech.mulaw import silence, tone
from sandbox.speech.voices.lines import line

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOURS, GREETING = line("hours"), line("greeting")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recogniser() -> AsyncIterator[LineRecogniser]:
    with start_line_recogniser() as made:
        yield made


async def test_a_line_that_breaks_off_is_heard_up_to_there(recogniser: LineRecogniser) -> None:
    recording = silence(500) + GREETING.audio + silence(700) + HOURS.audio[: 4123 * 8] + silence(2000)
    began_ms = 500 + len(GREETING.audio) // 8 + 700
    greeting, hours = await find_heard_lines(recording, recogniser)
    assert (greeting.line, greeting.from_ms, greeting.whole) == (GREETING, 500, True)
    assert (hours.line, hours.from_ms, hours.whole) == (HOURS, began_ms, False)
    assert began_ms + 4000 < hours.until_ms <= began_ms + 4123
    assert hours.words == "We are open from Monday to Friday, from nine in the morning until six in the evening,"


async def test_silence_in_the_middle_of_a_line_does_not_end_it(recogniser: LineRecogniser) -> None:
    audio = GREETING.audio
    recording = audio[: 1234 * 8] + silence(60) + audio[1234 * 8 :] + silence(500)
    (greeting,) = await find_heard_lines(recording, recogniser)
    assert (greeting.from_ms, greeting.until_ms) == (0, (len(audio) // 8) + 60)
    assert greeting.whole


async def test_a_line_that_goes_on_after_it_was_cut_is_heard_to_its_end(recogniser: LineRecogniser) -> None:
    audio = HOURS.audio
    recording = audio[: 4000 * 8] + silence(1000) + audio[5000 * 8 :]
    (hours,) = await find_heard_lines(recording, recogniser)
    assert hours.until_ms == len(recording) // 8


async def test_a_line_that_is_said_twice_is_found_twice(recogniser: LineRecogniser) -> None:
    found = await find_heard_lines(GREETING.audio + silence(5000) + GREETING.audio, recogniser)
    assert [each.from_ms for each in found] == [0, len(GREETING.audio) // 8 + 5000]


async def test_other_sounds_are_no_line(recogniser: LineRecogniser) -> None:
    assert await find_heard_lines(tone(3000, 300) + line("anna").audio, recogniser) == []


async def test_the_interrupted_line_is_the_one_that_was_going_on() -> None:
    one, other = HeardLine(GREETING, 0, 500, ""), HeardLine(HOURS, 900, 2000, "")
    assert find_interrupted_line([one, other], 499) == one
    assert find_interrupted_line([one, other], 500) is None
    assert find_interrupted_line([one, other], 900) == other
