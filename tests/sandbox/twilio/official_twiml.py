"""Every verb, noun and attribute that the twilio library can write, as XPaths: "Dial/Number", "Dial/Number/@url"."""

import inspect
from collections.abc import Iterator

from twilio.twiml import TwiML
from twilio.twiml.voice_response import VoiceResponse

_VALUE = "en-US"  # for any attribute: some check that a language is one


def list_twiml() -> set[str]:
    """All of it, except what is inside of `<Say>`."""
    return set(_walk(VoiceResponse(), ""))


def list_ssml() -> dict[str, set[str]]:
    """What is inside of `<Say>`: elements and their attributes."""
    found: dict[str, set[str]] = {}
    unseen: list[TwiML] = [VoiceResponse().say()]
    while unseen:
        for child in _make_children(unseen.pop()):
            if child.name not in found:
                found[child.name] = set(child.attrs)
                unseen.append(child)
    return found


def _walk(element: TwiML, path: str) -> Iterator[str]:
    for child in _make_children(element):
        name = path + child.name
        yield name
        yield from (f"{name}/@{attribute}" for attribute in child.attrs)
        if child.name != "Say":
            yield from _walk(child, f"{name}/")


def _make_children(element: TwiML) -> list[TwiML]:
    """One of each kind that can be inside of `element`, with all its attributes."""
    names = [name for name in vars(type(element)) if not name.startswith("_")]
    return [_make(getattr(element, name)) for name in names]


def _make(nest: object) -> TwiML:
    assert callable(nest)
    parameters = inspect.signature(nest).parameters.values()
    made = nest(**{each.name: _VALUE for each in parameters if each.kind is not inspect.Parameter.VAR_KEYWORD})
    assert isinstance(made, TwiML)
    return made
