"""`<Start><Recording>`: a recording of the call beside the verbs that follow.

https://www.twilio.com/docs/voice/twiml/recording. Simpler than Twilio: both tracks are kept as one sound, also where
two channels were asked for. Believed: RecordingSource, which the page names for another way of recording.
"""

import asyncio
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import dropwhile

from sandbox.speech import mulaw
from sandbox.twilio.calls import Call
from sandbox.twilio.events import Recorded
from sandbox.twilio.nouns import StartedRecording
from sandbox.twilio.recordings import Recording, make_recording_parameters
from sandbox.twilio.sids import make_sid
from sandbox.twilio.twiml import Document

_VOICE_ENERGY = 0.01
SOURCE = "StartCallRecordingTwiML"


async def record_call(call: Call, noun: StartedRecording, document: Document) -> None:
    """Record until it is cancelled; then keep the recording, unless nothing was to be heard."""
    sid, frames = make_sid("RE"), list[bytes]()
    channels = 2 if (noun.channels, noun.track) == ("dual", "both") else 1
    began = format_datetime(datetime.now(UTC))

    def tap(spoken: bytes, heard: bytes) -> None:
        frames.append({"inbound": spoken, "outbound": heard}.get(noun.track) or mulaw.mix(spoken, heard))

    def tell(status: str, sound: bytes = b"") -> None:
        if noun.recording_status_callback is None or status not in noun.recording_status_callback_event.split():
            return
        about = make_recording_parameters(call.network.account_sid, sid, sound)
        if status != "completed":
            del about["RecordingDuration"]
        form = {
            "AccountSid": call.network.account_sid,
            "CallSid": call.sid,
            "RecordingStatus": status,
            "RecordingChannels": str(channels),
            "RecordingStartTime": began,
            "RecordingSource": SOURCE,
            "RecordingTrack": noun.track,
        }
        url = document.to_absolute(noun.recording_status_callback)
        call.post(noun.recording_status_callback_method, url, form | about)

    tell("in-progress")
    try:
        with call.line.tapping(tap):
            await asyncio.get_running_loop().create_future()
    finally:
        sound = b"".join(frames)
        if noun.trim == "trim-silence":
            sound = trim_silence(sound)
        if sound:
            call.network.recordings[sid] = Recording(call.sid, sound, SOURCE, channels)
            call.note(Recorded(sid, mulaw.duration_ms(sound)))
        tell("completed" if sound else "absent", sound)


def trim_silence(sound: bytes) -> bytes:
    """Without the silence at both ends."""
    frames = list(mulaw.frames(sound))
    for _ in range(2):
        frames = list(dropwhile(lambda frame: mulaw.energy(frame) <= _VOICE_ENERGY, frames))[::-1]
    return b"".join(frames)
