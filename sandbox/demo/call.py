"""The demo's call: everything is set up, the caller dials, and what happened is shown, checked and kept."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from call_record import CallRecord
from console.local.local_run import LocalRun, run_local
from console.options import OPENAI_URL
from sandbox.aws.artifacts import Artifacts
from sandbox.container import Container, run_checkout
from sandbox.demo.display import Display
from sandbox.demo.heard_lines import find_heard_lines
from sandbox.demo.line_recognition import LineRecogniser, start_line_recogniser
from sandbox.demo.log_problems import find_problems
from sandbox.demo.narration import Narrator
from sandbox.demo.options import Options
from sandbox.demo.people import (
    Speaker,
    SpokenLine,
    find_interruption_ms,
    make_anna_script,
    make_caller_script,
    make_voicemail_script,
)
from sandbox.demo.saved_files import remove_report, save_recordings, save_report
from sandbox.demo.summary import describe_outcome, make_rows, measure_timings
from sandbox.demo.verdict import Verdict, check_call
from sandbox.environment import Environment
from sandbox.installation import InstallationOptions
from sandbox.not_simulated import NotSimulatedError, list_features
from sandbox.openai.output_items import Pace
from sandbox.openai.scripted_voice import ScriptedVoice
from sandbox.openai.server import ModelServer
from sandbox.program import Program
from sandbox.speech.voices.lines import Line
from sandbox.twilio.call_report import CallReport
from sandbox.twilio.calls import Call
from sandbox.twilio.phones import Person, answers, busy, declines, never_answers

_LONGEST_S = 240  # nobody waits longer for a demo

PERSON, VOICEMAIL = "Anna", "Voicemail"
# Whoever changes the people or the agent of their own Warmline changes nothing here: the lines are recorded.
DIRECTORY = Path(__file__).with_name("directory.toml")
AGENT = Path(__file__).with_name("agent.toml")
_NOT_SIMULATED = "sandbox/twilio/not_simulated.py"
_FRONT_DESK = "+15550100002"  # Anna's, in that directory


class DemoError(Exception):
    """The demo could not be carried through; the message is for the user."""


async def run_demo(
    options: Options,
    display: Display,
    folder: Path,
    artifacts: Artifacts | None = None,
    container: Container = run_checkout,
) -> Verdict:
    """Place the call and show it; leave recordings and report in `folder`, which exists.

    Raises DemoError and ProgramError.
    """
    remove_report(folder)
    try:
        return await _run(options, display, folder, artifacts, container)
    except* NotSimulatedError as error:
        features = ", ".join(list_features(error))
    refused = f"A webhook's answer has what the sandbox does not simulate: {features}. {_NOT_SIMULATED} has the table."
    return Verdict(frozenset(), (refused,))


async def _run(
    options: Options, display: Display, folder: Path, artifacts: Artifacts | None, container: Container
) -> Verdict:
    transcript = _LiveTranscript(display)
    async with _set_up(options, artifacts, container, transcript, display) as (run, recogniser):
        network = run.environment
        report, said = await _place_call(network, recogniser, options, transcript, display)
        with display.show_progress("Checking what can be heard in the recordings"):
            heard_lines = await find_heard_lines(report.heard, recogniser) if options.model == "sandbox" else None
            result = await check_call(report, said, heard_lines or (), options, recogniser)
            if options.human != "answers" and not network.carrier.messages:
                result = replace(result, problems=(*result.problems, f"{PERSON} was not told of the missed call."))
            record = await _read_record(network, report)
            view = await run.source.wait_for_end(report.sid)
    logged = _describe_logged_problems(network.installation.container)
    if not any(turn.speaker == "model" for turn in record.turns):
        raise DemoError(f"The assistant never said a word. {logged}")
    display.show_summary(
        make_rows(record, transcript.began_at_ms, said, result.found, heard_lines),
        measure_timings(report, heard_lines, find_interruption_ms(said)),
        describe_outcome(record.attempts, PERSON),
        by_ear=heard_lines is not None,
    )
    try:
        save_recordings(report, folder, display)
        if view is not None:
            save_report(view, said, result.found, folder)
    except OSError as error:  # the disk is full
        raise DemoError(f"The recordings cannot be written into {folder}: {error.strerror}.") from None
    return replace(result, problems=(*result.problems, logged)) if result.problems else result


class _LiveTranscript:
    """Shows what is said, with the times of the call that has begun."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self.began_at_ms = 0  # since 1970

    def begin(self) -> None:
        """The caller dials now."""
        self.began_at_ms = time.time_ns() // 1_000_000

    @property
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 - self.began_at_ms

    def add(self, said: SpokenLine) -> None:
        self._display.show_line(said.at_ms, said.who, said.line.text)

    def add_assistant_line(self, line: Line) -> None:
        """The assistant begins to say this."""
        self._display.show_line(self.now_ms, "Assistant", line.text)


