"""The carrier's exact messages, as the pages show them: forms, documents, verbs.

A token is shown without its signature: it opens one media stream, once and for two minutes. Even so nobody has to be
able to copy it.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

from console.call_view import Message
from sandbox.twilio.verbs import Verb

_JWT = re.compile(r"\b(eyJ[\w-]+\.[\w-]+)\.[\w-]+")


def hide_signature(text: str) -> str:
    """The same text, with every JWT cut after its claims."""
    return _JWT.sub(r"\1.…", text)


def make_form(label: str, parameters: Sequence[tuple[str, str]]) -> Message:
    """Form parameters as they are sent."""
    return Message(label=label, text=hide_signature(urlencode(parameters)), syntax="form")


def make_document(label: str, text: str) -> Message:
    """An answer: a document, or whatever else came."""
    return Message(label=label, text=hide_signature(text), syntax="xml" if text.lstrip().startswith("<") else "text")


def make_verb(verb: Verb) -> Message:
    """A verb as Twilio has understood it, with the defaults of its attributes."""
    text = msgspec.json.encode(verb).decode()
    return Message(label=f"<{type(verb).__name__}>, with its defaults", text=hide_signature(text), syntax="json")
