"""What the terminal shows."""

from io import StringIO

from rich.console import Console

from sandbox.demo.display import Display
from sandbox.demo.summary import Row, Timings


def read_shown(console: Console) -> str:
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_without_a_terminal_an_event_is_one_plain_line() -> None:
    console = Console(file=StringIO(), width=40)
    display = Display(console)
    with display.show_progress("Setting up"):
        display.show_event(12_340, "The telephone network asks Warmline what to do with this call.")
    display.show_line(13_000, "Caller", "Good morning. What are your opening hours, please?")
    assert read_shown(console).splitlines() == [
        "Setting up.",
        " 12.3 s  The telephone network asks Warmline what to do with this call.",
        " 13.0 s  Caller: “Good morning. What are your opening hours, please?”",
    ]


def test_in_a_terminal_a_long_sentence_is_folded_below_itself() -> None:
    console = Console(file=StringIO(), width=40, force_terminal=True, color_system=None)
    Display(console).show_event(1000, "The telephone network asks Warmline what to do.")
    first, second = (line.rstrip() for line in read_shown(console).splitlines())
    assert first == "  1.0 s  The telephone network asks"
    assert second == "         Warmline what to do."


def test_the_summary_says_what_was_heard_of_what_was_said() -> None:
    console = Console(file=StringIO(), width=120)
    rows = [Row(200, "Assistant", "Hello there.", "Hello there."), Row(900, "Caller", "A person", "")]
    Display(console).show_summary(rows, Timings(226, None, 320), "Anna was busy", by_ear=True)
    text = read_shown(console)
    assert "all of it" in text
    assert "nothing" in text
    assert "226 ms" in text
    assert "—" in text
    assert "Anna was busy" in text
    assert "ledger" not in text


def test_where_the_record_is_taken_at_its_word_the_summary_says_so() -> None:
    console = Console(file=StringIO(), width=120)
    Display(console).show_summary([Row(200, "Assistant", "Hi", "Hi")], Timings(226, None, 320), "none", by_ear=False)
    assert "by Warmline's own ledger" in read_shown(console)
