"""The recorded greeting: played at once, cut like everything else, remembered as far as it was heard."""

from socket_server.core.actions import (
    Action,
    AddMessage,
    ClearAudio,
    CloseModel,
    CreateResponse,
    DeleteItem,
    EndStream,
    ForwardHeldAudio,
    OpenModel,
    PlayAudio,
    RecordTurn,
    SendMark,
    SetTurnTaking,
    Transfer,
)
from socket_server.core.conversation import Conversation
from socket_server.core.events import (
    CallAdmitted,
    KeyPressed,
    MarkPlayed,
    ModelLost,
    ModelOpened,
    PhoneStopped,
    ResponseCreated,
    SpeechStarted,
    TransferFinished,
)
from socket_server.core.opening import Opening
from socket_server.core.recorded_greeting import ITEM, GreetingMemory, Recorded
from socket_server.core.silence import CHECK_IN
from socket_server.core.transfer_messages import transfer_output
from tests.socket_server.scripts import DUE, READY, Says, Step, beep, done, new_call, play

WORDS = "Hello, this is the workshop."
PIECES = (b"\x11" * 1600, b"\x22" * 1600, b"\x33" * 800)
OPENING = Opening("Greet the caller.", recorded=Recorded(WORDS, b"".join(PIECES)))
PLAYED: list[Action | str] = [
    PlayAudio(PIECES[0]),
    SendMark("1"),
    PlayAudio(PIECES[1]),
    SendMark("2"),
    PlayAudio(PIECES[2]),
    SendMark("3"),
]
ADMITTED: Step = (10, CallAdmitted(), PLAYED)
TOLD = AddMessage("assistant", WORDS, ITEM, first=True)
WITH_SESSION: list[Step] = [ADMITTED, (60, ModelOpened(), [TOLD]), (100, READY, [ForwardHeldAudio()])]
CLOSED = AddMessage("system", f"The caller pressed 0 for a person. The outcome: {transfer_output('closed', '')}")
BY_KEY = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)


def a_call(*script: Step) -> Conversation:
    call = new_call(OPENING)
    play(call, *script)
    return call


def test_it_is_played_at_once_and_the_model_is_asked_for_nothing() -> None:
    a_call(
        *WITH_SESSION,
        (210, MarkPlayed("1"), []),
        (410, MarkPlayed("2"), []),
        (510, MarkPlayed("3"), [RecordTurn(10, "model", WORDS, WORDS)]),
        (3000, DUE, []),
        (10_510, DUE, [CreateResponse(f"Be brief.\n\n{CHECK_IN}")]),
    )


def test_nothing_is_played_where_nothing_was_recorded() -> None:
    play(new_call(), (10, CallAdmitted(), []))


def test_a_caller_who_speaks_cuts_it_and_the_model_remembers_what_they_heard() -> None:
    a_call(
        *WITH_SESSION,
        (210, MarkPlayed("1"), []),
        (
            350,
            SpeechStarted("u1"),
            [
                ClearAudio(),
                DeleteItem(ITEM),
                AddMessage("assistant", "Hello, this is the", first=True),
                RecordTurn(10, "model", WORDS, "Hello, this is the"),
            ],
        ),
        (351, MarkPlayed("2"), []),
    )


def test_of_a_greeting_that_nobody_heard_a_word_of_the_model_remembers_nothing() -> None:
    a_call(
        (10, CallAdmitted(), PLAYED),
        (11, ModelOpened(), [TOLD]),
        (12, READY, [ForwardHeldAudio()]),
        (13, SpeechStarted("u1"), [ClearAudio(), DeleteItem(ITEM), RecordTurn(10, "model", WORDS, "")]),
    )


def test_a_model_that_opens_after_a_key_0_is_told_what_was_heard() -> None:
    a_call(
        ADMITTED,
        (20, KeyPressed("0"), []),
        (210, MarkPlayed("1"), []),
        (1520, DUE, [ClearAudio(), RecordTurn(10, "model", WORDS, "Hello, this is the"), BY_KEY]),
        (1600, ModelOpened(), [AddMessage("assistant", "Hello, this is the", ITEM, first=True)]),
        (1700, READY, [SetTurnTaking(enabled=False), ForwardHeldAudio()]),
    )


def test_a_model_that_opens_after_a_greeting_that_was_not_heard_is_told_nothing() -> None:
    a_call(
        (10, KeyPressed("0"), []),
        (1500, CallAdmitted(), PLAYED),
        (1510, DUE, [ClearAudio(), RecordTurn(1500, "model", WORDS, ""), BY_KEY]),
        (1600, ModelOpened(), []),
    )


def test_who_asked_for_a_person_before_is_not_greeted_by_it() -> None:
    a_call(
        (5, KeyPressed("0"), []),
        (1505, DUE, [BY_KEY]),
        (1600, CallAdmitted(), []),
        (1700, TransferFinished("MZ1-1", "closed"), []),
        (1800, ModelOpened(), [CLOSED, CreateResponse("Greet the caller.")]),
    )


def test_a_model_in_place_of_a_lost_spare_is_told_of_it_too() -> None:
    keys = AddMessage("user", "(The caller pressed these keys on the phone: 5)")
    a_call(
        ADMITTED,
        (60, ModelOpened(), [TOLD]),
        (70, ModelLost("closed with 1001", spare=True), [OpenModel(fresh=True)]),
        (80, KeyPressed("5"), []),
        (1580, DUE, [RecordTurn(1580, "keys", "5", "5")]),
        (1600, ModelOpened(), [TOLD, keys, CreateResponse()]),
        (1700, READY, [ForwardHeldAudio()]),
    )


def test_what_the_model_says_next_follows_it() -> None:
    a_call(
        *WITH_SESSION,
        (120, ResponseCreated("r1"), []),
        (130, Says("r1", "i1", 200), [SendMark("4")]),
        (140, done("r1", says=("i1",)), []),
        (150, PhoneStopped(), [RecordTurn(10, "model", WORDS, "Hello,"), EndStream("caller_gone", 150)]),
    )


def test_a_model_that_fails_meanwhile_is_a_case_for_a_person() -> None:
    to_a_person = Transfer("MZ1-1", "", "the assistant failed", "", announce=True)
    a_call(
        ADMITTED,
        (510, MarkPlayed("3"), [RecordTurn(10, "model", WORDS, WORDS)]),
        (3000, DUE, []),
        (3510, DUE, beep("4")),
        (3810, MarkPlayed("4"), []),
        (6510, DUE, beep("5")),
        (6810, MarkPlayed("5"), []),
        (8510, DUE, [CloseModel(), to_a_person]),
    )


def test_the_memory_of_it_is_told_and_cut() -> None:
    memory = GreetingMemory()
    assert (memory.played, memory.tell()) == (False, [])
    memory = GreetingMemory()
    memory.begin("One two.")
    assert (memory.played, memory.cut("One")) == (True, [])
    assert memory.tell() == [AddMessage("assistant", "One", ITEM, first=True)]
    assert memory.cut("") == [DeleteItem(ITEM)]


def test_its_audio_is_in_no_log() -> None:
    assert repr(Recorded("Hello", b"secret")) == "Recorded(text='Hello')"
    assert repr(PlayAudio(b"secret")) == "PlayAudio()"
