"""The record of a call with everything in it, and its view."""

from call_rows import Attempt, Call, CallRecord, Leg, Notice, Stream, Turn
from console.call_view import CallView, Entry
from console.record.record_view import make_view

SID, LEG, OTHER_LEG = "CA" + "0" * 32, "CA" + "1" * 32, "CA" + "2" * 32
BEGAN = 1_800_000_000_000
RECORD = CallRecord(
    call=Call("+15550100001", "+15550100000", "<Response>first</Response>", BEGAN),
    streams=(
        Stream("j1", "MZ1", "transferred", 20_000, "<Response>wait</Response>", BEGAN + 1000),
        Stream("j2", "MZ2", "goodbye", 10_000, opened_at_ms=BEGAN + 60_000),
    ),
    turns=(
        Turn(BEGAN + 1500, "model", "Hello, this is the workshop.", "Hello, this"),
        Turn(BEGAN + 3000, "caller", "My <script> bike!", "My <script> bike!"),
        Turn(BEGAN + 4000, "keys", "1", "1"),
        Turn(BEGAN + 5000, "tool", "look_up(bike) -> ready", "look_up(bike) -> ready"),
        Turn(BEGAN + 61_000, "model", "Goodbye.", "Goodbye."),
    ),
    attempts=(
        Attempt(
            "r1",
            "front_desk",
            "asked",
            "A chain is broken.",
            status="not_accepted",
            claimed_at_ms=BEGAN + 20_000,
            settled_at_ms=BEGAN + 50_000,
            decision="<Response>back</Response>",
            whisper="A caller.",
        ),
    ),
    legs=(
        Leg(LEG, "r1", BEGAN + 22_000, BEGAN + 23_000, BEGAN + 30_000, "", BEGAN + 49_000, "completed"),
        Leg(OTHER_LEG, "r1", BEGAN + 22_500, BEGAN + 24_000, 0, "", BEGAN + 49_500, "no-answer"),
    ),
    notices=(Notice("r1", "missed", "digest", "sent", BEGAN + 51_000),),
)
NOW = BEGAN + 3_600_000


def view_of(record: CallRecord, now_ms: int = NOW) -> CallView:
    view = make_view(SID, record, now_ms)
    assert view
    return view


def find(view: CallView, title: str) -> Entry:
    (entry,) = (entry for entry in view.entries if entry.title == title)
    return entry
