"""What was said and how much of it was heard."""

import pytest

from socket_server.core.actions import RecordTurn
from socket_server.core.playback import Item
from socket_server.core.transcript import ITEM_CHARACTERS, Transcript


def item(item_id: str, *, heard: int, sent: int) -> Item:
    return Item(item_id, "r1", sent_bytes=sent, heard_bytes=heard)


def model(at_ms: int, said: str, heard: str) -> RecordTurn:
    return RecordTurn(at_ms, "model", said, heard)


# --- the caller


def test_the_caller_s_turn_bears_the_time_at_which_they_began() -> None:
    transcript = Transcript()
    transcript.caller_began("u1", 1000)

    assert transcript.caller_said("u1", " Hello? \n", 2500) == [RecordTurn(1000, "caller", "Hello?", "Hello?")]


def test_a_turn_that_nobody_saw_begin_bears_the_time_at_which_it_was_written_down() -> None:
    assert Transcript().caller_said("u1", "Hello?", 2500) == [RecordTurn(2500, "caller", "Hello?", "Hello?")]


def test_a_turn_without_words_is_no_turn() -> None:
    assert Transcript().caller_said("u1", " ", 0) == []


# --- the model


def test_an_item_is_a_turn_when_it_was_heard_to_its_end_with_all_its_words() -> None:
    transcript = Transcript()
    transcript.model_said("i1", "Good ", 100)
    transcript.model_said("i1", "morning.", 110)

    assert transcript.complete("i1") == []
    assert transcript.heard(item("i1", heard=80, sent=80), 900) == [model(100, "Good morning.", "Good morning.")]


def test_words_that_come_after_the_audio_was_heard_count_as_heard() -> None:
    transcript = Transcript()
    transcript.model_said("i1", "Good ", 100)

    assert transcript.heard(item("i1", heard=80, sent=80), 900) == []
    transcript.model_said("i1", "morning.", 910)
    assert transcript.complete("i1") == [model(100, "Good morning.", "Good morning.")]


@pytest.mark.parametrize(
    ("heard", "sent", "words"),
    [
        (0, 100, ""),
        (20, 100, ""),  # "One" is not whole yet
        (30, 100, "One"),
        (69, 100, "One two"),
        (70, 100, "One two"),
        (100, 100, "One two six"),
        (120, 100, "One two six"),
    ],
)
def test_of_a_cut_item_only_whole_words_were_heard(heard: int, sent: int, words: str) -> None:
    transcript = Transcript()
    transcript.model_said("i1", "One two six", 100)
    transcript.complete("i1")

    assert transcript.cut(item("i1", heard=heard, sent=sent), 900) == [model(100, "One two six", words)]


def test_a_cut_item_is_a_turn_when_its_last_words_have_come() -> None:
    transcript = Transcript()
    transcript.model_said("i1", "One two", 100)

    assert transcript.cut(item("i1", heard=50, sent=100), 900) == []
    transcript.model_said("i1", " six", 910)
    assert transcript.complete("i1") == [model(100, "One two six", "One")]


def test_an_item_without_words_is_no_turn() -> None:
    transcript = Transcript()

    assert transcript.cut(item("i1", heard=0, sent=80), 900) == []
    assert transcript.complete("i1") == []
    assert transcript.flush() == []


def test_an_item_that_nothing_is_known_of_cannot_be_complete() -> None:
    assert Transcript().complete("i1") == []


def test_an_item_that_never_reached_the_phone_is_no_turn() -> None:
    transcript = Transcript()
    transcript.model_said("i1", "Never heard.", 100)

    transcript.discard("i1")

    assert transcript.flush() == []


def test_all_that_is_left_comes_out_at_the_end_in_order() -> None:
    transcript = Transcript()
    transcript.model_said("i1", "First.", 100)
    transcript.heard(item("i2", heard=8, sent=8), 50)
    transcript.model_said("i2", "Earlier.", 60)

    assert transcript.flush() == [model(50, "Earlier.", "Earlier."), model(100, "First.", "")]
    assert transcript.flush() == []


def test_of_an_item_without_an_end_the_beginning_is_kept() -> None:
    transcript = Transcript()
    for _ in range(3):
        transcript.model_said("i1", "x" * ITEM_CHARACTERS, 0)

    [turn] = transcript.flush()
    assert len(turn.said) == ITEM_CHARACTERS
