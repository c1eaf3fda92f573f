"""The terminal: a line an event while the call runs, tables at its end. Without a terminal, plain lines."""

import contextlib
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandbox.demo.summary import Row, Timings

_STYLES = {"Caller": "bold cyan", "Assistant": "bold green", "Anna": "bold magenta", "Voicemail": "magenta"}


class Display:
    """Everything that the user of the demo reads."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextlib.contextmanager
    def show_progress(self, what: str) -> Iterator[None]:
        """Show that something is being done, for as long as it takes."""
        self._console.print(f"{what}.", style="dim", soft_wrap=True)
        with self._console.status("One moment."):
            yield

    def show_event(self, at_ms: int, sentence: str) -> None:
        """Something that happened to the call."""
        self._line(at_ms, Text(sentence, style="dim"))

    def show_line(self, at_ms: int, who: str, words: str) -> None:
        """Something that somebody says, or has said."""
        self._line(at_ms, Text.assemble((f"{who}: ", _STYLES[who]), f"“{words}”"))

    def show_summary(self, rows: Sequence[Row], timings: Timings, outcome: str, *, by_ear: bool) -> None:
        """What the call came to. `by_ear`: what was heard of the assistant was found in a recording."""
        self._console.print()
        self._console.print(_make_conversation_table(rows))
        if not by_ear:
            self.show_note("What the caller heard of the assistant: by Warmline's own ledger, which nobody checked.")
        self._console.print(_make_timings_table(timings, outcome))

    def show_note(self, text: str) -> None:
        """Something for after the call."""
        self._console.print(text, soft_wrap=True, highlight=False)

    def show_problem(self, text: str) -> None:
        """Why the demo failed."""
        self._console.print(Text(text, style="bold red"), soft_wrap=True)

    def _line(self, at_ms: int, text: Text) -> None:
        # In a terminal long sentences are folded below themselves; in a log a line stays a line.
        at = Text(f"{at_ms / 1000:5.1f} s  ", style="dim")
        if not self._console.is_terminal:
            self._console.print(Text.assemble(at, text), soft_wrap=True)
            return
        grid = Table.grid()
        grid.add_column(no_wrap=True)
        grid.add_column()
        grid.add_row(at, text)
        self._console.print(grid)


def _make_conversation_table(rows: Sequence[Row]) -> Table:
    table = Table(title="What was said, and what the other side heard of it", title_justify="left")
    table.add_column("s", justify="right")
    table.add_column("who", no_wrap=True)
    table.add_column("said")
    table.add_column("heard")
    for row in rows:
        heard = Text("all of it", style="dim") if row.heard == row.said else Text(row.heard or "nothing")
        who = Text(row.who, style=_STYLES[row.who])
        table.add_row(f"{row.at_ms / 1000:.1f}", who, row.said, heard)
    return table


def _make_timings_table(timings: Timings, outcome: str) -> Table:
    table = Table(title="How it went", title_justify="left", show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_row("First word heard after", _format_ms(timings.first_word_ms))
    table.add_row("Interrupted: silent after", _format_ms(timings.interruption_stopped_ms))
    table.add_row("Silence between last word and ring", _format_ms(timings.silence_before_ring_ms))
    table.add_row("Transfer", outcome)
    return table


def _format_ms(value: int | None) -> str:
    return "—" if value is None else f"{value} ms"
