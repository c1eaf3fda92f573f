"""A call as the pages show it: what happened in which lane, who said what, what was heard of it, how it ended.

Every source of calls makes these (`call_source.py`), and every page and report is made of them. They know neither the
container nor Twilio. Phone numbers are whole here; whoever shows them masks them (`masking.py`).

Times are milliseconds since the call began, when the caller dialled. Only those of a `CallSummary` are since 1970.
"""

from dataclasses import dataclass
from typing import Literal

LaneKind = Literal["caller", "assistant", "person", "twilio", "warmline"]
"""`twilio`: webhooks, TwiML, REST. `warmline`: tools, the transfer, what was written into the log."""
EntryKind = Literal[
    "call",  # dialled, answered, hung up
    "speech",  # somebody speaks; tone `warning`: they were cut off
    "ringing",
    "key",
    "stream",  # the media stream: began, ended, marks, clear
    "model",  # a message of the model's session
    "tool",
    "transfer",  # asked, rung, accepted, bridged
    "webhook",
    "rest",
    "notice",  # an SMS, a mail
    "fault",
]
Tone = Literal["normal", "good", "warning", "fault"]
Syntax = Literal["json", "xml", "form", "text"]
Outcome = Literal["running", "talked", "answered", "message", "nobody", "failed", "unknown"]
"""`talked`: caller and person were on the line together. `answered`: the assistant alone served the caller, to a
goodbye or until the caller hung up. `message`: the caller left one. `nobody`: a person was wanted and none came.
`failed`: the call broke, or ended with an apology. `unknown`: the record does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One exact message of a wire, a document or a log line, as it was sent."""

    label: str
    """What it is, such as "TwiML" or "response.done"."""
    text: str
    syntax: Syntax = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row of the timeline."""

    id: str
    """`caller`, `assistant`, `twilio`, `warmline`, or the CallSid of a person's leg."""
    kind: LaneKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happened: a moment, or a span of time."""

    number: int
    """Names the entry within its call; never reused, and the same in every later view of the call."""
    lane: str
    """The id of a lane."""
    kind: EntryKind
    at_ms: int
    until_ms: int | None = None
    """None: a moment. Of a span that lasts still, the newest time that is known."""
    open: bool = False
    """The span lasts still."""
    title: str
    """One sentence for a newcomer, such as "Twilio asks what to do with the call"."""
    tone: Tone = "normal"
    messages: tuple[Message, ...] = ()
    """The exact messages. A page gets them only when the entry is opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One thing that was said, typed or looked up."""

    number: int
    """As `Entry.number`, among the turns."""
    at_ms: int
    speaker: Literal["caller", "assistant", "person", "keys", "tool"]
    name: str
    """Who that is, in words."""
    heard: str
    """What reached the other side's ear."""
    cut: str = ""
    """What was to follow it and was never heard, because somebody interrupted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegView:
    """One telephone that was rung for an attempt. A time is None until it has happened."""

    sid: str
    to: str
    """Number, SIP address or client; empty where the record does not have it."""
    rung_at_ms: int | None = None
    answered_at_ms: int | None = None
    ended_at_ms: int | None = None
    outcome: str = ""
    """In words, such as "picked up, pressed no key"; empty: it rings or talks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One attempt to reach a person: a row of the ledger."""

    request_id: str
    at_ms: int
    destination: str
    reason: str = ""
    summary: str = ""
    status: str
    """The record's own word, such as `bridged`."""
    outcome: str
    """The same in a sentence."""
    talked_s: int = 0
    settled_at_ms: int | None = None
    message_url: str = ""
    message_s: int = 0
    legs: tuple[LegView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How fast it went and what it cost; None where it did not come to that, or cannot be known."""

    first_word_ms: int | None = None
    """From the answer to the call until the caller hears the assistant."""
    interruptions: int = 0
    interruption_ms: int | None = None
    """The longest time from a caller's interruption until the assistant was silent."""
    longest_silence_ms: int | None = None
    """In the caller's ear, while the caller did not speak either."""
    tokens: int | None = None
    cost_usd: float | None = None
    """Of the model, by the price list of `socket_server/core/prices.py`. A call costs Twilio's minutes, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Sound of the call, mu-law at 8 kHz; only a call of the sandbox has it."""

    lane: str
    """Whose ear it is."""
    label: str
    from_ms: int
    audio: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSummary:
    """A call as a row of a list."""

    sid: str
    began_at_ms: int
    """Milliseconds since 1970."""
    ended_at_ms: int | None = None
    """Since 1970, too. None: it runs, or nobody knows."""
    caller: str
    called: str
    outcome: Outcome
    outcome_text: str
    """The outcome in a few words, such as "talked with Maria for 64 s"."""
    destination: str = ""
    """The last one that was asked for."""
    attempts: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """All that is known about one call now."""

    summary: CallSummary
    now_ms: int
    """How long the call has lasted so far; its length when it is over."""
    lanes: tuple[Lane, ...]
    """From top to bottom."""
    entries: tuple[Entry, ...] = ()
    """In the order of `at_ms`."""
    turns: tuple[Turn, ...] = ()
    attempts: tuple[AttemptView, ...] = ()
    figures: Figures = Figures()
    recordings: tuple[Recording, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader must know about this view, such as "words were erased after the call"."""
