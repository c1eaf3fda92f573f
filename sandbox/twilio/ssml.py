"""What `<Say>` says: its words, without the marks of SSML among them.

https://www.twilio.com/docs/voice/twiml/say/text-speech. Simpler than Twilio: the marks change nothing about how the
words are spoken, and any of them may be inside of any other. `<sub>` is spoken as its alias.
"""

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

from sandbox.twilio import errors
from sandbox.twilio.errors import TwimlError

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"  # xml:lang
MARKS: Final = {
    "break": frozenset({"strength", "time"}),
    "emphasis": frozenset({"level"}),
    "lang": frozenset({_LANGUAGE}),
    "p": frozenset[str](),
    "phoneme": frozenset({"alphabet", "ph"}),
    "prosody": frozenset({"pitch", "rate", "volume"}),
    "s": frozenset[str](),
    "say-as": frozenset({"format", "interpret-as"}),
    "sub": frozenset({"alias"}),
    "w": frozenset({"role"}),
}
"""Their attributes."""


def read_words(say: ElementTree.Element) -> str:
    """Raises `TwimlError` (12200) for what is no SSML."""
    return "".join(_read(say)).strip()


def _read(element: ElementTree.Element) -> Iterator[str]:
    yield element.text or ""
    for mark in element:
        if mark.tag not in MARKS:
            raise TwimlError(errors.AGAINST_SCHEMA, f"<{mark.tag}> cannot be in <Say>")
        if unknown := mark.attrib.keys() - MARKS[mark.tag]:
            raise TwimlError(errors.AGAINST_SCHEMA, f"<{mark.tag}> has no attribute {min(unknown)!r}")
        if mark.tag == "sub":
            yield mark.get("alias", "")
        elif mark.tag == "break":
            yield " "
        else:
            yield from _read(mark)
        yield mark.tail or ""
