"""What happens between Warmline and its model, as entries of a timeline. Pure: the notes of the wire in, entries out.

A response is a span from its beginning to its end, a tool from its call to its answer. Every message that belongs to a
span is among its messages, as it was sent. The audio is left out: it is heard in the recordings.
"""

from dataclasses import dataclass, field

from console.call_view import EntryKind, Message, Syntax, Tone
from console.local.model_messages import ModelMessage, ToolCall, Usage, read_message
from console.local.timeline import Timeline
from console.local.wire_notes import WireNote, WireSession

_MODEL, _WARMLINE = "assistant", "warmline"
# Messages without more to say about them, in words: type -> title.
_ORDERS = {
    "response.create": "Warmline asks the model to speak",
    "response.cancel": "Warmline stops the model",
    "input_audio_buffer.commit": "Warmline ends the caller's turn",
    "conversation.item.delete": "Warmline takes something out of the model's memory",
}


@dataclass(slots=True)
class Used:
    """What one session used, for its cost."""

    model: str
    transcription_model: str = ""
    responses: list[Usage] = field(default_factory=list)
    transcripts: list[Usage] = field(default_factory=list)


@dataclass(slots=True)
class _Audio:
    ms: int = 0
    messages: int = 0


class ModelEntries:
    """Those of one session. `take` its notes in order, each when nothing is added to it any more."""

    def __init__(self, timeline: Timeline, session: WireSession) -> None:
        self.used = Used(session.model)
        self._timeline = timeline
        self._session = session
        self._responses: dict[str, int] = {}
        self._tools: dict[str, int] = {}  # by call_id
        self._ready = False
        self._audio = _Audio()  # of the newest response
        self._listening: int | None = None

    def take(self, note: WireNote, at_ms: int) -> None:
        """`at_ms`: since the call began."""
        if note.is_audio:
            self._take_audio(note)
            return
        message = read_message(note.type, note.text)
        shown = Message(label=note.type or "No type", text=note.text, syntax="json" if note.type else "text")
        if note.to_model:
            self._take_order(message, shown, at_ms)
        else:
            self._take_event(message, shown, at_ms)

    def end(self, at_ms: int) -> None:
        """The connection is over, or never was."""
        listening = [] if self._listening is None else [self._listening]
        for number in (*self._responses.values(), *self._tools.values(), *listening):
            self._timeline.extend(number, at_ms)
        self._responses, self._tools, self._listening = {}, {}, None
        if self._session.refusal is not None:
            message = Message(label="Answer to the handshake", text=self._session.refusal)
            self._add("fault", at_ms, "The model refuses the connection", message, tone="fault")
            return
        fault = not self._session.close.startswith("Warmline")
        title = f"The connection to the model is over: {self._session.close}"
        self._timeline.add(_MODEL, "fault" if fault else "model", at_ms, title, tone="fault" if fault else "normal")

    def _take_audio(self, note: WireNote) -> None:
        """A run of audio: the model's is told at the end of its response."""
        if not note.to_model:
            self._audio.ms += note.audio_ms
            self._audio.messages += note.messages

    def _take_order(self, message: ModelMessage, shown: Message, at_ms: int) -> None:
        """What Warmline sends."""
        if message.type == "session.update":
            title = "changes the session" if self._ready else "tells the model who it is and which tools it has"
            self._add("model", at_ms, f"Warmline {title}", shown)
        elif message.type in _ORDERS:
            self._add("model", at_ms, _ORDERS[message.type], shown)
        elif message.type == "conversation.item.truncate":
            title = f"Warmline tells the model that only {message.audio_end_ms / 1000:.1f} s of this were heard"
            self._add("model", at_ms, title, shown, tone="warning")
        elif message.call_id in self._tools:
            number = self._tools.pop(message.call_id)
            self._timeline.extend(number, at_ms)
            result = Message(label="The tool's answer", text=message.text, syntax=_find_syntax(message.text))
            self._timeline.change(number, messages=[result, shown])
        else:
            words = f": “{message.text}”" if message.text else ""
            self._add("model", at_ms, f"Warmline tells the model{words or ' something'}", shown)

    def _take_event(self, message: ModelMessage, shown: Message, at_ms: int) -> None:
        """What the service sends."""
        match message.type:
            case "session.created":
                self._add("model", at_ms, "The service opens a session of the model", shown)
            case "session.updated":
                self.used.transcription_model = message.transcription_model or self.used.transcription_model
                title = "The model's session is changed" if self._ready else "The model's session is ready"
                self._ready = True
                self._add("model", at_ms, title, shown)
            case "response.created":
                self._audio = _Audio()
                number = self._add("model", at_ms, "The model answers", shown, open=True)
                self._responses[message.response_id] = number
            case "response.done":
                self._end_response(message, shown, at_ms)
            case "input_audio_buffer.speech_started":
                self._listening = self._add("model", at_ms, "The model hears the caller speak", shown, open=True)
            case "input_audio_buffer.speech_stopped" if self._listening is not None:
                self._timeline.extend(self._listening, at_ms)
                self._timeline.change(self._listening, messages=[shown])
                self._listening = None
            case "conversation.item.input_audio_transcription.completed":
                self._add("model", at_ms, f"The model has understood: “{message.text}”", shown)
                self.used.transcripts += [message.usage] if message.usage else []
            case "error":
                title = f"The model reports an error: {message.text or message.reason or 'without words'}"
                self._add("fault", at_ms, title, shown, tone="fault")
            case "":
                self._add("fault", at_ms, "The model sends what is no message of its protocol", shown, tone="fault")
            case _ if message.response_id in self._responses and not message.type.endswith(".delta"):
                self._timeline.change(self._responses[message.response_id], messages=[shown])

    def _end_response(self, message: ModelMessage, shown: Message, at_ms: int) -> None:
        number = self._responses.pop(message.response_id, None)
        if number is None:
            number = self._add("model", at_ms, "The model answers", open=True)
        self._timeline.extend(number, at_ms)
        audio = Message(label="Audio", text=f"{self._audio.ms} ms in {self._audio.messages} messages")
        messages = [audio, shown] if self._audio.messages else [shown]
        self._timeline.change(number, messages=messages, ending=_describe_response(message), tone=_rate(message))
        self.used.responses += [message.usage] if message.usage else []
        for tool in message.tools:
            self._begin_tool(tool, at_ms)

    def _begin_tool(self, tool: ToolCall, at_ms: int) -> None:
        arguments = Message(label="Arguments", text=tool.arguments, syntax=_find_syntax(tool.arguments))
        title = f"The model uses the tool {tool.name or 'without a name'}"
        number = self._timeline.add(_WARMLINE, "tool", at_ms, title, messages=[arguments], open=True)
        self._tools[tool.call_id] = number

    def _add(
        self,
        kind: EntryKind,
        at_ms: int,
        title: str,
        *messages: Message,
        tone: Tone = "normal",
        open: bool = False,  # noqa: A002 - the field's name
    ) -> int:
        return self._timeline.add(_MODEL, kind, at_ms, title, tone=tone, messages=messages, open=open)


def _describe_response(message: ModelMessage) -> str:
    """What follows "The model answers"."""
    words = f": “{message.text}”" if message.text else ""
    tools = " with a tool" if message.tools and not words else ""
    match message.status:
        case "completed" | "":
            return words + tools
        case "cancelled":
            return f"{words}; it was broken off ({message.reason or 'no reason'})"
    return f"{words}; it is {message.status} ({message.reason or message.text or 'no reason'})"


def _rate(message: ModelMessage) -> Tone:
    match message.status:
        case "completed" | "":
            return "normal"
        case "cancelled":
            return "warning"
    return "fault"


def _find_syntax(text: str) -> Syntax:
    return "json" if text.lstrip()[:1] in ("{", "[") else "text"
