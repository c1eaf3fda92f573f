"""A call with everything that a call can have.

The caller says what would be a script if a page took it for HTML. Maria does not answer, Peter does.
"""

from dataclasses import replace

from console.call_view import (
    AttemptView,
    CallSummary,
    CallView,
    Entry,
    Figures,
    Lane,
    LegView,
    Message,
    Recording,
    Turn,
)

SID = "CA00000000000000000000000000000001"
MARIA, PETER = "CA000000000000000000000000000000a1", "CA000000000000000000000000000000a2"
CALLER, NUMBER = "+15550100001", "+15550100100"
BEGAN_MS = 1_795_874_400_000  # 2026-11-28T14:00:00Z
SCRIPT = "<script>alert(1)</script>"

_WEBHOOK = "CallSid=CA00000000000000000000000000000001&From=%2B15550100001&To=%2B15550100100&CallStatus=ringing"
_TWIML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Connect action="/voice/after-stream">'
    '<Stream url="wss://stream.example.com/media-stream"><Parameter name="token" value="…"/></Stream>'
    "</Connect></Response>"
)
_DIAL = (
    '<Response><Dial callerId="+15550100100" timeout="20"><Number url="/voice/agent-leg">+15550100002</Number>'
    "</Dial></Response>"
)

LANES = (
    Lane(id="caller", kind="caller", name="Caller"),
    Lane(id="assistant", kind="assistant", name="Assistant"),
    Lane(id=MARIA, kind="person", name="Maria"),
    Lane(id=PETER, kind="person", name="Peter"),
    Lane(id="twilio", kind="twilio", name="Twilio"),
    Lane(id="warmline", kind="warmline", name="Warmline"),
)

ENTRIES = (
    Entry(number=1, lane="caller", kind="call", at_ms=0, title="The caller dials …0100"),
    Entry(
        number=2,
        lane="twilio",
        kind="webhook",
        at_ms=40,
        until_ms=130,
        title="Twilio asks what to do with the call",
        messages=(
            Message(label="POST /voice/incoming", text=_WEBHOOK, syntax="form"),
            Message(label="TwiML", text=_TWIML, syntax="xml"),
        ),
    ),
    Entry(
        number=3,
        lane="twilio",
        kind="stream",
        at_ms=180,
        until_ms=23_100,
        title="The call's audio flows to the container",
        messages=(Message(label="start", text='{"event": "start", "sequenceNumber": "1"}', syntax="json"),),
    ),
    Entry(
        number=4,
        lane="assistant",
        kind="model",
        at_ms=240,
        title="The model's session begins",
        messages=(Message(label="session.created", text='{"type": "session.created"}', syntax="json"),),
    ),
    Entry(number=5, lane="assistant", kind="speech", at_ms=900, until_ms=4_300, title="The assistant greets"),
    Entry(number=6, lane="caller", kind="speech", at_ms=3_900, until_ms=7_500, title="The caller interrupts"),
    Entry(number=7, lane="warmline", kind="stream", at_ms=4_100, title="What was not heard yet is thrown away"),
    Entry(number=8, lane="caller", kind="key", at_ms=8_100, title="The caller presses 0"),
    Entry(
        number=9,
        lane="warmline",
        kind="tool",
        at_ms=8_300,
        until_ms=8_420,
        title="The model looks up the opening hours",
        tone="good",
        messages=(
            Message(label="arguments", text='{"day": "saturday"}', syntax="json"),
            Message(label="result", text='{"open": "09:00", "close": "16:00"}', syntax="json"),
        ),
    ),
    Entry(
        number=10,
        lane="warmline",
        kind="fault",
        at_ms=9_000,
        title="The model's connection is lost",
        tone="fault",
        messages=(Message(label="log", text="model lost: ConnectionClosedError: 1006"),),
    ),
    Entry(number=11, lane="assistant", kind="speech", at_ms=12_000, until_ms=15_400, title="The assistant answers"),
    Entry(number=12, lane="warmline", kind="transfer", at_ms=15_500, title="The caller wants a person: sales"),
    Entry(
        number=13,
        lane="twilio",
        kind="rest",
        at_ms=15_700,
        until_ms=15_900,
        title="Warmline tells Twilio to ring Maria",
        messages=(
            Message(label="POST Calls/CA….json", text="Twiml=%3CResponse%3E", syntax="form"),
            Message(label="TwiML", text=_DIAL, syntax="xml"),
        ),
    ),
    Entry(
        number=14,
        lane=MARIA,
        kind="ringing",
        at_ms=16_200,
        until_ms=36_200,
        title="Maria's telephone rings, and she does not answer",
        tone="warning",
    ),
    Entry(number=15, lane=PETER, kind="ringing", at_ms=37_000, until_ms=41_000, title="Peter's telephone rings"),
    Entry(number=16, lane=PETER, kind="call", at_ms=41_000, title="Peter answers", tone="good"),
    Entry(number=17, lane=PETER, kind="key", at_ms=44_500, title="Peter presses 1: he takes the call"),
    Entry(number=18, lane="warmline", kind="transfer", at_ms=44_600, title="Caller and Peter talk", tone="good"),
    Entry(number=19, lane=PETER, kind="speech", at_ms=45_000, until_ms=49_000, title="Peter speaks"),
    Entry(number=20, lane="caller", kind="speech", at_ms=49_500, until_ms=52_000, title="The caller speaks"),
    Entry(
        number=21,
        lane="warmline",
        kind="notice",
        at_ms=53_000,
        title="Maria is told by SMS that she was missed",
        messages=(Message(label="SMS", text=f"Missed call of {CALLER}: {SCRIPT}"),),
    ),
    Entry(number=22, lane="caller", kind="call", at_ms=64_000, title="The caller hangs up"),
)

