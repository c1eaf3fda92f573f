"""`<Conference record="record-from-start">`: a recording of all who are in it, from when it begins to its end.

https://www.twilio.com/docs/voice/twiml/conference#record: what is heard before the conference begins is never recorded.
Believed: the attributes of the first participant count, as for the status callback, and the recording is listed under
that one's CallSid. Simpler than Twilio: all voices are kept as one sound, though two channels are the default
(changelog of 2025-09-15).
"""

from datetime import UTC, datetime
from email.utils import format_datetime

from sandbox.speech import mulaw
from sandbox.twilio.call_recording import trim_silence
from sandbox.twilio.calls import Call
from sandbox.twilio.commands import Callback
from sandbox.twilio.conference_room import ConferenceRoom, RoomRecording, mix_voices
from sandbox.twilio.events import Recorded
from sandbox.twilio.nouns import Conference
from sandbox.twilio.recordings import Recording, make_recording_parameters
from sandbox.twilio.twiml import Document

_SOURCE = "Conference"
_CHANNELS = 2


def prepare(call: Call, noun: Conference, document: Document) -> RoomRecording | None:
    """What is to be recorded of a conference that `call` opens; None: nothing."""
    if noun.record == "do-not-record":
        return None
    callback = None
    if noun.recording_status_callback is not None:
        url = document.to_absolute(noun.recording_status_callback)
        events = frozenset(noun.recording_status_callback_event.split())
        callback = Callback(url, noun.recording_status_callback_method, events)
    return RoomRecording(call.sid, callback, trimmed=noun.trim == "trim-silence")


def begin(call: Call, room: ConferenceRoom) -> None:
    """The conference begins by `call`: a line of its own hears everybody."""
    recording = room.recording
    if recording is None:
        return
    recording.began = format_datetime(datetime.now(UTC))
    recording.line.connect()
    recording.line.source = _Everybody(room)
    recording.attached.enter_context(call.network.audio_loop.attach(recording.line))
    _tell(call, room, recording, "in-progress")


def end(call: Call, room: ConferenceRoom) -> None:
    """The conference ends by `call`: keep it, unless nothing was to be heard, or the conference had not begun."""
    recording, room.recording = room.recording, None
    if recording is None or not recording.began:
        return
    recording.attached.close()
    sound = trim_silence(recording.line.phone.heard) if recording.trimmed else recording.line.phone.heard
    if sound:
        kept = Recording(recording.call_sid, sound, _SOURCE, _CHANNELS, room.sid)
        call.network.recordings[recording.sid] = kept
        call.note(Recorded(recording.sid, mulaw.duration_ms(sound)))
    _tell(call, room, recording, "completed" if sound else "absent", sound)


def _tell(call: Call, room: ConferenceRoom, recording: RoomRecording, status: str, sound: bytes = b"") -> None:
    """To the recording's callback, if it asked for it."""
    if recording.callback is None or status not in recording.callback.events:
        return
    about = make_recording_parameters(call.network.account_sid, recording.sid, sound)
    if status != "completed":
        del about["RecordingDuration"]
    form = {
        "AccountSid": call.network.account_sid,
        "ConferenceSid": room.sid,
        "RecordingStatus": status,
        "RecordingChannels": str(_CHANNELS),
        "RecordingStartTime": recording.began,
        "RecordingSource": _SOURCE,
    }
    call.post(recording.callback.method, recording.callback.url, form | about)


class _Everybody:
    """Hears all voices."""

    speech = True

    def __init__(self, room: ConferenceRoom) -> None:
        self._room = room

    def next_frame(self) -> bytes:
        return mix_voices(self._room.participants)
