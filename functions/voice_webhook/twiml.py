"""The TwiML documents that answer Twilio. At its end each lets somebody speak, or hangs up on purpose.

https://www.twilio.com/docs/voice/twiml. Every URL is absolute, so a document means the same, wherever Twilio got it
from.
"""

import math
from dataclasses import dataclass
from urllib.parse import urlencode

from twilio.twiml.voice_response import Connect, Gather, VoiceResponse

import routes
from stream_token import StreamToken

ONE_MOMENT = "One moment, please."
# A load balancer needs a few seconds to stop sending streams to a container that is about to end.
PAUSE_SECONDS = 3
NO_MESSAGE = "I did not hear a message. Goodbye."
MESSAGE_SECONDS = 120
# A phone that screens calls picks up by itself, shows the words that it hears, and rings the person only then. So the
# words are repeated for a person who comes late. This often, with the pauses, takes half a minute.
WHISPERS = 3
WHISPER_PAUSE_SECONDS = 2
KEY_SECONDS = 5
# If the attempt's row is not known.
WHISPER = "A caller is waiting for you. Press 1 to take the call."
# Slower than any voice speaks. The second value is for the two webhooks of a leg, with Twilio's way to them.
CHARACTERS_A_SECOND = 12
SLACK_SECONDS = 15
# The key that takes the call.
TAKE = "1"
# A caller in a queue hears a sentence this often, and silence between.
QUEUE_PAUSE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Urls:
    """The URLs at which Twilio reaches us."""

    base_url: str
    stream_url: str

    def webhook(self, route: str, **query: str) -> str:
        return f"{self.base_url}{route}" + (f"?{urlencode(query)}" if query else "")


def stream(urls: Urls, token: StreamToken, *, pause: bool = False) -> str:
    """Talk to the model, perhaps after a pause. When that ends, Twilio asks what comes next.

    The URL is there twice: it is not documented whether Twilio requests `action` for a stream. If it does not, it
    follows the `<Redirect>`.
    """
    after = urls.webhook(routes.AFTER_STREAM, stream=token.jti)
    connect = Connect(action=after, method="POST")
    opened = connect.stream(url=urls.stream_url, status_callback=urls.webhook(routes.STREAM_STATUS))
    opened.parameter(name="token", value=token.text)
    response = VoiceResponse()
    if pause:
        response.say(ONE_MOMENT)
        response.pause(length=PAUSE_SECONDS)
    response.append(connect)
    response.redirect(after, method="POST")
    return str(response)


def wait(url: str, waits: int) -> str:
    """Ask the URL again in a second. Sometimes a sentence breaks the silence; the count of waits decides when."""
    response = VoiceResponse()
    if waits % 3 == 1:
        response.say(ONE_MOMENT)
    response.pause(length=1)
    response.redirect(url, method="POST")
    return str(response)


def queue_wait(seconds: int) -> str:
    """Wait in a queue for about this many seconds, then leave it."""
    response = VoiceResponse()
    for waited in range(0, seconds, QUEUE_PAUSE_SECONDS):
        response.say("Please hold for the next free person.")
        response.pause(length=min(QUEUE_PAUSE_SECONDS, seconds - waited))
    response.leave()
    return str(response)


def take_message(recorded_url: str) -> str:
    response = VoiceResponse()
    response.say("Nobody can take your call right now. Please leave a message after the tone.")
    response.record(action=recorded_url, method="POST", max_length=MESSAGE_SECONDS, timeout=5, play_beep=True)
    response.say(NO_MESSAGE)  # reached only when nothing was recorded
    response.hangup()
    return str(response)


def whisper(words: str, answer_url: str) -> str:
    """Tell the person who picked up who calls, and let a key decide. Without a key the leg ends.

    If the document simply ended, Twilio would connect the caller, for example with a voicemail.
    """
    gather = Gather(action=answer_url, method="POST", num_digits=1, timeout=KEY_SECONDS, finish_on_key="")
    for count in range(WHISPERS):
        if count:
            gather.pause(length=WHISPER_PAUSE_SECONDS)
        gather.say(words)
    response = VoiceResponse()
    response.append(gather)
    response.hangup()
    return str(response)


def whisper_seconds(words: str) -> int:
    """How long a person who picked up can be on the line at most without the key that takes the call."""
    spoken = WHISPERS * math.ceil(len(words) / CHARACTERS_A_SECOND)
    return spoken + (WHISPERS - 1) * WHISPER_PAUSE_SECONDS + KEY_SECONDS + SLACK_SECONDS


def connect() -> str:
    """For the person who has taken the call: the end of the document connects the two."""
    return str(VoiceResponse())


def taken_by_another() -> str:
    return _say("Somebody else has taken this call. Goodbye.")


def caller_left() -> str:
    return _say("The caller is no longer waiting. Goodbye.")


def talk_over() -> str:
    """For a call of which nobody can tell whether there was a talk."""
    return _say("The call has ended. If nobody has helped you, please call again in a little while. Goodbye.")


def no_message() -> str:
    return _say(NO_MESSAGE)


def thanks() -> str:
    return _say("Thank you for your message. Goodbye.")


def goodbye() -> str:
    return _say("Thank you for calling. Goodbye.")


def apology() -> str:
    return _say("I am sorry, something went wrong on our side. Please call again in a little while. Goodbye.")


def busy() -> str:
    """Refuse a call before it is answered: for the dialling side the line is busy, so it goes on at once."""
    response = VoiceResponse()
    response.reject(reason="busy")
    return str(response)


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)


def hangs_up(document: str) -> bool:
    """Whether the document ends the call, perhaps after a message of the caller."""
    return "<Hangup" in document


def nothing() -> str:
    """For a caller who has hung up: there is nothing left to do."""
    return str(VoiceResponse())


def _say(words: str) -> str:
    response = VoiceResponse()
    response.say(words)
    response.hangup()
    return str(response)
