"""A behaviour for the demo: really listens to the caller's audio, and answers aloud by the rules of `dialogue.toml`.

It hears by a real voice activity detector with the session's own settings and a recogniser of the phrases that the
rules know; it speaks by the rendered lines. What it does depends on nothing but what it heard and was told. Simpler
than a model: it knows its phrases only, and takes its instructions as read.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.openai.dialogue import Act, DialogueState, load_dialogue
from sandbox.openai.response import Response
from sandbox.openai.schemas import Message
from sandbox.openai.session import Session
from sandbox.speech.recognition import Recogniser, SpeechStarted, SpeechStopped, TurnDetector
from sandbox.speech.voices.lines import Line, line


class ScriptedVoice:
    """Talks with whoever calls. Give the server a pace (`Pace(times_real_time=4)`): a real model takes its time too.

    `overhear` is told every line that it begins to say.
    """

    def __init__(self, overhear: Callable[[Line], None] | None = None) -> None:
        self._overhear = overhear

    async def converse(self, session: Session) -> None:
        """See Behaviour."""
        voice = _VoiceSession(session, self._overhear)
        async with asyncio.TaskGroup() as group:
            group.create_task(voice.listen())
            group.create_task(voice.answer())


@dataclass(slots=True)
class _VoiceSession:
    """One session that is being played."""

    session: Session
    overhear: Callable[[Line], None] | None
    talk: DialogueState = field(default_factory=lambda: DialogueState(load_dialogue()))
    opened: bool = False
    said: str | None = None  # what the caller said last and was not answered yet

    async def listen(self) -> None:
        """Follow the caller's audio and tell the session about their turns."""
        recogniser = await asyncio.to_thread(Recogniser, load_dialogue().phrases)
        # The settings in force when the caller's audio begins stay; only the flags for answers change in a call.
        piece = await self.session.wait_for_more_audio(0)
        detector, heard_bytes = self._make_detector(), 0
        while True:
            heard_bytes += len(piece)
            for event in detector.hear(piece):
                await self._report(event, recogniser)
            piece = await self.session.wait_for_more_audio(heard_bytes)

    async def _report(self, event: SpeechStarted | SpeechStopped, recogniser: Recogniser) -> None:
        match event:
            case SpeechStarted(at_ms):
                await self.session.start_speech(at_ms)
            case SpeechStopped(at_ms, audio):
                phrase = await asyncio.to_thread(recogniser.recognise, audio)
                self.said = phrase
                await self.session.stop_speech(phrase or "", at_ms)

    async def answer(self) -> None:
        """Speak in every response that begins."""
        while True:
            response = await self.session.unanswered.get()
            await self._perform(response, self._choose_act(response))

    def _make_detector(self) -> TurnDetector:
        settings = self.session.configuration.turn_detection
        assert settings is not None, "the demo's model needs the session's turn detection switched on"
        return TurnDetector(settings.threshold, settings.prefix_padding_ms, settings.silence_duration_ms)

    def _choose_act(self, response: Response) -> Act:
        items = [item.document for item in self.session.conversation.items]
        if not self.opened:
            self._check_tools()
            self.opened = True
            return self.talk.open([_join_text(item) for item in items if item["type"] == "message"])
        if response.options.get("tool_choice") == "none":
            goodbye = "goodbye" in response.options.get("instructions", "").lower()
            return Act(say="goodbye" if goodbye else "hand_over")
        if items and items[-1]["type"] == "function_call_output":
            tools = {item["call_id"]: item["name"] for item in items if item["type"] == "function_call"}
            return self.talk.answer_output(tools[items[-1]["call_id"]], items[-1]["output"])
        if items and items[-1].get("role") == "system":
            return self.talk.answer_message(_join_text(items[-1]))
        said, self.said = self.said, None
        return self.talk.answer_phrase(said)

    async def _perform(self, response: Response, act: Act) -> None:
        """Say and call, as far as the caller lets us."""
        if act.say and response.open:
            if self.overhear is not None:
                self.overhear(line(act.say))
            await response.speak(line(act.say).audio, line(act.say).text)
        if act.call and response.open:
            await response.call_tool(act.call, json.dumps(self._make_arguments(act)))
        await response.finish()

    def _make_arguments(self, act: Act) -> Message:
        if act.call != "transfer_to_human":
            return {}
        where = self._read_tools()[act.call]["parameters"]["properties"]["destination"]
        names = where.get("enum") or ["front_desk"]
        destination = "front_desk" if "front_desk" in names else names[0]
        return {"destination": destination, "reason": act.reason, "summary": self.talk.summary}

    def _read_tools(self) -> dict[str, Message]:
        return {tool["name"]: tool for tool in self.session.configuration.document["tools"]}

    def _check_tools(self) -> None:
        """Refuse to play a session that a real model could not play either."""
        if missing := load_dialogue().tools - set(self._read_tools()):
            raise LookupError(f"the session offers no {', '.join(sorted(missing))}: the demo cannot be played")
        if "Spoke and Wheel" not in self.session.configuration.document["instructions"]:
            raise LookupError("the session's instructions do not say that this is Spoke and Wheel")


def _join_text(message: Message) -> str:
    return " ".join(part.get("text", "") for part in message["content"])
