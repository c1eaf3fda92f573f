"""What happens between Warmline and its model becomes entries."""

import json
from collections.abc import Mapping, Sequence

import pytest

from console.call_view import Entry
from console.local.model_entries import ModelEntries
from console.local.model_messages import Usage
from console.local.timeline import Timeline
from console.local.wire_notes import WireNote, WireSession

TO, FROM = True, False
CREATED = (FROM, {"type": "response.created", "response": {"id": "r1"}})
TOOL = {"type": "function_call", "call_id": "c1", "name": "opening_hours", "arguments": "{}"}
TRANSCRIBED = "conversation.item.input_audio_transcription.completed"


def make_done(status: str = "completed", **more: object) -> tuple[bool, dict[str, object]]:
    return FROM, {"type": "response.done", "response": {"id": "r1", "status": status, **more}}


def make_words(words: str) -> list[object]:
    return [{"type": "message", "content": [{"type": "output_audio", "transcript": words}]}]


def tell(*messages: tuple[bool, Mapping[str, object]]) -> tuple[Sequence[Entry], ModelEntries]:
    """The entries of these messages, a second apart, in the order in which they were added."""
    timeline = Timeline()
    entries = ModelEntries(timeline, WireSession(1, "gpt-realtime-2.1", 0))
    for number, (to_model, message) in enumerate(messages):
        entries.take(WireNote(0, to_model, str(message["type"]), json.dumps(message)), number * 1000)
    return sorted(timeline.view(99_000), key=lambda entry: entry.number), entries


@pytest.mark.parametrize(
    ("to_model", "message", "title"),
    [
        (TO, {"type": "session.update"}, "Warmline tells the model who it is and which tools it has"),
        (TO, {"type": "response.create"}, "Warmline asks the model to speak"),
        (TO, {"type": "response.cancel"}, "Warmline stops the model"),
        (TO, {"type": "input_audio_buffer.commit"}, "Warmline ends the caller's turn"),
        (TO, {"type": "conversation.item.delete"}, "Warmline takes something out of the model's memory"),
        (TO, {"type": "conversation.item.retrieve"}, "Warmline tells the model something"),
        (
            TO,
            {"type": "conversation.item.create", "item": {"content": [{"text": "They are back."}]}},
            "Warmline tells the model: “They are back.”",
        ),
        (FROM, {"type": "session.created"}, "The service opens a session of the model"),
        (FROM, {"type": "session.updated"}, "The model's session is ready"),
        (FROM, {"type": TRANSCRIBED, "transcript": "My bike!"}, "The model has understood: “My bike!”"),
    ],
)
def test_a_message_is_told_and_opens_to_its_text(to_model: bool, message: dict[str, object], title: str) -> None:
    ([entry], _) = tell((to_model, message))

    assert (entry.lane, entry.kind, entry.tone, entry.title) == ("assistant", "model", "normal", title)
    assert [(each.label, each.text, each.syntax) for each in entry.messages] == [
        (message["type"], json.dumps(message), "json")
    ]


def test_a_session_that_is_ready_is_only_changed() -> None:
    update, updated = (TO, {"type": "session.update"}), (FROM, {"type": "session.updated"})

    entries, _ = tell(update, updated, update, updated)

    assert [entry.title for entry in entries[2:]] == ["Warmline changes the session", "The model's session is changed"]


def test_a_truncation_says_how_much_was_heard() -> None:
    ([entry], _) = tell((TO, {"type": "conversation.item.truncate", "audio_end_ms": 1240}))

    assert (entry.tone, entry.title) == ("warning", "Warmline tells the model that only 1.2 s of this were heard")


@pytest.mark.parametrize(
    ("done", "tone", "title"),
    [
        (make_done(output=make_words("Hello.")), "normal", "The model answers: “Hello.”"),
        (make_done(output=[TOOL]), "normal", "The model answers with a tool"),
        (
            make_done("cancelled", output=make_words("Hel"), status_details={"reason": "turn_detected"}),
            "warning",
            "The model answers: “Hel”; it was broken off (turn_detected)",
        ),
        (
            make_done("failed", status_details={"error": {"code": "rate_limit_exceeded"}}),
            "fault",
            "The model answers; it is failed (rate_limit_exceeded)",
        ),
        (make_done("incomplete"), "fault", "The model answers; it is incomplete (no reason)"),
    ],
)
def test_a_response_lasts_until_it_is_done(done: tuple[bool, dict[str, object]], tone: str, title: str) -> None:
    entry = tell(CREATED, done)[0][0]

    assert (entry.at_ms, entry.until_ms, entry.open) == (0, 1000, False)
    assert (entry.tone, entry.title) == (tone, title)


def test_a_response_opens_to_all_its_messages_but_its_pieces() -> None:
    item = (FROM, {"type": "response.output_item.added", "response_id": "r1"})
    piece = (FROM, {"type": "response.output_audio_transcript.delta", "response_id": "r1", "delta": "Hel"})
    entry = tell(CREATED, item, piece, make_done())[0][0]

    assert [each.label for each in entry.messages] == [
        "response.created",
        "response.output_item.added",
        "response.done",
    ]


