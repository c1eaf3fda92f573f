"""What the demo's people said to each other stands in its report."""

from console.call_view import CallSummary, CallView, Turn
from sandbox.demo.people import SpokenLine
from sandbox.demo.saved_files import make_view
from sandbox.speech.voices.lines import line

RECORDED = (
    Turn(number=2**40, at_ms=500, speaker="assistant", name="Assistant", heard="Hello."),
    Turn(number=2**41, at_ms=9000, speaker="assistant", name="Assistant", heard="Goodbye."),
)
VIEW = CallView(
    summary=CallSummary(sid="CA1", began_at_ms=0, caller="", called="", outcome="talked", outcome_text=""),
    now_ms=10_000,
    lanes=(),
    turns=RECORDED,
)


def test_lines_that_were_heard_stand_among_the_words_of_the_record() -> None:
    said = [
        SpokenLine("Caller", line("ask_person"), 1000),  # heard by the assistant: the record has it
        SpokenLine("Anna", line("anna"), 5000),
        SpokenLine("Caller", line("tell_anna"), 7000),
        SpokenLine("Anna", line("anna_answers"), 8000),  # the line was dead
    ]

    view = make_view(VIEW, said, {"anna", "tell_anna"})

    assert view.turns == (
        RECORDED[0],
        Turn(number=2, at_ms=5000, speaker="person", name="Anna", heard=line("anna").text),
        Turn(number=3, at_ms=7000, speaker="caller", name="Caller", heard=line("tell_anna").text),
        RECORDED[1],
    )
