"""The lines that the user sees: a symbol, the subject, a sentence, and below it what to do."""

from collections import Counter
from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from doctor.findings import Finding, Status

_STYLES = {
    Status.OK: "green",
    Status.WARNING: "yellow",
    Status.FAILURE: "bold red",
    Status.SKIPPED: "dim",
    Status.NOT_CHECKED: "dim",
}
# For an output that cannot show the symbols.
_WORDS = {Status.OK: "ok", Status.WARNING: "!", Status.FAILURE: "WRONG", Status.SKIPPED: "-", Status.NOT_CHECKED: "-"}
_COUNTED = {Status.OK: "ok", Status.WARNING: "to know", Status.FAILURE: "wrong", Status.SKIPPED: "skipped"}
_SUBJECT_COLUMNS = 12


class ConsoleReporter:
    """Writes to a console; asks only at a terminal."""

    def __init__(self, console: Console, ask: Callable[[str], str] = input) -> None:
        self._console = console
        self._ask = ask
        self._plain = not _can_show(console.encoding)
        self._last = ("", "")

    def show(self, name: str, finding: Finding) -> None:
        if self._last == (name, finding.message):  # two checks of one subject that miss the same fact
            return
        self._last = name, finding.message
        symbol = _WORDS[finding.status].ljust(5) if self._plain else finding.status.value
        text = Text.assemble((symbol, _STYLES[finding.status]), f" {name.ljust(_SUBJECT_COLUMNS)}{finding.message}.")
        self._print(text)
        if finding.remedy:
            indent = " " * (len(symbol) + 1 + _SUBJECT_COLUMNS)
            self._print(Text(f"{indent}{'->' if self._plain else '→'} {finding.remedy}", style="cyan"))

    def confirm(self, question: str) -> bool:
        if not self._console.is_interactive:
            return False
        self._print(Text(f"{question} [y/N] "), end="")
        return self._ask("").strip().lower() in ("y", "yes")

    def summarize(self, counts: Counter[Status]) -> int:
        """Print the verdict. Returns the exit status."""
        if counts[Status.NOT_CHECKED]:
            self._print(Text("\nThe installation could not be checked."))
            return 1
        counted = ", ".join(f"{counts[status]} {_COUNTED[status]}" for status in _COUNTED if counts[status])
        verdict = "Something is wrong, and callers will notice." if counts[Status.FAILURE] else "Nothing is wrong."
        self._print(Text(f"\n{verdict} ({counted})"))
        return 1 if counts[Status.FAILURE] else 0

    def _print(self, text: Text, end: str = "\n") -> None:
        if self._plain:
            text = Text(text.plain.encode("ascii", "replace").decode())
        self._console.print(text, end=end, soft_wrap=True)


def _can_show(encoding: str) -> bool:
    try:
        "✓✗–→…".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
