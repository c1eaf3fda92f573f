"""TwiML as the doctor reads it: is it a document that Twilio can execute, and what does it say?"""

from xml.etree import ElementTree

from doctor.errors import DoctorError
from doctor.network import Answer

# What Twilio takes as TwiML: https://www.twilio.com/docs/voice/twiml#mime-types
_TYPES = ("text/xml", "application/xml", "text/html")


def parse_answer(answer: Answer, what: str) -> ElementTree.Element:
    """The `<Response>`. Raises `DoctorError` when Twilio could not execute it."""
    kind = answer.content_type.partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise DoctorError(f"{what} answered with the content type {kind or 'none'}, which Twilio takes for no TwiML")
    return parse_twiml(answer.text, what)


def parse_twiml(text: str, what: str) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - from the user's own stack; expat limits what entities grow to
    except ElementTree.ParseError as error:
        raise DoctorError(f"{what} answered with what is no XML: {error}") from None
    if root.tag != "Response":
        raise DoctorError(f"{what} answered with <{root.tag}>: expected <Response>")
    return root
