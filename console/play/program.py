"""The parts of `make play`, and how they hang together: telephones, carrier, installation, model, pages."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from console.local.local_run import LocalRun, run_local
from console.local.people import read_people
from console.play.agent_files import AgentFiles
from console.play.model import run_model
from console.play.options import Options
from console.play.page_messages import About
from console.play.pages import make_extension
from console.play.running_agent import RunningAgent
from console.play.spoken_text import NO_VOICE, Speak, find_speak, make_render, make_say
from console.play.telephone import CommandError, Telephone
from console.play.telephones import Render, Telephones
from console.play.typed_text import NOTE as TYPED_TEXT
from console.play.typed_text import add_typed_text
from console.play.what_if import WhatIf
from console.web.app import make_app
from console.web.serve import serve_for_ever
from sandbox.demo.call import AGENT as DEMO_AGENT
from sandbox.demo.call import DIRECTORY as DEMO_DIRECTORY
from sandbox.environment import CALLER, WARMLINE
from sandbox.installation import InstallationOptions
from sandbox.speech.voices.lines import line, load_lines
from sandbox.twilio.account import IncomingNumber
from sandbox.twilio.calls import Call
from sandbox.twilio.events import CallEnded
from sandbox.twilio.phones import Phone, Script, voicemail

_PLAYS_DEMO = (
    "The sandbox's model plays the demo's agent, Spoke and Wheel, with the demo's people. It knows only the recorded "
    "sentences that the page offers during a call. Your own agent answers when OPENAI_API_KEY is set, or MODEL names "
    "a server."
)


class PlayError(Exception):
    """It cannot begin; the message is for the user."""


async def run_play(options: Options, environment: Mapping[str, str]) -> None:
    """Serve the page until cancelled. Raises PlayError, ModelError, ServeError and ProgramError."""

    def say(sentence: str) -> None:
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()

    async with run_playing(options) as playing:
        app = make_app(playing.local.source, make_extension(playing.telephones, playing.what_if))
        for note in playing.telephones.about.notes:
            say(note)
        await serve_for_ever(app, options.port, environment, say=say)


@dataclass(slots=True)
class Playing:
    """What runs: telephones, and behind the number that the caller's dials, an installation."""

    local: LocalRun
    agent: RunningAgent
    names: dict[str, str]
    """Of the people, for the pages."""
    demo: bool
    notes: tuple[str, ...]
    telephones: Telephones = field(init=False)
    what_if: WhatIf = field(init=False)
    _number: str = WARMLINE

    def make_telephones(self, speak: Speak | None, directory: str) -> None:
        """The caller's and the people's."""
        caller = Telephone("caller", "Caller", CALLER, self._find_call)
        self.telephones = Telephones(caller, self._dial, self._make_render(speak))
        lines = tuple(each for each in load_lines().values() if each.name != "voicemail") if self.demo else ()
        self.telephones.tell_about(About(lines=lines))
        self._use_directory(directory)
        self.what_if = WhatIf(
            self.local.environment.installation,
            self.local.wire.drop_all,
            self.telephones.let_ring,
            self.local.source.note_fault,
        )

    async def end_faults_with_calls(self) -> None:
        """Whatever was switched on is switched off when a caller's call is over. Until cancelled."""
        carrier = self.local.environment.carrier
        async for event in carrier.events.watch():
            if isinstance(event.what, CallEnded) and carrier.calls[event.call_sid].parent is None:
                self.what_if.switch_all_off()

    def _make_render(self, speak: Speak | None) -> Render:
        """Without a voice, what the caller types goes to the model as text."""
        if speak is not None or self.demo:
            return make_render(speak)

        async def send(who: str, text: str) -> bytes:
            if who != "caller":
                raise CommandError(NO_VOICE)
            add_typed_text(self.local, self.telephones.about.call_sid, text)
            return b""

        return send

    async def _dial(self, script: Script) -> str:
        directory = await self.agent.refresh()
        if directory is not None:
            self._use_directory(directory)
        call = await self.local.environment.call(script, to=self._number)
        return call.sid

    def _use_directory(self, directory: str) -> None:
        """Put everybody's telephone on the network, and the account's numbers into the account."""
        people, carrier = read_people(directory), self.local.environment.carrier
        self.names.clear()
        self.names.update(people.names)
        self._number = people.own_numbers[0] if people.own_numbers else WARMLINE
        known = {each.phone_number for each in carrier.account.numbers}
        carrier.account.numbers += [IncomingNumber(each) for each in people.own_numbers if each not in known]
        self.telephones.show_people([self._make_person(name, address) for address, name in people.names.items()])
        carrier.people.clear()
        carrier.people.update({each.address: each.person for each in self.telephones.people})
        queues = tuple(f"{each} is a queue: nobody is rung there, the caller waits." for each in people.queues)
        self.telephones.tell_about(self.telephones.about.with_notes((*self.notes, *queues)))

    def _make_person(self, name: str, address: str) -> Telephone:
        telephone = Telephone("person", name, address, self._find_call)
        if self.demo:
            telephone.voicemail = voicemail(line("voicemail").audio).script
        return telephone

    def _find_call(self, phone: Phone) -> Call:
        return next(call for call in self.local.environment.carrier.calls.values() if call.phone is phone)


@contextlib.asynccontextmanager
async def run_playing(
    options: Options, files: AgentFiles | None = None, *, search_path: str | None = None
) -> AsyncIterator[Playing]:
    """Everything but the pages. The agent and the people are the user's, or with the sandbox's model the demo's.

    `search_path` stands in for PATH, where the voice is looked for.
    """
    demo = not options.model_url
    files = files or (AgentFiles(DEMO_AGENT, DEMO_DIRECTORY) if demo else AgentFiles())
    times = await asyncio.to_thread(files.read_times)
    if faults := await files.check():
        raise PlayError(f"{faults}\nMend this, then start again.")
    directory = await asyncio.to_thread(files.directory.read_text)
    speak = await asyncio.to_thread(find_speak, search_path)
    names = dict(read_people(directory).names)
    async with (
        run_model(options, files.agent) as model_url,
        run_local(
            _make_options(options, files, model_url, directory),
            names=names,
            is_sandbox_model=demo,
            say=make_say(speak),
        ) as local,
        asyncio.TaskGroup() as group,
    ):
        agent = RunningAgent(files, local.environment.installation, times)
        notes = (*((_PLAYS_DEMO,) if demo else ()), *(() if speak else (NO_VOICE if demo else TYPED_TEXT,)))
        playing = Playing(local, agent, names, demo, notes)
        playing.make_telephones(speak, directory)
        running = [group.create_task(each) for each in (playing.telephones.run(), playing.end_faults_with_calls())]
        try:
            yield playing
        finally:
            for task in running:
                task.cancel()


def _make_options(options: Options, files: AgentFiles, model_url: str, directory: str) -> InstallationOptions:
    return InstallationOptions(
        realtime_url=model_url,
        openai_api_key=options.openai_api_key,
        settings={"AGENT_FILE": str(files.agent)},
        directory=directory,
    )
