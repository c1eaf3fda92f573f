"""From the text of a TwiML document to verbs, or the error that Twilio would log.

Stricter than Twilio: a document against the schema (12200) or with a `speechTimeout` that is none (13327) is not
executed at all, where Twilio logs a warning and skips what it does not know. A test should not pass by what was
skipped. What Twilio knows and this carrier does not simulate (`not_simulated.py`) is no error of Twilio's, but a
`NotSimulatedError`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import msgspec

from sandbox.not_simulated import check_simulated
from sandbox.twilio import errors
from sandbox.twilio.elements import CALL_EVENTS, CONFERENCE_EVENTS
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.not_simulated import TWIML
from sandbox.twilio.nouns import Application, Client, Conference, Leg, Reported, Stream
from sandbox.twilio.ssml import read_words
from sandbox.twilio.verbs import Connect, Dial, Enqueue, Gather, Play, Response, Start, Stop, Verb

MAX_DOCUMENT_BYTES = 64 * 1024  # 11750
_CONTENT = frozenset({"tag", "text", "nested"})  # fields of a struct that are no attributes
_URL_ATTRIBUTES = frozenset(
    {"action", "url", "statusCallback", "waitUrl", "recordingStatusCallback", "amdStatusCallback"}
)
_URL_TEXT = frozenset({"Play", "Redirect"})


@dataclass(frozen=True, slots=True)
class Document:
    """`url` is where it came from, None for TwiML inside a REST request."""

    verbs: tuple[Verb, ...]
    url: str | None

    def to_absolute(self, url: str) -> str:
        """`url` as seen from this document; raises `TwimlError` where it has no place of its own (15004), and where it
        is none (11100: https://www.twilio.com/docs/api/errors/11100).
        """
        try:
            if urlsplit(url).scheme:
                return url
            absolute = self.url and urljoin(self.url.partition("#")[0], url)
        except ValueError as error:  # such as a "[" that no "]" follows
            raise TwimlError(errors.INVALID_URL, f"expected a URL, got {url!r}") from error
        if absolute is None:
            raise TwimlError(errors.RELATIVE_URL, f"inline TwiML needs absolute URLs, got {url!r}")
        return absolute

    def to_absolute_or_own(self, url: str | None) -> str:
        """`url`, or where this document came from, which is what verbs without an action go back to."""
        return self.to_absolute(url or self.url or "")


def parse(text: str, url: str | None = None) -> Document:
    """The verbs of `text`; raises `TwimlError` with the code that Twilio would log, or `NotSimulatedError`."""
    root = _parse_root(text)
    try:
        check_simulated(_list_asked(root), TWIML)
        response = msgspec.convert(_to_tree(root), Response, strict=False)
    except RecursionError as error:
        raise TwimlError(errors.AGAINST_SCHEMA, "no element of TwiML is so deep in others") from error
    except msgspec.ValidationError as error:
        raise TwimlError(errors.AGAINST_SCHEMA, str(error)) from error
    for verb in response.nested:
        _check(verb)
    return Document(response.nested, url)


def parse_inline(text: str) -> Document:
    """As `parse`, for TwiML in a REST request, whose URLs must all be absolute (15004)."""
    document = parse(text)
    for url in _find_urls(_parse_root(text)):
        document.to_absolute(url)
    return document


def _parse_root(text: str) -> ElementTree.Element:
    if len(text.encode()) > MAX_DOCUMENT_BYTES:
        raise TwimlError(errors.TWIML_TOO_LARGE, f"expected at most 64 kB, got {len(text.encode())} bytes")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # entities could grow without bound while parsing
        raise TwimlError(errors.NOT_XML, "TwiML has no document type")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no entities get here
    except ElementTree.ParseError as error:
        raise TwimlError(errors.NOT_XML, str(error)) from error
    if root.tag != "Response":
        raise TwimlError(errors.NOT_XML, f"expected <Response>, got <{root.tag}>")
    return root


def _list_asked(element: ElementTree.Element, path: str = "") -> Iterator[tuple[str, str]]:
    """Every element and attribute inside of `element`, as XPath, with the attribute's value."""
    for child in element:
        name = path + child.tag
        yield name, ""
        yield from ((f"{name}/@{attribute}", value) for attribute, value in child.attrib.items())
        yield from _list_asked(child, f"{name}/")


def _to_tree(element: ElementTree.Element) -> dict[str, object]:
    """`element` as msgspec wants it; `text` and `nested` are there only if the document has any."""
    if taken := _CONTENT & element.attrib.keys():
        raise TwimlError(errors.AGAINST_SCHEMA, f"<{element.tag}> has no attribute {min(taken)!r}")
    tree: dict[str, object] = {"tag": element.tag, **element.attrib}
    if element.tag == "Say":
        return {**tree, "text": words} if (words := read_words(element)) else tree
    # Text around children counts too: <Dial>+1555<Number/></Dial> is as wrong as <Pause>text</Pause>.
    text = "".join([element.text or "", *(child.tail or "" for child in element)]).strip()
    if text:
        tree["text"] = text
    if len(element):
        tree["nested"] = [_to_tree(child) for child in element]
    return tree


def _find_urls(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        yield from (url for name, url in element.attrib.items() if name in _URL_ATTRIBUTES and url)
        if element.tag in _URL_TEXT and element.text and element.text.strip():
            yield element.text.strip()


def _check(verb: Verb) -> None:
    """The rules that types do not say."""
    match verb:
        case Connect(nested=(stream,)):
            _check_stream(stream, ("inbound_track",))
        case Start(nested=(Stream() as stream,)):
            _check_stream(stream, ("inbound_track", "outbound_track", "both_tracks"))
        case Stop(nested=(named,)) if not named.name:
            raise TwimlError(errors.AGAINST_SCHEMA, "<Stop> needs the name of what it stops")
        case Enqueue(text=queue) if bool(queue) == (verb.workflow_sid is not None) or (queue and verb.nested):
            raise TwimlError(errors.AGAINST_SCHEMA, "<Enqueue> needs a queue or a workflowSid, and only that a <Task>")
        case Dial():
            _check_dial(verb)
        case Gather():
            _check_gather(verb)
        case Play(text="", digits=None):
            raise TwimlError(errors.AGAINST_SCHEMA, "<Play> needs a URL or digits")
        case _:
            pass


def _check_gather(gather: Gather) -> None:
    pause = gather.speech_timeout
    if pause is not None and pause != "auto" and not (pause.isdecimal() and int(pause)):
        raise TwimlError(errors.SPEECH_TIMEOUT, f"expected a speechTimeout of seconds or auto, got {pause!r}")
    if pause == "auto" and gather.speech_model is not None:
        raise TwimlError(errors.SPEECH_TIMEOUT, "a speechModel needs a speechTimeout in seconds")
    for prompt in gather.nested:
        if isinstance(prompt, Play):
            _check(prompt)


def _check_stream(stream: Stream, tracks: tuple[str, ...]) -> None:
    if stream.track not in tracks:
        raise TwimlError(errors.STREAM_TRACK, f"expected one of {', '.join(tracks)}, got {stream.track!r}")
    for parameter in stream.nested:
        if len(parameter.name) + len(parameter.value) >= 500:
            raise TwimlError(errors.AGAINST_SCHEMA, f"<Parameter> {parameter.name!r} has 500 characters")


def _check_dial(dial: Dial) -> None:
    if bool(dial.text) == bool(dial.nested):
        raise TwimlError(errors.AGAINST_SCHEMA, "<Dial> needs a number or nouns, and not both")
    if len(dial.nested) > 1 and not all(isinstance(noun, Leg) for noun in dial.nested):
        raise TwimlError(errors.AGAINST_SCHEMA, "<Queue>, <Conference> and <Application> stand alone in <Dial>")
    for noun in dial.nested:
        _check_leg(noun)


def _check_leg(noun: object) -> None:
    if isinstance(noun, Conference) and (unknown := set(noun.status_callback_event.split()) - CONFERENCE_EVENTS):
        raise TwimlError(errors.AGAINST_SCHEMA, f"no such statusCallbackEvent: {min(unknown)!r}")
    if isinstance(noun, Reported) and (unknown := set(noun.status_callback_event.split()) - set(CALL_EVENTS)):
        raise TwimlError(errors.AGAINST_SCHEMA, f"no such statusCallbackEvent: {min(unknown)!r}")
    if isinstance(noun, Client) and not noun.text and not noun.nested:
        raise TwimlError(errors.AGAINST_SCHEMA, "<Client> names nobody")
    if isinstance(noun, Application) and len(noun.sids) != 1:
        raise TwimlError(errors.AGAINST_SCHEMA, f"<Application> needs one <ApplicationSid>, got {len(noun.sids)}")
