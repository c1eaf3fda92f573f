"""Reads TwiML, and says why Twilio could not execute it."""

from xml.etree import ElementTree

from doctor.errors import DoctorError
from doctor.network import Response

# What Twilio accepts as TwiML: https://www.twilio.com/docs/voice/twiml#mime-types
_CONTENT_TYPES = ("text/xml", "application/xml", "text/html")


def parse_response(response: Response, what: str) -> ElementTree.Element:
    """The `<Response>` element. Raises `DoctorError` if Twilio could not execute the document."""
    kind = response.content_type.partition(";")[0].strip().lower()
    if kind not in _CONTENT_TYPES:
        raise DoctorError(
            f"{what} answered with the content type {kind or 'none'}, which Twilio does not accept as TwiML"
        )
    return parse_twiml(response.text, what)


def parse_twiml(text: str, what: str) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - from the user's own stack; expat limits what entities grow to
    except ElementTree.ParseError as error:
        raise DoctorError(f"{what} answered with something that is not XML: {error}") from None
    if root.tag != "Response":
        raise DoctorError(f"{what} answered with <{root.tag}>: expected <Response>")
    return root
