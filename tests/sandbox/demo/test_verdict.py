"""Whether the caller was served, decided by recordings made of the demo's own lines."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from sandbox.demo.heard_lines import find_heard_lines
from sandbox.demo.line_recognition import LineRecogniser, start_line_recogniser
from sandbox.demo.options import Options
from sandbox.demo.people import SpokenLine
from sandbox.demo.verdict import Verdict, check_call
from sandbox.speech.mulaw import duration_ms, silence, tone
from sandbox.speech.voices.lines import line
from sandbox.twilio import events
from sandbox.twilio.call_report import CallReport, LegReport
from sandbox.twilio.event_log import TimedEvent

pytestmark = pytest.mark.asyncio(loop_scope="module")

RING = tone(1000, 440, 480) + silence(500)
PAUSE = silence(700)
ANSWERED = Options("answers", "frustrated", "sandbox", "")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recogniser() -> AsyncIterator[LineRecogniser]:
    with start_line_recogniser() as made:
        yield made


def read_line(name: str) -> bytes:
    return line(name).audio


async def judge(report: CallReport, said: list[SpokenLine], options: Options, recogniser: LineRecogniser) -> Verdict:
    return await check_call(report, said, await find_heard_lines(report.heard, recogniser), options, recogniser)


def make_call_that_was_taken(sentence: bytes, *, cut_ms: int = 4200) -> tuple[CallReport, list[SpokenLine]]:
    """A call in which the caller interrupts after 4 s, the assistant says `sentence`, and Anna picks up.

    `cut_ms`: how much of the interrupted line is played.
    """
    greeted = PAUSE + read_line("greeting") + PAUSE
    before = greeted + read_line("hours")[: cut_ms * 8] + PAUSE + sentence + silence(300)
    moved_ms = duration_ms(before)
    answered_ms = moved_ms + duration_ms(RING)
    said = [SpokenLine("Caller", line("ask_order"), duration_ms(greeted) + 4000)]
    at_ms, callers, annas = answered_ms, before + RING, b""
    for who, name in (("Anna", "anna"), ("Caller", "tell_anna"), ("Anna", "anna_answers")):
        said.append(SpokenLine(who, line(name), at_ms))
        quiet = silence(duration_ms(read_line(name)) + 1)[: len(read_line(name))]
        callers += (read_line(name) if who == "Anna" else quiet) + PAUSE
        annas += (read_line(name) if who == "Caller" else quiet) + PAUSE
        at_ms = duration_ms(callers)
    timeline = (
        TimedEvent(0, 0, "CA1", events.RestRequest("fetch", (), 200, None)),
        TimedEvent(0, 0, "CA1", events.RestRequest("update", (), 429, 20429)),
        TimedEvent(moved_ms, moved_ms, "CA1", events.RestRequest("update", (), 200, None)),
        TimedEvent(at_ms, at_ms, "CA1", events.DialEnded("completed", bridged=True, talked_ms=at_ms - answered_ms)),
    )
    leg = LegReport("CA2", "+1", "completed", "party", at_ms - answered_ms, answered_ms, annas)
    return CallReport("CA1", "completed", "document", at_ms, callers, (leg,), timeline), said


def make_call_that_came_back(explanation: bytes) -> CallReport:
    """A call in which nobody picked up, and the assistant says `explanation`."""
    before = PAUSE + read_line("hand_over_asked") + silence(300)
    moved_ms, settled_ms = duration_ms(before), duration_ms(before + RING)
    timeline = (
        TimedEvent(moved_ms, moved_ms, "CA1", events.RestRequest("update", (), 200, None)),
        TimedEvent(settled_ms, settled_ms, "CA1", events.DialEnded("no-answer", bridged=False, talked_ms=0)),
    )
    heard = before + RING + PAUSE + explanation + PAUSE
    return CallReport("CA1", "completed", "document", duration_ms(heard), heard, (), timeline)


async def test_a_caller_who_talks_with_anna_is_served(recogniser: LineRecogniser) -> None:
    report, said = make_call_that_was_taken(read_line("hand_over"))
    result = await judge(report, said, ANSWERED, recogniser)
    assert result.problems == ()
    assert result.found == {"anna", "tell_anna", "anna_answers"}


async def test_a_hand_over_sentence_without_its_last_half_second_is_not_heard(recogniser: LineRecogniser) -> None:
    report, said = make_call_that_was_taken(read_line("hand_over")[: -500 * 8])
    result = await judge(report, said, ANSWERED, recogniser)
    assert result.problems == ("The caller can not hear the hand-over sentence to its end.",)


@pytest.mark.parametrize(
    ("cut_ms", "problems"),
    [
        (duration_ms(read_line("hours")), ("The assistant was not interrupted.",)),
        (3900, ("The assistant was not interrupted.",)),
        (4100, ()),
        (6000, ("The assistant spoke on after the interruption.",)),
    ],
)
async def test_an_interrupted_line_has_to_break_off_soon(
    recogniser: LineRecogniser, cut_ms: int, problems: tuple[str, ...]
) -> None:
    report, said = make_call_that_was_taken(read_line("hand_over"), cut_ms=cut_ms)
    assert (await judge(report, said, ANSWERED, recogniser)).problems == problems


async def test_a_frustrated_caller_who_never_interrupts_misses_their_part(recogniser: LineRecogniser) -> None:
    report, said = make_call_that_was_taken(read_line("hand_over"))
    assert (await judge(report, said[1:], ANSWERED, recogniser)).problems == ("The assistant was not interrupted.",)


async def test_nothing_of_it_is_heard_in_annas_recording(recogniser: LineRecogniser) -> None:
    report, said = make_call_that_was_taken(read_line("hand_over"))
    exchanged = replace(report, heard=silence(report.legs[0].heard_from_ms) + report.legs[0].heard)
    result = await judge(exchanged, said, Options("answers", "asks", "sandbox", ""), recogniser)
    assert result.problems == (
        "The caller can not hear the hand-over sentence to its end.",
        "The caller can not hear Anna.",
    )


async def test_a_caller_whom_anna_can_not_hear_is_not_served(recogniser: LineRecogniser) -> None:
    report, said = make_call_that_was_taken(read_line("hand_over"))
    leg = replace(report.legs[0], heard=silence(duration_ms(report.legs[0].heard)))
    result = await judge(replace(report, legs=(leg,)), said, ANSWERED, recogniser)
    assert result.problems == ("Anna can not hear the caller.",)


@pytest.mark.parametrize(
    ("human", "explanation", "problems"),
    [
        ("no-answer", read_line("no_answer"), ()),
        ("declines", read_line("busy"), ()),
        ("voicemail", read_line("not_taken"), ()),
        ("voicemail", read_line("no_answer"), ("The caller is not told why Anna did not come.",)),
        ("busy", read_line("greeting"), ("The caller is not told why Anna did not come.",)),
        ("no-answer", b"", ("Nobody speaks to the caller after Anna did not come.",)),
    ],
)
async def test_a_caller_who_comes_back_has_to_be_told_why(
    recogniser: LineRecogniser, human: str, explanation: bytes, problems: tuple[str, ...]
) -> None:
    result = await judge(make_call_that_came_back(explanation), [], Options(human, "asks", "sandbox", ""), recogniser)
    assert result.problems == problems


async def test_a_caller_who_is_left_with_a_machine_is_not_served(recogniser: LineRecogniser) -> None:
    report = make_call_that_came_back(read_line("not_taken"))
    bridged = TimedEvent(duration_ms(report.heard) - 5000, 0, "CA1", events.Bridged("CA2", "+1"))
    report = replace(report, events=(*report.events, bridged))
    result = await judge(report, [], Options("voicemail", "asks", "sandbox", ""), recogniser)
    assert result.problems == ("The caller was left with a machine.",)


async def test_of_the_real_model_a_voice_is_enough(recogniser: LineRecogniser) -> None:
    options = Options("busy", "asks", "openai", "sk-1")
    assert (
        await check_call(make_call_that_came_back(read_line("greeting")), [], (), options, recogniser)
    ).problems == ()


async def test_a_caller_who_was_never_put_through_is_not_served(recogniser: LineRecogniser) -> None:
    report = CallReport("CA1", "completed", "party", 0, read_line("greeting"), (), ())
    result = await check_call(report, [], (), ANSWERED, recogniser)
    assert result.problems == ("The caller was not put through to anybody.",)
