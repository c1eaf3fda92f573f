"""What a check reports: a status, a sentence, what the user can do about it, and perhaps a fix to apply."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """The value is the symbol that a line begins with."""

    OK = "✓"
    WARNING = "!"
    FAILURE = "✗"
    SKIPPED = "–"
    NOT_CHECKED = "…"
    """Stands for all checks after one that they all depend on."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that the doctor can make itself, if the user agrees."""

    question: str
    apply: Callable[[], None]
    """Raises `DoctorError` when it cannot."""


@dataclass(frozen=True, slots=True)
class Finding:
    status: Status
    message: str
    """What was found and what that means. Without a full stop at its end."""
    remedy: str = ""
    """What the user can do."""
    fix: Fix | None = None


def ok(message: str) -> Finding:
    return Finding(Status.OK, message)


def warn(message: str, remedy: str = "") -> Finding:
    return Finding(Status.WARNING, message, remedy)


def fail(message: str, remedy: str = "", fix: Fix | None = None) -> Finding:
    return Finding(Status.FAILURE, message, remedy, fix)


def skip(why: str) -> Finding:
    return Finding(Status.SKIPPED, f"skipped: {why}")
