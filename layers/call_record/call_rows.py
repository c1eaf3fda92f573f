"""The rows that are stored about a call, as types. `call_attributes` converts them.

The key of every row is the `call_sid` of its call (except rows of `ringing`: `number#DIGEST`,
`dial#CALL_SID#REQUEST_ID`). `item` says what it is: `call`, `stream#JTI`, `turn#TIME#…`, `attempt#REQUEST_ID`,
`leg#REQUEST_ID#LEG_SID`, `notice#ABOUT#TOLD#REQUEST_ID`, `goodbye#REQUEST_ID`. An attribute has the name of its field.
None is not stored. A missing attribute reads as the default of its field.
"""

from dataclasses import dataclass
from typing import Literal

EndReason = Literal[
    "goodbye",
    "goodbye_unsaid",
    "caller_gone",
    "transferred",
    "model_failed",
    "draining",
    "stream_lost",
    "internal_error",
]
Speaker = Literal["caller", "model", "keys", "tool"]
About = Literal["missed", "message"]
"""What people are told about: nobody took the call, or the caller left a message."""
NoticeStatus = Literal["sending", "sent", "later", "lost", "unclear", "undelivered"]

UNDER_WAY = ("claimed", "moved")
"""The statuses of an attempt that has not come to an end, where the call is, or may be, where people are rung."""
BESIDE_THE_TALK = ("ringing", "accepted")
"""The same where the caller talks on with the model."""


@dataclass(frozen=True, slots=True)
class Call:
    """The call itself, written with the answer to its first webhook."""

    caller: str = ""
    """Number, `client:…`, `sip:…` or `anonymous`, as Twilio gave it."""
    called: str = ""
    document: str = ""
    """The TwiML that answered the first webhook; a repeated webhook gets the same one."""
    started_at_ms: int = 0
    call_token: str = ""
    """With it Twilio lets a new call show the caller's number, while this call lives; empty: there is none."""
    ended_at_ms: int = 0
    """When the call was known to be over; 0: it was not, or the words of calls are kept (`transcripts`)."""
    deleted_at_ms: int = 0
    """When somebody deleted what was stored about the caller (`caller_data`); 0: nobody has."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One media stream, named by the id (`jti`) of the token that opened it."""

    jti: str
    stream_sid: str | None = None
    """None: no container accepted it."""
    end_reason: EndReason | None = None
    """Why the container closed it; None: unknown (the container died, or the stream never opened)."""
    talked_ms: int = 0
    decision: str | None = None
    """The TwiML that followed it; None: nobody has asked yet."""
    opened_at_ms: int = 0
    """When anything was first known about it."""
    decided_at_ms: int = 0
    """When Twilio asked what follows it; 0: it has not, or a version of Warmline answered that did not write it."""
    tokens: int | None = None
    """Of the model, of all kinds; None: unknown, as for a stream that has not ended."""
    cost_micro_usd: int | None = None
    """Of the model, in millionths of a dollar; None: unknown, or the model has no price."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that was said, typed or looked up in a call."""

    at_ms: int
    """Milliseconds since 1970."""
    speaker: Speaker
    """`keys`: what the caller typed. `tool`: a tool with its arguments and its answer, which nobody hears."""
    said: str
    """Empty if it was erased after the call."""
    heard: str
    """The part that the caller heard. It differs from `said` only for the model."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to reach a person."""

    request_id: str
    destination: str = ""
    reason: str = ""
    summary: str = ""
    status: str = "claimed"
    """`claimed`, then `moved` (the call is where people are rung), `failed` or `caller_gone`; in the end
    `bridged` (both were on the line), `no_answer`, `busy`, `declined`, `not_accepted` (somebody or something picked up
    and pressed no key), `unconfirmed` (they may have talked, and nobody can tell), `failed` or `caller_gone`."""
    detail: str = ""
    """For people who read the record: Twilio's status or the error."""
    after_talk: str = "hang_up"
    """What follows a talk: `hang_up`, or `return` to the model."""
    if_nobody: str = "continue"
    """What follows when nobody comes: `continue` with the model, `message`, or `destination`."""
    if_nobody_destination: str = ""
    claimed_at_ms: int = 0
    settled_at_ms: int = 0
    """When Twilio said that the dial, or the talk, was over; 0: not yet."""
    dial_call_sid: str = ""
    """The leg of the person who was rung; empty when there were several and nobody came."""
    talked_s: int = 0
    """0 if they did not talk."""
    message_url: str = ""
    """Twilio's URL of the message that the caller left."""
    message_s: int = 0
    decision: str | None = None
    """The TwiML that followed the attempt; None: nobody has asked yet."""
    if_refused: str = ""
    """What follows when Twilio refuses the caller ID: `business_number` is shown instead, once; empty: nothing."""
    failure: str = ""
    """Why the dial failed: `caller_id`, `no_such_number`, `not_permitted`, `no_line`, `unreachable`, `refused` or
    `forwarded_back` (a line that was rung forwards to our own number); empty: it did not, or nobody knows why."""
    error_code: str = ""
    """Twilio's own, with its words; and the network's."""
    error_message: str = ""
    sip_code: str = ""
    forwarded_back: int = 0
    """How many new calls were refused because they were, or may have been, this transfer coming back."""
    whisper: str = ""
    """The words that a person who picks up hears first, nothing about the caller; empty: picking up is enough."""
    dials: int = 1
    dial: int = 0
    """How many `<Dial>`s there are, one after the other, until somebody takes the call; and to which it has come."""
    accepted_by: str | None = None
    """The leg of this `dial` on which the call was taken by a key; None: on none."""
    accepted_at_ms: int | None = None
    tells: int = 0
    """How many are told if nobody takes the call; 0: nobody is."""
    mode: str = "direct"
    """`attended`: the caller talks on with the model while people ring. Its statuses under way are `claimed`, `ringing`
    and `accepted` (a person waits for the caller); it may end also as `nobody`, `passed` (who was reached does not take
    it), `answered_through` (a leg has the `note`) or `cancelled_by_caller`."""
    brief: str = ""
    """What an attended attempt tells people beside the `whisper`: words of the model about the caller."""
    talk_seconds: int = 0
    """How long the talk of an attended attempt may take; 0: there is no limit of ours."""
    connected_at_ms: int = 0
    """When the caller was sent to the person who waits, in an attended attempt; 0: not yet."""

    @property
    def under_way(self) -> bool:
        """People may be rung now, or talk: the attempt is claimed, and Twilio has not asked yet what follows it."""
        return self.status in UNDER_WAY and self.decision is None

    @property
    def beside_the_talk(self) -> bool:
        """People are rung, or a person waits, while the caller talks on with the model."""
        return self.status in BESIDE_THE_TALK and self.decision is None


