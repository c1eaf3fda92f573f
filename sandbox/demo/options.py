"""What the user of `make demo` chose: HUMAN, CALLER, MODEL, ARTIFACTS, and a key if the model is to be the real one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_HUMAN = ("answers", "no-answer", "busy", "declines", "voicemail")
_CALLER = ("frustrated", "asks")
_MODEL = ("sandbox", "openai")
_ARTIFACTS = ("0", "1")


class OptionError(Exception):
    """A choice that there is not; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Options:
    human: str
    """What Anna does when her phone rings: `answers`, `no-answer`, `busy`, `declines`, or has her `voicemail` do it."""
    caller: str
    """How the caller comes to need her: `frustrated` by the assistant, or `asks` outright."""
    model: str
    """`sandbox`, or `openai`: the real service, over the internet."""
    openai_api_key: str = field(repr=False)
    artifacts: bool = False
    """The functions are those that `sam build` made, under AWS's runtime."""


def read_options(environment: Mapping[str, str]) -> Options:
    """Raises OptionError at the first choice that is wrong."""
    options = Options(
        human=_read_choice(environment, "HUMAN", _HUMAN),
        caller=_read_choice(environment, "CALLER", _CALLER),
        model=_read_choice(environment, "MODEL", _MODEL),
        openai_api_key=environment.get("OPENAI_API_KEY", ""),
        artifacts=_read_choice(environment, "ARTIFACTS", _ARTIFACTS) == "1",
    )
    if options.model == "openai" and not options.openai_api_key:
        raise OptionError("MODEL=openai needs a key of yours: OPENAI_API_KEY is not set.")
    return options


def _read_choice(environment: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """The first choice is what happens when nothing was chosen."""
    chosen = environment.get(name) or choices[0]
    if chosen not in choices:
        raise OptionError(f"{name}: expected {', '.join(choices[:-1])} or {choices[-1]}, got {chosen!r}.")
    return chosen
