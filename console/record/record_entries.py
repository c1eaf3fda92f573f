"""The entries and turns of a call by its record: the call itself, its media streams, what was said.

A row may be written late, so the entries before it may come later. So an entry is numbered by what it is about, and
not by its place.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from call_rows import UNDER_WAY, CallRecord, Speaker, Stream
from call_rows import Turn as TurnRow
from console.call_view import Entry, EntryKind, Message, Tone, Turn
from console.record.record_outcome import BROKEN, End, describe_end, find_end, find_last

CALLER, ASSISTANT, TWILIO, WARMLINE = "caller", "assistant", "twilio", "warmline"
TITLE_CHARACTERS = 90
MOVED_MS = 1000
"""The clocks of functions and container differ by less. So do the claim of a stream and the beginning of its talk."""

SPEAKERS: Mapping[Speaker, tuple[Literal["caller", "assistant", "keys", "tool"], str]] = {
    "caller": ("caller", "Caller"),
    "model": ("assistant", "Assistant"),
    "keys": ("keys", "Keys"),
    "tool": ("tool", "Tool"),
}


class Times:
    """The clock of one call's view: milliseconds since it began."""

    def __init__(self, record: CallRecord, began_at_ms: int, now_ms: int) -> None:
        """Both are since 1970."""
        self.end: End = find_end(record, now_ms)
        self._began_at_ms = began_at_ms
        last_at_ms = self.end.at_ms or find_last(record) if self.end.over else now_ms
        self.now_ms = self.since_began(last_at_ms)
        """How long the call has lasted so far, or did; what is known last of it where nobody knows when it ended."""

    def since_began(self, at_ms: int) -> int:
        """The clocks of functions and container differ a little."""
        return max(0, at_ms - self._began_at_ms)


def make_number(*parts: object) -> int:
    """A number for what the parts name. It has 48 bits, so a browser keeps it exactly."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=6).digest())


def list_beginning(record: CallRecord) -> Iterator[Entry]:
    """The caller dials, and Twilio asks what to do."""
    if call := record.call:
        title = f"{call.caller or 'Somebody'} calls {call.called}".rstrip()
        yield Entry(number=make_number("call"), lane=CALLER, kind="call", at_ms=0, title=title)
        yield make_webhook_entry("incoming", 0, "Twilio asks what to do with the call", call.document)


def list_end(times: Times) -> Iterator[Entry]:
    """Where it is known when the call was over."""
    if times.end.over and times.end.at_ms is not None:
        at_ms = times.since_began(times.end.at_ms)
        yield Entry(number=make_number("end"), lane=CALLER, kind="call", at_ms=at_ms, title="The call is over")


def list_stream_entries(record: CallRecord, times: Times) -> Iterator[Entry]:
    """How long the assistant was on the line, why that ended, and what Twilio was told then."""
    for stream in record.streams:
        began_ms = times.since_began(stream.opened_at_ms)
        ended_ms = _find_end_ms(stream, record, times)
        if stream.stream_sid or stream.end_reason:
            yield Entry(
                number=make_number("stream", stream.jti),
                lane=ASSISTANT,
                kind="stream",
                at_ms=began_ms,
                until_ms=max(began_ms, times.now_ms if ended_ms is None else ended_ms),
                open=ended_ms is None,
                title="The assistant is on the line",
                messages=(make_row_message("media stream", stream),),
            )
        if ended_ms is not None:
            yield Entry(
                number=make_number("stream end", stream.jti),
                lane=WARMLINE,
                kind="stream" if _rate_end(stream) == "normal" else "fault",
                at_ms=ended_ms,
                title=_capitalize(_describe_end(stream, record)),
                tone=_rate_end(stream),
            )
        if stream.decision is not None:
            asked_ms = times.since_began(stream.decided_at_ms) if stream.decided_at_ms else ended_ms
            yield make_webhook_entry(
                f"after {stream.jti}",
                began_ms if asked_ms is None else asked_ms,
                "Twilio asks what follows the stream",
                stream.decision,
            )


def list_speech_entries(record: CallRecord, times: Times) -> Iterator[Entry]:
    """What was said, typed and looked up, at the moment at which it began."""
    for key, row in _name_turns(record):
        lane, kind, title, tone = _describe_turn(row)
        yield Entry(
            number=make_number("turn", *key),
            lane=lane,
            kind=kind,
            at_ms=times.since_began(row.at_ms),
            title=shorten(title),
            tone=tone,
            messages=(make_row_message("turn", row),),
        )


def list_turns(record: CallRecord, times: Times) -> Iterator[Turn]:
    """The transcript. Turns whose words were erased are not in it."""
    for key, row in _name_turns(record):
        if not (row.said or row.heard):
            continue
        heard, cut = split_heard(row)
        speaker, name = SPEAKERS.get(row.speaker, ("tool", "Somebody"))
        yield Turn(
            number=make_number("turn", *key),
            at_ms=times.since_began(row.at_ms),
            speaker=speaker,
            name=name,
            heard=heard,
            cut=cut,
        )


def split_heard(row: TurnRow) -> tuple[str, str]:
    """What was heard, and what was to follow it. The blank between the two belongs to neither."""
    if row.speaker != "model" or row.heard == row.said:
        return row.heard or row.said, ""
    if row.said.startswith(row.heard):
        return row.heard.strip(), row.said[len(row.heard) :].strip()
    return row.heard, row.said


def make_row_message(label: str, row: object) -> Message:
    """The row as it is in the call record, without documents and without what it does not have."""
    values = msgspec.to_builtins(row)
    shown = {name: value for name, value in values.items() if value not in ("", None, 0) and not _is_document(name)}
    text = json.dumps(shown, indent=2, ensure_ascii=False)  # a model may write half a character
    return Message(label=label, text=text, syntax="json")


def shorten(text: str) -> str:
    """One line that fits a title."""
    line = " ".join(text.split())
    return line if len(line) <= TITLE_CHARACTERS else f"{line[: TITLE_CHARACTERS - 1].rstrip()}…"


def make_webhook_entry(key: str, at_ms: int, title: str, document: str) -> Entry:
    """A webhook of Twilio's that was answered with a TwiML document."""
    message = (Message(label="TwiML", text=document, syntax="xml"),) if document else ()
    return Entry(
        number=make_number("webhook", key), lane=TWILIO, kind="webhook", at_ms=at_ms, title=title, messages=message
    )


