"""Phones that screen calls by themselves, as iOS 26 and Google's Call Screen do.

The phone picks up, asks who is calling and why, and rings only once the caller has said something; what was said is on
its screen. To the network it has been answered. It hangs up if nothing is said after its question: who speaks once, as
soon as they are answered, is not heard.
"""

from sandbox.speech import mulaw
from sandbox.twilio.phones import Person, Phone, Script
from sandbox.twilio.wait_for_any import is_first

_QUESTION = mulaw.tone(2500, 300, 600, level=0.3)
_PATIENCE_MS = 8000  # a guess: how long the caller may take to begin
_PAUSE_MS = 700  # after which they have finished


def screens_calls(script: Script, *, after_ms: int = 500, rings_ms: int = 3000) -> Person:
    """Asks `after_ms` into the ringing; the person then lets it ring for `rings_ms`, and follows `script`."""

    async def follow(phone: Phone) -> None:
        await phone.wait(after_ms)
        await phone.answer()
        await phone.say(_QUESTION)
        if not await is_first(phone.wait_for_speech(), phone.wait(_PATIENCE_MS)):
            return
        await phone.wait_for_silence(_PAUSE_MS)
        await phone.wait(rings_ms)
        await script(phone)

    return Person(follow)
