"""What was recorded, and how REST lists and deletes it.

https://www.twilio.com/docs/voice/api/recording. Simpler than Twilio: a recording is there at once, its audio cannot be
fetched, and nothing is known of a deleted one (at Twilio for 40 days, without its audio).
"""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec

from sandbox.speech import mulaw
from sandbox.twilio import errors
from sandbox.twilio.errors import RestError
from sandbox.twilio.parameters import count_seconds
from sandbox.twilio.rest_features import read_parameters


@dataclass(frozen=True, slots=True)
class Recording:
    call_sid: str
    sound: bytes
    """Mu-law."""
    source: str = "RecordVerb"
    channels: int = 1
    conference_sid: str | None = None


class Query(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    call_sid: str | None = None
    page_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50
    page: Annotated[int, msgspec.Meta(ge=0)] = 0


def list_recordings(account_sid: str, recordings: dict[str, Recording], parameters: dict[str, str]) -> dict[str, Any]:
    """The body of one page; raises `RestError`."""
    request = read_parameters("GET Recordings", parameters, Query)
    path = f"/2010-04-01/Accounts/{account_sid}/Recordings"
    found = [
        _to_resource(account_sid, sid, each)
        for sid, each in recordings.items()
        if request.call_sid in (None, each.call_sid)
    ]
    end = (request.page + 1) * request.page_size
    following = parameters | {"PageSize": str(request.page_size), "Page": str(request.page + 1)}
    return {
        "recordings": found[request.page * request.page_size : end],
        "next_page_uri": f"{path}.json?{urlencode(following)}" if end < len(found) else None,
    }


def delete_recording(recordings: dict[str, Recording], sid: str) -> None:
    """Raises `RestError`."""
    if recordings.pop(sid, None) is None:
        raise RestError(404, errors.NOT_FOUND, f"The requested resource /Recordings/{sid}.json was not found")


def make_recording_parameters(account_sid: str, sid: str, sound: bytes) -> dict[str, str]:
    """What any webhook about a recording has."""
    return {
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{account_sid}/Recordings/{sid}",
        "RecordingSid": sid,
        "RecordingDuration": str(count_seconds(mulaw.duration_ms(sound))),
    }


def _to_resource(account_sid: str, sid: str, recording: Recording) -> dict[str, Any]:
    path = f"/2010-04-01/Accounts/{account_sid}/Recordings/{sid}"
    return {
        "sid": sid,
        "account_sid": account_sid,
        "call_sid": recording.call_sid,
        "conference_sid": recording.conference_sid,
        "status": "completed",
        "source": recording.source,
        "channels": recording.channels,
        "duration": str(count_seconds(mulaw.duration_ms(recording.sound))),
        "uri": f"{path}.json",
        "media_url": f"https://api.twilio.com{path}",
    }