def test_the_audio_of_a_response_is_told_by_its_length() -> None:
    timeline = Timeline()
    entries = ModelEntries(timeline, WireSession(1, "", 0))
    audio = WireNote(0, FROM, "response.output_audio.delta", "", audio_ms=400, messages=2)
    for note in (
        WireNote(0, FROM, "response.created", json.dumps(CREATED[1])),
        audio,
        WireNote(0, TO, "input_audio_buffer.append", "", audio_ms=20),
        audio,
        WireNote(0, FROM, "response.done", json.dumps(make_done()[1])),
    ):
        entries.take(note, 0)

    assert [(each.label, each.text) for each in timeline.view(0)[0].messages][1] == ("Audio", "800 ms in 4 messages")


def test_a_tool_lasts_until_its_answer_in_warmlines_lane() -> None:
    answer = {"type": "conversation.item.create", "item": {"call_id": "c1", "output": "closed"}}
    _, tool = tell(CREATED, make_done(output=[TOOL]), (TO, answer))[0]

    assert (tool.lane, tool.kind, tool.title) == ("warmline", "tool", "The model uses the tool opening_hours")
    assert (tool.at_ms, tool.until_ms, tool.open) == (1000, 2000, False)
    assert [(each.label, each.text, each.syntax) for each in tool.messages] == [
        ("Arguments", "{}", "json"),
        ("The tool's answer", "closed", "text"),
        ("conversation.item.create", json.dumps(answer), "json"),
    ]


def test_the_model_hears_the_caller_from_one_message_to_another() -> None:
    ([entry], _) = tell(
        (FROM, {"type": "input_audio_buffer.speech_started"}), (FROM, {"type": "input_audio_buffer.speech_stopped"})
    )

    assert (entry.title, entry.until_ms, entry.open) == ("The model hears the caller speak", 1000, False)
    assert len(entry.messages) == 2


@pytest.mark.parametrize(
    ("message", "title"),
    [
        (
            {"type": "error", "error": {"code": "c", "message": "Your session has expired."}},
            "The model reports an error: Your session has expired.",
        ),
        ({"type": "error"}, "The model reports an error: without words"),
        ({"type": ""}, "The model sends what is no message of its protocol"),
    ],
)
def test_an_error_is_a_fault(message: dict[str, object], title: str) -> None:
    ([entry], _) = tell((FROM, message))

    assert (entry.kind, entry.tone, entry.title) == ("fault", "fault", title)


def test_what_is_of_no_interest_is_not_told() -> None:
    done = {"type": "response.output_item.done", "response_id": "nobody's"}

    assert tell((FROM, {"type": "rate_limits.updated"}), (FROM, done))[0] == []


def test_a_response_whose_beginning_nobody_saw_is_told_at_its_end() -> None:
    ([entry], _) = tell(make_done(output=make_words("Hello.")))

    assert (entry.title, entry.open) == ("The model answers: “Hello.”", False)


@pytest.mark.parametrize(
    ("session", "kind", "title"),
    [
        (
            WireSession(1, "", 0, close="Warmline closed it: 1000"),
            "model",
            "The connection to the model is over: Warmline closed it: 1000",
        ),
        (
            WireSession(1, "", 0, close="the connection broke"),
            "fault",
            "The connection to the model is over: the connection broke",
        ),
        (WireSession(1, "", 0, refusal="HTTP/1.1 401 Unauthorized"), "fault", "The model refuses the connection"),
    ],
)
def test_the_end_of_a_connection_is_told_and_ends_what_is_open(session: WireSession, kind: str, title: str) -> None:
    timeline = Timeline()
    entries = ModelEntries(timeline, session)
    entries.take(WireNote(0, FROM, "response.created", json.dumps(CREATED[1])), 0)
    entries.take(WireNote(0, FROM, "input_audio_buffer.speech_started", "{}"), 0)
    entries.end(500)

    *spans, end = timeline.view(900)
    assert [(each.until_ms, each.open) for each in spans] == [(500, False), (500, False)]
    assert (end.kind, end.title) == (kind, title)


def test_what_was_used_is_counted() -> None:
    session = {"audio": {"input": {"transcription": {"model": "gpt-transcribe"}}}}
    usage = {"input_token_details": {"text_tokens": 2}, "output_token_details": {"audio_tokens": 3}}
    _, entries = tell(
        (FROM, {"type": "session.updated", "session": session}),
        make_done(usage=usage),
        (FROM, {"type": TRANSCRIBED, "transcript": "yes", "usage": {"seconds": 2}}),
    )

    assert (entries.used.model, entries.used.transcription_model) == ("gpt-realtime-2.1", "gpt-transcribe")
    assert entries.used.responses == [Usage(5, text_in=2, audio_out=3)]
    assert entries.used.transcripts == [Usage(0, seconds=2.0)]