def _is_document(name: str) -> bool:
    return name in ("document", "decision")


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _find_end_ms(stream: Stream, record: CallRecord, times: Times) -> int | None:
    """None: it lasts still."""
    if stream.end_reason:
        return times.since_began(stream.opened_at_ms + stream.talked_ms)
    if stream.decision is None and stream is record.streams[-1] and not times.end.over:
        return None
    # The container died. The last that is known of the stream is what was said on it.
    later = [each.opened_at_ms for each in record.streams if each.opened_at_ms > stream.opened_at_ms]
    said = [turn.at_ms for turn in record.turns if not later or turn.at_ms < min(later)]
    return times.since_began(max([stream.opened_at_ms, *said]))


def _describe_end(stream: Stream, record: CallRecord) -> str:
    """The container takes a call that is moved from outside for one whose caller hung up."""
    if stream.end_reason == "caller_gone":
        ended_at_ms = stream.opened_at_ms + stream.talked_ms
        if any(each.status == "moved" and each.claimed_at_ms <= ended_at_ms + MOVED_MS for each in record.goodbyes):
            return "you ended the call"
        if any(
            stream.opened_at_ms <= each.claimed_at_ms <= ended_at_ms + MOVED_MS
            and (each.settled_at_ms or each.status in UNDER_WAY)
            for each in record.attempts
        ):
            return "you put the caller through to a person"
    return describe_end(stream)


def _rate_end(stream: Stream) -> Tone:
    if stream.end_reason in BROKEN or stream.end_reason is None:
        return "fault"
    return "warning" if stream.end_reason in ("draining", "goodbye_unsaid") else "normal"


def _name_turns(record: CallRecord) -> Iterator[tuple[tuple[int, Speaker, int], TurnRow]]:
    """Each turn, in the order of time, with what names it. Words may be erased, so they are no part of the name."""
    counts: Counter[tuple[int, Speaker]] = Counter()
    for row in sorted(record.turns, key=lambda turn: turn.at_ms):
        counts[row.at_ms, row.speaker] += 1
        yield (row.at_ms, row.speaker, counts[row.at_ms, row.speaker]), row


def _describe_turn(row: TurnRow) -> tuple[str, EntryKind, str, Tone]:
    match row.speaker:
        case "caller":
            return CALLER, "speech", f"Caller: {row.said or '(erased)'}", "normal"
        case "keys":
            return CALLER, "key", f"The caller presses {row.said or '(erased)'}", "normal"
        case "model":
            heard, cut = split_heard(row)
            if cut:
                return ASSISTANT, "speech", f"Assistant, interrupted: {heard or '(not heard)'}", "warning"
            return ASSISTANT, "speech", f"Assistant: {heard or '(erased)'}", "normal"
    return WARMLINE, "tool", f"A tool was used: {row.said or '(erased)'}", "normal"
