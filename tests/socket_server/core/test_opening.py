"""How a stream begins."""

import pytest

from socket_server.core.actions import AddMessage
from socket_server.core.agent import Agent
from socket_server.core.opening import NOT_TOLD, STILL_RINGING, TOLD, Opening, Past, greet, resume
from socket_server.core.recorded_greeting import Recorded
from socket_server.core.tool_offers import Destination
from socket_server.core.transfer_messages import Ringing

AGENT = Agent("Be brief.", "Greet the caller.")
WORKSHOP = Destination("workshop", "Repairs", open=True)
SALES = Destination("sales", "Bicycles", open=True, mode="attended")
TURNS = (AddMessage("assistant", "Hello."), AddMessage("user", "A person, please."))


def test_a_new_caller_is_greeted() -> None:
    assert greet(AGENT, (WORKSHOP,)) == Opening("Be brief.\n\nGreet the caller.", (), ("workshop",))


def test_a_recording_greets_a_new_caller_only() -> None:
    agent = Agent("Be brief.", "Greet.", greeting_audio="hello.wav", greeting_text="Hello.")
    assert greet(agent, (), b"audio").recorded == Recorded("Hello.", b"audio")
    assert greet(agent).recorded is None
    assert resume(agent, Past(TURNS)).recorded is None


@pytest.mark.parametrize(
    ("attempt", "destination", "happened"),
    [
        ("no_answer", "sales", "The caller was put through to sales: nobody answered. They are back with you."),
        ("busy", "", "The caller was put through to a person: the line was busy. They are back with you."),
        ("bridged", "sales", "put through to sales: they have talked with each other. They are back with you."),
        (
            "nobody",
            "sales",
            "The connection was interrupted for a moment; the caller is back with you. "
            "Before that, sales was rung for them: nobody took the call.",
        ),
        ("teleported", "sales", "The caller was put through to sales: teleported. They are back with you."),
    ],
)
def test_a_caller_who_comes_back_is_told_how_the_attempt_ended(attempt: str, destination: str, happened: str) -> None:
    opening = resume(AGENT, Past(TURNS, attempt, destination), (SALES,))

    assert opening.messages[:2] == TURNS
    assert opening.messages[2].role == "system"
    assert happened in opening.messages[2].text
    assert opening.instructions == (
        f"Be brief.\n\n{opening.messages[2].text} "
        "Tell the caller in one or two short sentences what happened, and offer what else you can do."
    )
    assert opening.destinations == ("sales",)


@pytest.mark.parametrize(
    ("attempt", "told", "promise"),
    [
        ("no_answer", True, TOLD),
        ("busy", False, NOT_TOLD),
        ("caller_id", False, NOT_TOLD),
    ],
)
def test_a_call_back_is_promised_only_if_people_learn_of_the_call(attempt: str, *, told: bool, promise: str) -> None:
    assert resume(AGENT, Past(TURNS, attempt, "sales", told)).messages[2].text.endswith(f"back with you. {promise}")


@pytest.mark.parametrize("attempt", ["bridged", "unconfirmed"])
def test_after_a_talk_nothing_is_said_of_call_backs(attempt: str) -> None:
    assert resume(AGENT, Past(TURNS, attempt, "sales")).messages[2].text.endswith("They are back with you.")


def test_a_caller_whose_stream_was_lost_goes_on_where_they_were() -> None:
    happened = "The connection was interrupted for a moment; the caller is back with you."

    task = "Say in one short sentence that you are back, and go on where the conversation stopped."

    assert resume(AGENT, Past(TURNS)) == Opening(
        f"Be brief.\n\n{happened} {task}",
        (*TURNS, AddMessage("system", happened)),
    )


@pytest.mark.parametrize("attempt", ["", "no_answer"])
def test_a_session_learns_that_people_ring_since_an_earlier_stream(attempt: str) -> None:
    ringing = Ringing("c1", "sales")

    opening = resume(AGENT, Past(TURNS, attempt, "sales", ringing=ringing), (SALES,))

    assert opening.ringing == ringing
    assert opening.messages[2].text.endswith(STILL_RINGING)
    assert STILL_RINGING in opening.instructions


@pytest.mark.parametrize(
    ("destinations", "named", "unnamed"),
    [((SALES, WORKSHOP), True, False), ((SALES,), True, True), ((WORKSHOP,), False, False), ((), False, False)],
)
def test_the_list_says_where_people_ring_beside_the_talk(
    destinations: tuple[Destination, ...], named: bool, unnamed: bool
) -> None:
    """Whoever is there first may only ring beside the talk where everybody does."""
    opening = greet(AGENT, destinations)

    assert (opening.rings_beside("sales"), opening.rings_beside("")) == (named, unnamed)
    assert not opening.rings_beside("workshop")
