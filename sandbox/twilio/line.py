"""The audio of one leg, both ways, and the exchange that moves it in steps of 20 ms.

All legs advance in the same tick: first all speak, then all hear. So what one party says in a tick is what the
bridged party hears in that tick, and no buffer in between can drift. Ticks have absolute times: after a pause of
the process the missed ones follow at once, and every recording keeps its true length.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sandbox.speech import mulaw
from sandbox.twilio.audio_sources import Silence, Source
from sandbox.twilio.clock import Clock
from sandbox.twilio.phones import Phone

type Tap = Callable[[bytes, bytes], None]
"""Gets, in each tick, what a party says and what it hears."""


class Line:
    """A phone's two directions and where they lead. Unconnected, it is silent and nobody listens."""

    def __init__(self, phone: Phone, ringback: Source | None = None) -> None:
        self.phone = phone
        self.spoken = mulaw.SILENT_FRAME  # in this tick
        self.heard = mulaw.SILENT_FRAME  # in this tick
        self.connected = False  # a phone that rings hears and says nothing
        self.source: Source = ringback or Silence()
        self.listener: Callable[[bytes], None] | None = None
        self.keys: Callable[[str], None] | None = None
        self.words: Callable[[str], None] | None = None
        self._taps: list[Tap] = []
        self._ringback = ringback  # until the network takes the call

    def connect(self) -> None:
        """The call was taken: ringback stops, what else is heard goes on."""
        self.connected = True
        if self.source is self._ringback:
            self.source = Silence()

    @contextmanager
    def hearing(self, source: Source) -> Iterator[None]:
        """The party hears `source` for the time of the block."""
        self.source = source
        try:
            yield
        finally:
            if self.source is source:
                self.source = Silence()

    @contextmanager
    def listening(self, listener: Callable[[bytes], None]) -> Iterator[None]:
        """Every frame that the party says goes to `listener` too, silence included."""
        self.listener = listener
        try:
            yield
        finally:
            if self.listener is listener:
                self.listener = None

    @contextmanager
    def taking_keys(self, taker: Callable[[str], None]) -> Iterator[None]:
        """Every key that the party presses goes to `taker`; nobody else gets it."""
        self.keys = taker
        try:
            yield
        finally:
            if self.keys is taker:
                self.keys = None

    @contextmanager
    def recognising(self, taker: Callable[[str], None]) -> Iterator[None]:
        """What the party says goes to `taker` in words, as soon as it was said."""
        self.words = taker
        try:
            yield
        finally:
            if self.words is taker:
                self.words = None

    @contextmanager
    def tapping(self, tap: Tap) -> Iterator[None]:
        """`tap` listens for the time of the block. Any number of them listen at once."""
        self.tap(tap)
        try:
            yield
        finally:
            self._taps.remove(tap)

    def tap(self, tap: Tap) -> None:
        """`tap` listens as long as there is the line."""
        self._taps.append(tap)

    def speak(self) -> None:
        self.spoken = self.phone.speak_frame() if self.connected else mulaw.SILENT_FRAME
        if self.connected and self.listener is not None:
            self.listener(self.spoken)

    def hear(self) -> None:
        if self.connected:
            self.heard = self.source.next_frame()
            self.phone.hear_frame(self.heard, speech=self.source.speech)
            for tap in tuple(self._taps):
                tap(self.spoken, self.heard)


class OtherParty:
    """Hears what is said on another line."""

    speech = True

    def __init__(self, line: Line) -> None:
        self._line = line

    def next_frame(self) -> bytes:
        return self._line.spoken


@contextmanager
def joining(one: Line, other: Line) -> Iterator[None]:
    """The two parties hear each other for the time of the block."""
    with one.hearing(OtherParty(other)), other.hearing(OtherParty(one)):
        yield


class HeardThere:
    """Hears what is heard on another line, in the tick before if that one is later in the loop."""

    def __init__(self, line: Line) -> None:
        self._line = line

    @property
    def speech(self) -> bool:
        return self._line.source.speech

    def next_frame(self) -> bytes:
        return self._line.heard if self._line.connected else mulaw.SILENT_FRAME


class AudioLoop:
    """All lines that there are, and their common clock tick."""

    def __init__(self, clock: Clock) -> None:
        self.tick_ms = 0
        """When the newest tick was due, on the clock: it may have come later, on a busy machine."""
        self._clock = clock
        self._lines: list[Line] = []

    @contextmanager
    def attach(self, line: Line) -> Iterator[None]:
        """`line` takes part in every tick for the time of the block."""
        self._lines.append(line)
        try:
            yield
        finally:
            self._lines.remove(line)

    async def run(self) -> None:
        """Tick until cancelled."""
        self.tick_ms = self._clock.now_ms
        while True:
            await self._clock.sleep_until(self.tick_ms)
            self.tick()
            self.tick_ms += mulaw.FRAME_MS

    def tick(self) -> None:
        lines = tuple(self._lines)
        for line in lines:
            line.speak()
        for line in lines:
            line.hear()
        for line in lines:
            line.phone.tick()
