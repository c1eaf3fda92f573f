"""What the legs of one call hear: who speaks when, as entries of its timeline; its figures; its recordings."""

from dataclasses import dataclass

from console.call_view import Figures, Recording
from console.local import figures
from console.local.leg_ear import LegEar
from console.local.speech_spans import SpeechSpan
from console.local.timeline import Timeline

_CALLER = "caller"


@dataclass(frozen=True, slots=True)
class _Listener:
    name: str
    ear: LegEar


class CallSound:
    """`began_ms`: when the call began. Times that it is given are of the carrier's clock."""

    def __init__(self, timeline: Timeline, began_ms: int) -> None:
        self.answered_ms: int | None = None
        """When the call was; None: it was not."""
        self._cleared_ms: list[int] = []
        self._timeline = timeline
        self._began_ms = began_ms
        self._listeners: dict[str, _Listener] = {}  # by lane
        self._shown: dict[tuple[str, int], int] = {}  # lane and place of a span of speech -> its entry

    def add(self, lane: str, name: str, ear: LegEar) -> None:
        """A leg begins; `name` is what its party is called within a sentence."""
        self._listeners[lane] = _Listener(name, ear)

    def end(self, lane: str) -> None:
        """The leg is over."""
        if lane in self._listeners:
            self._listeners[lane].ear.end()

    def clear(self, at_ms: int) -> None:
        """Sound of the assistant's that was still to be played has been dropped: what it says breaks off."""
        self._cleared_ms.append(at_ms)
        self.show()
        caller = self._listeners.get(_CALLER)
        spans = caller.ear.assistant.spans if caller else []
        if spans and spans[-1].open:
            number = self._shown["assistant", len(spans) - 1]
            self._timeline.change(number, ending=", and breaks off", tone="warning")

    def show(self) -> None:
        """Bring the entries of speech up to now."""
        for lane, listener in self._listeners.items():
            who = listener.name[:1].upper() + listener.name[1:]
            self._show(lane, f"{who} speaks", listener.ear.voice.spans)
            if lane == _CALLER:
                self._show("assistant", "The assistant speaks", listener.ear.assistant.spans)

    def measure(self, ended_ms: int) -> Figures:
        """All but what the model knows."""
        caller = self._listeners.get(_CALLER)
        if caller is None:
            return Figures()
        voice, assistant = caller.ear.voice.spans, caller.ear.assistant.spans
        interruptions = figures.list_interruptions(self._cleared_ms, voice, assistant)
        return Figures(
            first_word_ms=figures.find_first_word_ms(self.answered_ms, assistant),
            interruptions=len(interruptions),
            interruption_ms=max(interruptions, default=None),
            longest_silence_ms=figures.find_longest_silence_ms(caller.ear.silences, self.answered_ms, ended_ms),
        )

    def record(self) -> tuple[Recording, ...]:
        """What the caller heard, and everybody who picked up."""
        return tuple(
            Recording(
                lane=lane,
                label=f"What {listener.name} heard",
                from_ms=listener.ear.from_ms - self._began_ms,
                audio=listener.ear.heard,
            )
            for lane, listener in self._listeners.items()
            if listener.ear.from_ms is not None
        )

    def _show(self, lane: str, title: str, spans: list[SpeechSpan]) -> None:
        """The spans that are new, and those that have grown."""
        for place, span in enumerate(spans):
            number = self._shown.get((lane, place))
            if number is None:
                at_ms = span.from_ms - self._began_ms
                number = self._shown[lane, place] = self._timeline.add(lane, "speech", at_ms, title, open=True)
            if self._timeline.is_open(number):
                self._timeline.extend(number, span.until_ms - self._began_ms, open=span.open)
