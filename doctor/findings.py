"""What a check finds: a sentence with its weight, what to do about it, and what later checks may use of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Protocol

_SHORTEST = 8  # characters of what is hidden: the letter "a" is no secret
_LONGEST = 600  # characters of a sentence: some of them quote what a server said


class Status(Enum):
    """The sign that a line begins with."""

    OK = "✓"
    WARNING = "!"
    WRONG = "✗"
    SKIPPED = "–"
    UNSEEN = "…"
    """Everything after a check without which nothing can be looked at."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What the doctor itself can change, if the user agrees."""

    question: str
    act: Callable[[], None]
    """Raises `DoctorError` when it cannot."""


@dataclass(frozen=True, slots=True)
class Finding:
    status: Status
    says: str
    """What was found and what that means; no full stop at its end."""
    cure: str = ""
    fix: Fix | None = None


def ok(says: str) -> Finding:
    return Finding(Status.OK, says)


def warning(says: str, cure: str = "") -> Finding:
    return Finding(Status.WARNING, says, cure)


def wrong(says: str, cure: str = "", fix: Fix | None = None) -> Finding:
    return Finding(Status.WRONG, says, cure, fix)


def skipped(why: str) -> Finding:
    return Finding(Status.SKIPPED, f"skipped: {why}")


def unseen(why: str) -> Finding:
    return Finding(Status.UNSEEN, f"was not looked at: {why}")


class Fact(Protocol):
    """Something that one check found out and others need."""

    CALLED: ClassVar[str]
    """How it is called where it is missing."""


class UnknownError(Exception):
    """A check needs a fact that no check before it could find out."""


class Chart:
    """The facts so far, one of a kind; and the values that must never be shown."""

    def __init__(self) -> None:
        self._facts: dict[type[Fact], Fact] = {}
        self._hidden: set[str] = set()

    def note(self, fact: Fact) -> None:
        self._facts[type(fact)] = fact

    def hide(self, *values: str) -> None:
        self._hidden.update(value for value in values if len(value) >= _SHORTEST)

    def get[T: Fact](self, kind: type[T]) -> T:
        """Raises `UnknownError`."""
        if (fact := self.find(kind)) is None:
            raise UnknownError(kind.CALLED)
        return fact

    def find[T: Fact](self, kind: type[T]) -> T | None:
        fact = self._facts.get(kind)
        assert fact is None or isinstance(fact, kind), "each is noted under its own type"
        return fact

    def shown(self, text: str) -> str:
        """The text as it may be printed: no secret, no control character, not without end."""
        for value in self._hidden:
            text = text.replace(value, "(hidden)")
        text = "".join(character if character.isprintable() else " " for character in text)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
