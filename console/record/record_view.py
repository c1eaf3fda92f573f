"""A call record as a `CallView`. Pure: no database, no clock.

It shows what the record has: no sound, no message of a wire but TwiML, no time between two rows. A number names the
same entry in every later view of the call, also when a row of an earlier moment is written late.
"""

from collections.abc import Iterable

from call_rows import CallRecord
from console.call_view import CallView, Figures, Lane
from console.record.record_attempts import list_attempts
from console.record.record_entries import (
    ASSISTANT,
    CALLER,
    TWILIO,
    WARMLINE,
    Times,
    list_beginning,
    list_end,
    list_speech_entries,
    list_stream_entries,
    list_turns,
)
from console.record.record_outcome import summarize
from console.record.record_transfers import list_people, list_transfer_entries


def make_view(sid: str, record: CallRecord, now_ms: int) -> CallView | None:
    """The call as its record tells it. `now_ms`: since 1970. None: the record has nothing about the call."""
    summary = summarize(sid, record, now_ms)
    if summary is None:
        return None
    times = Times(record, summary.began_at_ms, now_ms)
    entries = [
        *list_beginning(record),
        *list_stream_entries(record, times),
        *list_speech_entries(record, times),
        *list_transfer_entries(record, times),
        *list_end(times),
    ]
    return CallView(
        summary=summary,
        now_ms=times.now_ms,
        lanes=(
            Lane(id=CALLER, kind="caller", name="Caller"),
            Lane(id=ASSISTANT, kind="assistant", name="Assistant"),
            *list_people(record),
            Lane(id=TWILIO, kind="twilio", name="Twilio"),
            Lane(id=WARMLINE, kind="warmline", name="Warmline"),
        ),
        entries=tuple(sorted(entries, key=lambda entry: entry.at_ms)),
        turns=tuple(list_turns(record, times)),
        attempts=tuple(list_attempts(record, times)),
        figures=_make_figures(record),
        notes=_list_notes(record),
    )


def _make_figures(record: CallRecord) -> Figures:
    """A turn of the model's begins when its first words arrive, which is when its sound does."""
    said = [turn for turn in record.turns if turn.speaker == "model"]
    opened = [stream.opened_at_ms for stream in record.streams if stream.stream_sid]
    heard = [stream for stream in record.streams if stream.stream_sid or stream.end_reason]
    micro_usd = _add(stream.cost_micro_usd for stream in heard)
    first_word_ms = min(turn.at_ms for turn in said) - min(opened) if said and opened else -1
    return Figures(
        first_word_ms=first_word_ms if first_word_ms >= 0 else None,
        interruptions=sum(turn.heard != turn.said for turn in said),
        tokens=_add(stream.tokens for stream in heard),
        cost_usd=None if micro_usd is None else micro_usd / 1e6,
    )


def _add(values: Iterable[int | None]) -> int | None:
    """None: one of them is unknown, or there is none."""
    known = list(values)
    return None if not known or None in known else sum(filter(None, known))


def _list_notes(record: CallRecord) -> tuple[str, ...]:
    notes = []
    if record.call is None:
        notes.append("The call's own row is missing: who called is not known.")
    if record.turns and not any(turn.said for turn in record.turns):
        notes.append("What was said was erased when the call was over (KeepTranscripts=0).")
    if any(stream.end_reason is None and stream.decision is not None for stream in record.streams):
        notes.append("Nobody wrote why a media stream ended. What was said at its end may be missing.")
    return tuple(notes)
