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
KEYS = "Press 1 to take the call, 2 to pass, 3 to answer without taking it, 9 to hear this again."
TAKEN = "Thank you. One moment, please."
SOMEBODY_COMES = "Please hold. Somebody has taken your call."
# If the attempt's row is not known.
WHISPER = "A caller is waiting for you. Press 1 to take the call."
# Slower than any voice speaks. The second value is for the two webhooks of a leg, with Twilio's way to them.
CHARACTERS_A_SECOND = 12
SLACK_SECONDS = 15
TAKE = "1"
"""The key that takes the call."""
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


def brief(words: str, about: str, answer_url: str) -> str:
    """Tell a person what the call is about while the caller talks on. Without a key the leg ends.

    The first words have nothing about the caller: a phone that screens calls shows them before it rings the person.
    """
    gather = Gather(action=answer_url, method="POST", num_digits=1, timeout=KEY_SECONDS, finish_on_key="")
    gather.say(words)
    gather.pause(length=1)
    gather.say(f"{about} {KEYS}".strip())
    gather.pause(length=WHISPER_PAUSE_SECONDS)
    gather.say(f"{words} {KEYS}")
    response = VoiceResponse()
    response.append(gather)
    response.hangup()
    return str(response)


def ask_for_words(note_url: str) -> str:
    """Listen to what the person says for the caller."""
    response = VoiceResponse()
    gather = Gather(
        input="speech",
        action=note_url,
        method="POST",
        timeout=KEY_SECONDS,
        speech_timeout="auto",
        action_on_empty_result=True,
    )
    gather.say("Please say what I shall tell the caller.")
    response.append(gather)
    response.hangup()
    return str(response)


def wait_for_other(url: str) -> str:
    """Words in a conference until the other is there. It may have neither `<Hangup>` nor `<Leave>` (13238)."""
    response = VoiceResponse()
    response.say(ONE_MOMENT)
    response.pause(length=2)
    response.redirect(url, method="POST")
    return str(response)


def passed() -> str:
    return _say("Thank you. Goodbye.")


def relayed() -> str:
    return _say("Thank you. I will tell the caller. Goodbye.")


def nothing_heard() -> str:
    return _say("I did not hear anything. Goodbye.")


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
