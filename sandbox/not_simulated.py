"""What a stand-in says when it is asked for something that the real service does and the sandbox does not.

Each stand-in has one table of such features: a feature is there by its name, or by its name and one value
("name=value"). Before it judges anything else, it gives `check_simulated` all that a document, a request or an event
asks for. So what it refuses in the real service's words, the real service refuses too.
"""

from collections.abc import Iterable, Iterator, Set


class NotSimulatedError(Exception):
    """No error of the real service: the sandbox has no answer. `feature` is as the stand-in's table has it."""

    def __init__(self, feature: str) -> None:
        super().__init__(f"not simulated by the sandbox: {feature}")
        self.feature = feature


def check_simulated(asked: Iterable[tuple[str, object]], not_simulated: Set[str]) -> None:
    """Raise `NotSimulatedError` for the first name, or name with its value, that is in the table."""
    for name, value in asked:
        for feature in (name, f"{name}={value}"):
            if feature in not_simulated:
                raise NotSimulatedError(feature)


def list_features(error: BaseException) -> Iterator[str]:
    """The features in `error`, which may be a group of errors with groups in it."""
    if isinstance(error, NotSimulatedError):
        yield error.feature
    elif isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from list_features(each)