@dataclass(frozen=True, slots=True)
class Leg:
    """What became of one telephone that was rung for an attempt. Times are 0 until it has happened."""

    leg_sid: str
    request_id: str
    """Of the attempt."""
    initiated_at_ms: int = 0
    ringing_at_ms: int = 0
    answered_at_ms: int = 0
    """When a person or a machine, such as a voicemail, picked up."""
    key: str = ""
    """The key with which the call was declined; of an attended attempt any key that decided."""
    completed_at_ms: int = 0
    status: str = ""
    """Twilio's last status, such as `completed` or `no-answer`; empty: it has not ended."""
    sip_code: str = ""
    target: int = 0
    """Which target of the destination it rang."""
    person: str = ""
    """Who that is, as the caller may hear it; empty: unknown."""
    brief_at_ms: int = 0
    """When the person began to hear what the call is about."""
    note: str = ""
    """What the person who does not take the call said instead, for the caller."""
    failure: str = ""
    """Why it could not be rung: a code."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person, or everybody who subscribes to the topic, is told about an attempt."""

    request_id: str
    """Of the attempt."""
    about: str
    """`missed` or `message`."""
    told: str
    """Who it is, as a digest."""
    status: str
    """`sending`, then `sent`, `lost` (refused), `unclear` (perhaps it was sent) or `later` (Lambda tries again); in the
    end perhaps `sent` or `undelivered`, as Twilio reported."""
    claimed_at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The operator's request to end the call with a goodbye."""

    request_id: str
    status: str
    """`claimed`, then `moved` (the caller hears it, and the call ends), `caller_gone` or `failed`."""
    detail: str = ""
    claimed_at_ms: int = 0


@dataclass(frozen=True, slots=True)
class CallRecord:
    """Everything that is known about one call, each part in the order of time."""

    call: Call | None = None
    streams: tuple[Stream, ...] = ()
    turns: tuple[Turn, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    legs: tuple[Leg, ...] = ()
    notices: tuple[Notice, ...] = ()
    goodbyes: tuple[Goodbye, ...] = ()

    @property
    def caller(self) -> str:
        """Empty if the call's own row is missing."""
        return self.call.caller if self.call else ""

    @property
    def deleted(self) -> bool:
        """Somebody has deleted what was stored about the caller: nothing is written about them again."""
        return self.call is not None and self.call.deleted_at_ms > 0
