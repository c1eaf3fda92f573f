"""The lines that the user sees: a sign, the subject, a sentence, and below it what to do."""

from collections import Counter
from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from doctor.findings import Finding, Status

_STYLES = {
    Status.OK: "green",
    Status.WARNING: "yellow",
    Status.WRONG: "bold red",
    Status.SKIPPED: "dim",
    Status.UNSEEN: "dim",
}
# For an output that cannot show the signs.
_WORDS = {Status.OK: "ok", Status.WARNING: "!", Status.WRONG: "WRONG", Status.SKIPPED: "-", Status.UNSEEN: "-"}
_NAMES = {Status.OK: "good", Status.WARNING: "to know", Status.WRONG: "wrong", Status.SKIPPED: "skipped"}  # if counted
_SUBJECT = 12  # columns


class Lines:
    """Writes to a console; asks only at a terminal."""

    def __init__(self, console: Console, ask: Callable[[str], str] = input) -> None:
        self._console = console
        self._ask = ask
        self._plain = not _can_show(console.encoding)
        self._last = ("", "")

    def line(self, name: str, finding: Finding) -> None:
        if self._last == (name, finding.says):  # two checks of a subject that lack the same
            return
        self._last = name, finding.says
        sign = _WORDS[finding.status].ljust(5) if self._plain else finding.status.value
        text = Text.assemble((sign, _STYLES[finding.status]), f" {name.ljust(_SUBJECT)}{finding.says}.")
        self._print(text)
        if finding.cure:
            indent = " " * (len(sign) + 1 + _SUBJECT)
            self._print(Text(f"{indent}{'->' if self._plain else '→'} {finding.cure}", style="cyan"))

    def agrees(self, question: str) -> bool:
        if not self._console.is_interactive:
            return False
        self._print(Text(f"{question} [y/N] "), end="")
        return self._ask("").strip().lower() in ("y", "yes")

    def sum(self, counts: Counter[Status]) -> int:
        """What it all comes to; the exit status."""
        if counts[Status.UNSEEN]:
            self._print(Text("\nWhat callers will meet is not known."))
            return 1
        counted = ", ".join(f"{counts[status]} {_NAMES[status]}" for status in _NAMES if counts[status])
        verdict = "Callers will meet what is wrong." if counts[Status.WRONG] else "Nothing is wrong."
        self._print(Text(f"\n{verdict} ({counted})"))
        return 1 if counts[Status.WRONG] else 0

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
