"""Whether the caller was served, decided by recordings made of the demo's own lines."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from sandbox.audio import duration_ms, silence, tone
from sandbox.carrier import events
from sandbox.carrier.events import Event
from sandbox.carrier.report import CallReport, LegReport
from sandbox.demo.ears import Ears, ears
from sandbox.demo.options import Options
from sandbox.demo.people import Said
from sandbox.demo.served import verdict
from sandbox.voices.lines import line

pytestmark = pytest.mark.asyncio(loop_scope="module")

RING = tone(1000, 440, 480) + silence(500)
PAUSE = silence(700)
ANSWERED = Options("answers", "frustrated", "sandbox", "")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hearing() -> AsyncIterator[Ears]:
    with ears() as made:
        yield made


def told(name: str) -> bytes:
    return line(name).audio


def put_through(sentence: bytes) -> tuple[CallReport, list[Said]]:
    """A call in which the assistant says `sentence`, and Anna picks up."""
    before = PAUSE + told("greeting") + PAUSE + sentence + silence(300)
    moved_ms = duration_ms(before)
    answered_ms = moved_ms + duration_ms(RING)
    said, at_ms, callers, annas = [], answered_ms, before + RING, b""
    for who, name in (("Anna", "anna"), ("Caller", "tell_anna"), ("Anna", "anna_answers")):
        said.append(Said(who, line(name), at_ms))
        quiet = silence(duration_ms(told(name)) + 1)[: len(told(name))]
        callers += (told(name) if who == "Anna" else quiet) + PAUSE
        annas += (told(name) if who == "Caller" else quiet) + PAUSE
        at_ms = duration_ms(callers)
    timeline = (
        Event(moved_ms, moved_ms, "CA1", events.RestRequest("update", (), 200, None)),
        Event(at_ms, at_ms, "CA1", events.DialEnded("completed", bridged=True, talked_ms=at_ms - answered_ms)),
    )
    leg = LegReport("CA2", "+1", "completed", "party", at_ms - answered_ms, answered_ms, annas)
    return CallReport("CA1", "completed", "document", at_ms, callers, (leg,), timeline), said


def brought_back(explanation: bytes) -> CallReport:
    """A call in which nobody picked up, and the assistant says `explanation`."""
    before = PAUSE + told("hand_over") + silence(300)
    moved_ms, settled_ms = duration_ms(before), duration_ms(before + RING)
    timeline = (
        Event(moved_ms, moved_ms, "CA1", events.RestRequest("update", (), 200, None)),
        Event(settled_ms, settled_ms, "CA1", events.DialEnded("no-answer", bridged=False, talked_ms=0)),
    )
    heard = before + RING + PAUSE + explanation + PAUSE
    return CallReport("CA1", "completed", "document", duration_ms(heard), heard, (), timeline)


async def test_a_caller_who_talks_with_anna_is_served(hearing: Ears) -> None:
    report, said = put_through(told("hand_over"))
    result = await verdict(report, said, ANSWERED, hearing)
    assert result.problems == ()
    assert result.found == {"anna", "tell_anna", "anna_answers"}


async def test_a_hand_over_sentence_without_its_last_half_second_is_not_heard(hearing: Ears) -> None:
    report, said = put_through(told("hand_over")[: -500 * 8])
    result = await verdict(report, said, ANSWERED, hearing)
    assert result.problems == ("The caller can not hear the hand-over sentence to its end.",)


async def test_nothing_of_it_is_heard_in_annas_recording(hearing: Ears) -> None:
    report, said = put_through(told("hand_over"))
    exchanged = replace(report, heard=silence(report.legs[0].heard_from_ms) + report.legs[0].heard)
    result = await verdict(exchanged, said, ANSWERED, hearing)
    assert result.problems == (
        "The caller can not hear the hand-over sentence to its end.",
        "The caller can not hear Anna.",
    )


async def test_a_caller_whom_anna_can_not_hear_is_not_served(hearing: Ears) -> None:
    report, said = put_through(told("hand_over"))
    leg = replace(report.legs[0], heard=silence(duration_ms(report.legs[0].heard)))
    result = await verdict(replace(report, legs=(leg,)), said, ANSWERED, hearing)
    assert result.problems == ("Anna can not hear the caller.",)


@pytest.mark.parametrize(
    ("human", "explanation", "problems"),
    [
        ("no-answer", told("no_answer"), ()),
        ("declines", told("busy"), ()),
        ("busy", told("greeting"), ("The caller is not told why Anna did not come.",)),
        ("no-answer", b"", ("Nobody speaks to the caller after Anna did not come.",)),
    ],
)
async def test_a_caller_who_comes_back_has_to_be_told_why(
    hearing: Ears, human: str, explanation: bytes, problems: tuple[str, ...]
) -> None:
    result = await verdict(brought_back(explanation), [], replace(ANSWERED, human=human), hearing)
    assert result.problems == problems


async def test_of_the_real_model_a_voice_is_enough(hearing: Ears) -> None:
    options = Options("busy", "asks", "openai", "sk-1")
    assert (await verdict(brought_back(told("greeting")), [], options, hearing)).problems == ()


async def test_a_caller_who_was_never_put_through_is_not_served(hearing: Ears) -> None:
    report = CallReport("CA1", "completed", "party", 0, told("greeting"), (), ())
    result = await verdict(report, [], ANSWERED, hearing)
    assert result.problems == ("The caller was not put through to anybody.",)