@contextlib.asynccontextmanager
async def _set_up(
    options: Options, artifacts: Artifacts | None, container: Container, transcript: _LiveTranscript, display: Display
) -> AsyncIterator[tuple[LocalRun, LineRecogniser]]:
    if artifacts:
        display.show_note(f"The functions are what SAM built in {artifacts.folder}, run by AWS's own runtime.")
    async with contextlib.AsyncExitStack() as stack:
        with display.show_progress("Setting up the telephone network, the assistant's model and Warmline"):
            recogniser = stack.enter_context(start_line_recogniser())
            await recogniser.get_ready("model", "person")
            if options.model == "openai":
                realtime_url, api_key = OPENAI_URL, options.openai_api_key
            else:
                voice = ScriptedVoice(transcript.add_assistant_line)
                model = await stack.enter_async_context(ModelServer(voice, pace=Pace(times_real_time=4)))
                realtime_url, api_key = model.url, "sandbox"
            warmline = run_local(
                InstallationOptions(
                    realtime_url=realtime_url,
                    openai_api_key=api_key,
                    settings={"AGENT_FILE": str(AGENT)},
                    directory=DIRECTORY.read_text(),
                    artifacts=artifacts,
                    container=container,
                ),
                is_sandbox_model=options.model == "sandbox",
            )
            run = await stack.enter_async_context(warmline)
        yield run, recogniser


async def _place_call(
    network: Environment,
    recogniser: LineRecogniser,
    options: Options,
    transcript: _LiveTranscript,
    display: Display,
) -> tuple[CallReport, list[SpokenLine]]:
    """Let the caller dial, and show the call until it is over; what the people said is in the order of time."""
    caller = Speaker("Caller", recogniser, ("model", "person"), transcript)
    anna = Speaker(PERSON, recogniser, ("caller",), transcript)
    machine = Speaker(VOICEMAIL, recogniser, (), transcript)
    network.carrier.people[_FRONT_DESK] = _make_person(options.human, anna, machine)
    transcript.begin()
    call = await network.call(make_caller_script(caller, options.caller))
    report = await _wait_for_end(call, network, options, display)
    return report, sorted((*caller.said, *anna.said, *machine.said), key=lambda each: each.at_ms)


def _make_person(choice: str, anna: Speaker, machine: Speaker) -> Person:
    match choice:
        case "answers":
            return answers(make_anna_script(anna), after_ms=3000, key="1")
        case "voicemail":
            return answers(make_voicemail_script(machine), after_ms=1000)
        case "busy":
            return busy()
        case "declines":
            return declines()
        case _:
            return never_answers()


async def _wait_for_end(call: Call, network: Environment, options: Options, display: Display) -> CallReport:
    """Tell the call until it is over."""
    report: CallReport | None = None
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(_show_events(call, network, options, display))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_S):
                report = await call.wait_for_end(timeout_s=None)
        telling.cancel()
    if report is None:
        raise DemoError(
            f"The call was not over after {_LONGEST_S} s. {_describe_logged_problems(network.installation.container)}"
        )
    return report


async def _show_events(call: Call, network: Environment, options: Options, display: Display) -> None:
    picks_up = f"{PERSON}'s voicemail" if options.human == "voicemail" else PERSON
    narrator = Narrator(call.sid, PERSON, words_known=options.model == "sandbox", picks_up=picks_up)
    began_ms = 0
    async for event in network.carrier.events.watch():
        if event.call_sid == call.sid:
            began_ms = event.clock_ms - event.at_ms
        if sentence := narrator.tell(event):
            display.show_event(event.clock_ms - began_ms, sentence)


async def _read_record(network: Environment, report: CallReport) -> CallRecord:
    """What is stored about the call. The container writes the last of it before it ends, and so it has to end."""
    await network.installation.container.stop()
    return await asyncio.to_thread(network.installation.table.read, report.sid)


def _describe_logged_problems(container: Program) -> str:
    return f"Warmline logged: {'; '.join(find_problems(container.log)) or 'nothing that was wrong'}."
