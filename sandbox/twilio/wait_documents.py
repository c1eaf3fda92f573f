"""What a participant hears at a `waitUrl` before the conference begins.

https://www.twilio.com/docs/voice/twiml/conference#waiturl, and https://www.twilio.com/docs/api/errors/13238 for the
verbs that it may not have.
"""

from sandbox.twilio import errors
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.media_verbs import pause, play, say
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Pause, Play, Redirect, Say


async def play_wait_document(call: Call, url: str, method: str) -> None:
    """Hear the document at `url`, and those that it redirects to; raises `WebhookError` or `TwimlError`."""
    following: Document | None = await call.fetch(url, method, call.make_parameters())
    while following is not None:
        following = await _play(call, following)


async def _play(call: Call, document: Document) -> Document | None:
    """The document that follows."""
    for verb in document.verbs:
        match verb:
            case Say():
                await say(call, verb)
            case Play():
                await play(call, verb, document)
            case Pause():
                await pause(call, verb)
            case Redirect():
                return await call.fetch(document.to_absolute_or_own(verb.text), verb.method, call.make_parameters())
            case _:
                raise TwimlError(errors.VERB_IN_WAIT, f"<{type(verb).__name__}> is not allowed in a waitUrl")
    return None
