"""What a test may switch: misfortunes of the real network, and points where Twilio's behaviour is not proven."""

from collections import deque
from dataclasses import dataclass, field

from sandbox.twilio.events import Operation


@dataclass(frozen=True, slots=True)
class RestFault:
    """What happens to one REST request."""

    status: int = 503
    code: int | None = None
    """Twilio's own; None: 20429 with status 429, 20500 with any other."""
    problem: bool = False
    """Told in the newer form of RFC 9457."""
    body: str | None = None
    """This in place of Twilio's JSON, such as a proxy's page."""
    hang: bool = False
    """No answer at all, until the client tires."""
    drop: bool = False
    """The connection is closed in place of an answer."""
    applied: bool = False
    """The request is carried out nevertheless, as a 5xx leaves open."""
    operation: Operation | None = None
    """None: whichever request comes next."""


@dataclass(frozen=True, slots=True)
class WebhookFault:
    """What befalls one webhook; see `webhook_faults.py`."""

    path: str = ""
    """Of its URL; "": whichever comes next."""
    delay_ms: int = 0
    """It is sent so much later."""
    lost: bool = False
    """It never arrives, and Twilio has no answer (11205)."""
    answer_lost: bool = False
    """It arrives, its answer does not, and Twilio asks again."""
    twice: bool = False
    """It arrives twice at once. The answer to the first counts."""


@dataclass(frozen=True, slots=True)
class FrameFaults:
    """What befalls the caller's frames on their way to a media stream; see `frame_faults.py`. Shares are of the frames,
    0 to 1, drawn anew from `seed` for each stream and each time the setting is changed."""

    skip_silence: bool = False
    """No frames while the caller says nothing, as some networks do it; `media.timestamp` jumps."""
    hangover_ms: int = 200
    """With `skip_silence`: for so long after a voice frames still come."""
    lost: float = 0.0
    """1.0: nothing comes at all."""
    delayed: float = 0.0
    """Each such frame holds up all that follow for `delay_ms`; then they come at once."""
    delay_ms: int = 200
    reordered: float = 0.0
    """Each such frame is overtaken by the next one."""
    seed: int = 0


@dataclass(slots=True)
class Faults:
    """Switches of one carrier; they may be changed while calls run."""

    connect_action: bool = True
    """Whether `<Connect action>` is requested when a media stream ends. Documented for other nouns only; with
    False the next verb runs, as it does where no action is given."""

    action_after_hang_up: bool = True
    """Whether the `action` of the verb that was running is still requested after the caller has hung up. Twilio
    does so for `<Dial>`; for `<Connect>` nothing is proven. The answer is not executed."""

    lose_first_answer: bool = False
    """The first webhook of each call is delivered, its answer is lost on the way, and Twilio asks again with the
    same I-Twilio-Idempotency-Token."""

    execute_both_answers: bool = False
    """The first webhook of each call is asked twice and both answers are executed: the second media stream ends
    the first (openclaw PR 29862). An answer whose stream is refused is dropped."""

    fallback_with_twiml: bool = True
    """Whether FallbackUrl counts on an update that gives Twiml. Documented for Url; with False it is taken and
    forgotten."""

    refused_caller_ids: frozenset[str] = frozenset()
    """Numbers that no telephone network takes a call from, though they look well and may be shown."""

    refused_whisper: tuple[str, bool] = ("completed", False)
    """DialCallStatus and DialBridged of a dial whose last leg picked up and was gone before it was bridged: its
    whisper hung up, or could not be had, or the party hung up in it. Not proven: the leg did answer, so `completed`
    is what to expect, and with True nothing in what the action gets tells it from a talk."""

    refer: tuple[int, int | None] = (202, 200)
    """What a SIP device answers to a REFER, and the last code that its NOTIFY had of the call that it made; None: it
    sends none."""

    undelivered: dict[str, int] = field(default_factory=dict)
    """Numbers that get no SMS, with the ErrorCode that is reported later, such as 30034 (a sender in the US that is not
    registered)."""

    callbacks_out_of_order: bool = False
    """Each second progress callback of a call overtakes the one before it: `completed` comes before `answered`."""

    callbacks_twice: bool = False
    """Every progress callback is delivered twice, with the same I-Twilio-Idempotency-Token."""

    lost_callbacks: frozenset[str] = frozenset()
    """Progress callbacks that never come, of initiated, ringing, answered, completed. Their numbers are left out."""

    extra_ring_ms: int = 0
    """How much longer than its Timeout a call by REST rings: at Twilio up to 5000."""

    over_limit_status: int | None = 429
    """The HTTP status of a call by REST that is one too many at a time (10004); None: it is taken, and fails."""

    refused_joins: int = 0
    """How many of the next joins of a conference find the account at its limit of calls (16021)."""

    frames: FrameFaults = FrameFaults()
    """With which calls to come begin: `Call.frames` is a call's own, and may be changed while it runs."""

    webhooks: list[WebhookFault] = field(default_factory=list)
    """Applied to the webhooks to come, one each: the first in the list whose path it is."""

    rest: deque[RestFault] = field(default_factory=deque)
    """Applied to the REST requests to come, one each, in order."""
