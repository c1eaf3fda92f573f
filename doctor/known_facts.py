"""What the checks have found out so far, for the checks that come later. `facts` has the types."""

from typing import ClassVar, Protocol


class Fact(Protocol):
    """Something that one check finds out and others need."""

    LABEL: ClassVar[str]
    """What a message calls it where it is missing."""


class MissingFactError(Exception):
    """A check needs a fact that no check before it could find out."""


class KnownFacts:
    """At most one fact of each type."""

    def __init__(self) -> None:
        self._facts: dict[type[Fact], Fact] = {}

    def add(self, fact: Fact) -> None:
        self._facts[type(fact)] = fact

    def get[T: Fact](self, kind: type[T]) -> T:
        """Raises `MissingFactError`."""
        if (fact := self.find(kind)) is None:
            raise MissingFactError(kind.LABEL)
        return fact

    def find[T: Fact](self, kind: type[T]) -> T | None:
        fact = self._facts.get(kind)
        assert fact is None or isinstance(fact, kind), "each fact is stored under its own type"
        return fact
