"""Verbs that the caller hears, and Record.

Simpler than Twilio: `<Play>` fetches WAV (PCM 16 bit, 8 kHz, mono) or mu-law and caches nothing, and the silence that
ends a `<Record>` is an energy.
"""

import asyncio
import io
import wave

from sandbox.not_simulated import check_simulated
from sandbox.speech import mulaw
from sandbox.twilio import errors
from sandbox.twilio.audio_sources import Clip
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import TwilioError, WebhookError
from sandbox.twilio.events import ErrorLogged, Recorded
from sandbox.twilio.not_simulated import SOUNDS
from sandbox.twilio.recordings import Recording, make_recording_parameters
from sandbox.twilio.sids import make_sid
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Pause, Play, Record, Say

_APPLICATION_ERROR = "We are sorry. An application error has occurred. Goodbye."
_VOICE_ENERGY = 0.01


async def play_sound(call: Call, sound: bytes, *, speech: bool = True) -> None:
    """Play to the end."""
    clip = Clip(sound, speech=speech)
    with call.line.hearing(clip):
        await clip.played.wait()


async def say_application_error(call: Call) -> None:
    """What Twilio says when a document cannot be had or executed."""
    call.answer()
    await play_sound(call, await asyncio.to_thread(call.network.say, _APPLICATION_ERROR))


async def say(call: Call, verb: Say) -> None:
    # In a thread: a voice that is synthesised takes longer than a tick.
    sound = await asyncio.to_thread(call.network.say, verb.text)
    await play_sound(call, sound * (verb.loop or 1))


async def play(call: Call, verb: Play, document: Document) -> None:
    if verb.digits is not None:
        keys = [mulaw.tone(100, 697, 1209) + mulaw.silence(100) for _ in verb.digits]
        await play_sound(call, b"".join(keys), speech=False)
        return
    try:
        sound = await _fetch_sound(call, document.to_absolute(verb.text))
    except TwilioError as error:  # Twilio logs it and goes on with the next verb
        call.note(ErrorLogged(error.code, error.detail))
        return
    await play_sound(call, sound * (verb.loop or 1))


async def _fetch_sound(call: Call, url: str) -> bytes:
    answer = await call.network.webhooks.request("GET", url, {}, call.note)
    kind = answer.content_type.partition(";")[0]
    check_simulated([(f"Play of {kind}", "")], SOUNDS)
    if kind in ("audio/basic", "audio/ulaw"):
        return answer.body
    if kind not in ("audio/wav", "audio/x-wav", "audio/wave"):
        raise WebhookError(errors.NOT_TWIML, f"{url} is {kind or 'of no type'}, not WAV or mu-law")
    return _read_wav(answer.body, url)


def _read_wav(body: bytes, url: str) -> bytes:
    try:
        with wave.open(io.BytesIO(body)) as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            pcm = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise WebhookError(errors.NOT_TWIML, f"{url} is no WAV: {error}") from error
    if shape != (1, 2, mulaw.SAMPLE_RATE_HZ):
        check_simulated([("Play of a WAV that is not mono, 16 bit, 8 kHz", "")], SOUNDS)
    return mulaw.from_pcm16(pcm)


async def pause(call: Call, verb: Pause) -> None:
    await call.network.clock.sleep(verb.length * 1000)


async def record(call: Call, verb: Record, document: Document) -> Document | None:
    """The document of the action, or the next verb if nothing was said."""
    if verb.play_beep:
        await play_sound(call, call.network.sounds.beep, speech=False)
    recording = _Recording(verb)
    try:
        with call.line.listening(recording.add), call.line.taking_keys(recording.press):
            await recording.done.wait()
    except asyncio.CancelledError:
        if call.hung_up and recording.voiced:  # what a caller said before hanging up is kept, and reported
            _keep(call, verb, document, recording, digits="hangup")
        raise
    if not recording.voiced:
        return None
    parameters = _keep(call, verb, document, recording, digits=recording.key)
    return await call.fetch(document.to_absolute_or_own(verb.action), verb.method, parameters)


def _keep(call: Call, verb: Record, document: Document, recording: "_Recording", digits: str) -> dict[str, str]:
    sid = make_sid("RE")
    sound = bytes(recording.sound)
    call.network.recordings[sid] = Recording(call.sid, sound)
    call.note(Recorded(sid, mulaw.duration_ms(sound)))
    about = make_recording_parameters(call.network.account_sid, sid, sound)
    parameters = call.make_parameters() | about | {"Digits": digits}
    if verb.recording_status_callback is not None:
        callback = {
            "AccountSid": call.network.account_sid,
            "CallSid": call.sid,
            "RecordingStatus": "completed",
        }
        target = document.to_absolute(verb.recording_status_callback)
        call.post(verb.recording_status_callback_method, target, callback | about)
    if digits == "hangup":
        call.post(verb.method, document.to_absolute_or_own(verb.action), parameters)
    return parameters


class _Recording:
    """Ends after `timeout` seconds of silence, at `maxLength`, or with a key."""

    def __init__(self, verb: Record) -> None:
        self.done = asyncio.Event()
        self.sound = bytearray()
        self.voiced = False
        self.key = ""
        self._verb = verb
        self._quiet_ms = 0

    def add(self, frame: bytes) -> None:
        self.sound += frame
        loud = frame != mulaw.SILENT_FRAME and mulaw.energy(frame) > _VOICE_ENERGY
        self.voiced = self.voiced or loud
        self._quiet_ms = 0 if loud else self._quiet_ms + mulaw.FRAME_MS
        too_long = mulaw.duration_ms(self.sound) >= self._verb.max_length * 1000
        if too_long or self._quiet_ms >= self._verb.timeout * 1000:
            self.done.set()

    def press(self, digit: str) -> None:
        if digit in self._verb.finish_on_key:
            self.key = digit
            self.done.set()