TURNS = (
    Turn(
        number=1,
        at_ms=900,
        speaker="assistant",
        name="Assistant",
        heard="Hello, this is the bakery. How can I",
        cut=" help you today? We have fresh bread until four.",
    ),
    Turn(number=2, at_ms=3_900, speaker="caller", name="Caller", heard=f"My name is {SCRIPT} & I want “bread”."),
    Turn(number=3, at_ms=8_100, speaker="keys", name="Caller", heard="0"),
    Turn(number=4, at_ms=8_300, speaker="tool", name="opening_hours", heard="Saturday, 09:00 to 16:00"),
    Turn(number=5, at_ms=12_000, speaker="assistant", name="Assistant", heard="I put you through to sales."),
    Turn(number=6, at_ms=45_000, speaker="person", name="Peter", heard=f"Hello, I see you called from {CALLER}."),
)

ATTEMPTS = (
    AttemptView(
        request_id="call_1",
        at_ms=15_500,
        destination="sales",
        reason="The caller pressed 0",
        summary=f"{SCRIPT} wants to order bread",
        status="bridged",
        outcome="Peter took the call and talked with the caller for 19 s",
        talked_s=19,
        settled_at_ms=64_000,
        legs=(
            LegView(sid=MARIA, to="+15550100002", rung_at_ms=16_200, ended_at_ms=36_200, outcome="did not answer"),
            LegView(
                sid=PETER,
                to="+15550100003",
                rung_at_ms=37_000,
                answered_at_ms=41_000,
                ended_at_ms=64_000,
                outcome="talked with the caller",
            ),
        ),
    ),
)

VIEW = CallView(
    summary=CallSummary(
        sid=SID,
        began_at_ms=BEGAN_MS,
        ended_at_ms=BEGAN_MS + 64_000,
        caller=CALLER,
        called=NUMBER,
        outcome="talked",
        outcome_text="talked with Peter for 19 s",
        destination="sales",
        attempts=1,
        errors=1,
    ),
    now_ms=64_000,
    lanes=LANES,
    entries=ENTRIES,
    turns=TURNS,
    attempts=ATTEMPTS,
    figures=Figures(
        first_word_ms=900,
        interruptions=1,
        interruption_ms=200,
        longest_silence_ms=2_600,
        tokens=1_834,
        cost_usd=0.0412,
    ),
    recordings=(
        Recording(lane="caller", label="What the caller heard", from_ms=180, audio=bytes(range(256)) * 1_990),
        Recording(lane=PETER, label="What Peter heard", from_ms=41_000, audio=bytes([0xFF, 0x10]) * 92_000),
    ),
    notes=("This call is an example.",),
)


def view_at(now_ms: int, view: CallView = VIEW) -> CallView:
    """The call as it was known then, in milliseconds since its beginning."""
    if now_ms >= view.now_ms:
        return view
    entries = tuple(_cut(each, now_ms) for each in view.entries if each.at_ms <= now_ms)
    running = replace(view.summary, ended_at_ms=None, outcome="running", outcome_text="running", attempts=0, errors=0)
    return replace(
        view,
        summary=running,
        now_ms=now_ms,
        entries=entries,
        turns=tuple(each for each in view.turns if each.at_ms <= now_ms),
        attempts=tuple(each for each in view.attempts if (each.settled_at_ms or each.at_ms) <= now_ms),
        figures=Figures(first_word_ms=900 if now_ms >= 900 else None),
        recordings=(),
    )


def _cut(entry: Entry, now_ms: int) -> Entry:
    lasts = entry.until_ms is not None and entry.until_ms > now_ms
    return replace(entry, until_ms=now_ms, open=True) if lasts else entry
