"""The rules of the demo's model, without sound."""

import pytest

from sandbox.openai.dialogue import Act, DialogueState, load_dialogue
from sandbox.speech.voices.lines import line, load_lines

HAND_OVER = Act(say="hand_over", call="transfer_to_human", reason="The caller is frustrated.")


def read_line(name: str) -> str:
    """Return the words of the caller's line."""
    return line(name).text


@pytest.fixture
def talk() -> DialogueState:
    return DialogueState(load_dialogue())


def test_every_line_that_the_rules_name_exists_and_is_the_models() -> None:
    acts = [act for answer in load_dialogue().answers.values() for act in answer.acts]
    acts += [outcome.act for outcome in load_dialogue().outcomes]
    named = {act.say for act in acts if act.say}
    assert {name for name in named if load_lines()[name].who != "model"} == set()


def test_everything_that_the_caller_can_say_to_the_model_has_an_answer() -> None:
    to_anna = {"tell_anna"}
    spoken = {each.text for name, each in load_lines().items() if each.who == "caller" and name not in to_anna}
    assert spoken <= set(load_dialogue().phrases)


def test_a_new_caller_is_greeted(talk: DialogueState) -> None:
    assert talk.open([]) == Act(say="greeting")


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("The caller was put through to front_desk: nobody answered. They are back.", "no_answer"),
        ("The caller was put through to front_desk: the line was busy. They are back.", "busy"),
        ("The caller was put through to front_desk: the person could not take the call.", "declined"),
        (
            "The caller was put through to front_desk: somebody or a voicemail picked up, but did not take the call.",
            "not_taken",
        ),
        ("The caller was put through to front_desk: nobody is there at this time.", "closed"),
        ("The caller was put through to front_desk: the connection could not be made.", "failed"),
        ("The connection was interrupted for a moment; the caller is back with you.", "cut_off"),
    ],
)
def test_a_caller_who_comes_back_is_told_what_happened(talk: DialogueState, told: str, says: str) -> None:
    assert talk.open(["What are your opening hours?", told]) == Act(say=says)


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ('{"status": "closed", "detail": "opens tomorrow at 9 am"}', "closed"),
        ('{"status": "failed", "error": "timeout"}', "failed"),
        ('{"status": "unknown_destination"}', "failed"),
        ("", "failed"),
    ],
)
def test_a_transfer_that_did_not_come_about_is_told(talk: DialogueState, output: str, says: str) -> None:
    assert talk.answer_output("transfer_to_human", output) == Act(say=says)


def test_the_opening_hours_are_looked_up_and_then_told(talk: DialogueState) -> None:
    assert talk.answer_phrase(read_line("ask_hours")) == Act(call="opening_hours")
    assert talk.answer_output("opening_hours", '{"opening_hours": "nine to six"}') == Act(say="hours")


def test_opening_hours_that_cannot_be_looked_up_are_not_made_up(talk: DialogueState) -> None:
    assert talk.answer_output("opening_hours", '{"error": "opening_hours failed"}') == Act(say="hours_unknown")


def test_a_frustrated_caller_is_handed_over(talk: DialogueState) -> None:
    assert talk.answer_phrase(read_line("ask_order")) == Act(say="not_found")
    assert talk.answer_phrase(read_line("repeat_number")) == Act(say="still_not_found")
    assert talk.answer_phrase(read_line("frustrated")) == HAND_OVER
    assert talk.summary == (
        "The caller wants to know whether the bicycle is ready, order four seven one one, which the assistant did not "
        "find, is frustrated."
    )


def test_the_third_failure_hands_over_without_being_asked(talk: DialogueState) -> None:
    for name in ("ask_order", "repeat_number"):
        talk.answer_phrase(read_line(name))
    assert talk.answer_phrase(read_line("insist")) == HAND_OVER


def test_a_caller_who_asks_for_a_person_is_handed_over_at_once(talk: DialogueState) -> None:
    act = talk.answer_phrase(read_line("ask_person"))
    assert (act.say, act.call, act.reason) == (
        "hand_over_asked",
        "transfer_to_human",
        "The caller asked for a person.",
    )


def test_a_caller_who_is_never_understood_is_handed_over(talk: DialogueState) -> None:
    assert [talk.answer_phrase(None) for _ in range(3)] == [
        Act(say="not_understood"),
        Act(say="not_understood"),
        HAND_OVER,
    ]


@pytest.mark.parametrize(
    ("name", "says"), [("want_call_back", "call_back"), ("no_thanks", "no_call_back"), ("caller_goodbye", "goodbye")]
)
def test_the_call_is_ended_with_a_goodbye(talk: DialogueState, name: str, says: str) -> None:
    assert talk.answer_phrase(read_line(name)) == Act(say=says, call="end_call")


def test_the_summary_of_a_silent_caller_says_so(talk: DialogueState) -> None:
    assert talk.summary == "The caller has not said anything yet."
