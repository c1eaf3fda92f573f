"""What load, model and servers share: credentials, the messages of both protocols, and the audio frames.

A frame is 160 bytes of mu-law (20 ms). Its first six bytes are the number of the call and of the frame, so that no two
frames of a run are equal. Sources: https://www.twilio.com/docs/voice/media-streams/websocket-messages
and https://platform.openai.com/docs/api-reference/realtime-server-events.
"""

import base64
import json

STREAM_URL = "wss://stream.warmline.test/media-stream"
AUTH_TOKEN = "twilio-auth-token"
TOKEN_SECRET = "stream-token-secret-of-thirty-two-bytes-or-more"

FRAME_MS, FRAME_BYTES = 20, 160
SILENCE = b"\xff" * FRAME_BYTES  # the greeting, and what the container sends in a gap of the caller's audio

PAYLOAD = b'"payload":"'
APPEND = b'{"type":"input_audio_buffer.append","audio":"'


def make_frame(call: int, number: int) -> bytes:
    return call.to_bytes(2) + number.to_bytes(4) + bytes((call * 31 + each) % 251 for each in range(FRAME_BYTES - 6))


def find_call(audio: bytes) -> int:
    """The number of the call that a frame belongs to."""
    return int.from_bytes(audio[:2])


def encode_audio(audio: bytes) -> bytes:
    return base64.b64encode(audio)


def make_call_sid(call: int) -> str:
    return f"CA{call:032x}"


def make_stream_sid(call: int) -> str:
    return f"MZ{call:032x}"


def encode_start(call: int, token: str) -> bytes:
    """Twilio's `start`."""
    return json.dumps(
        {
            "event": "start",
            "sequenceNumber": "1",
            "start": {
                "accountSid": f"AC{0:032x}",
                "streamSid": make_stream_sid(call),
                "callSid": make_call_sid(call),
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"token": token},
            },
            "streamSid": make_stream_sid(call),
        }
    ).encode()


def encode_media(call: int, number: int, payload: bytes) -> bytes:
    """Twilio's `media`, in the order and spacing that Twilio uses."""
    return (
        b'{"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d","timestamp":"%d","payload":"%b"},'
        b'"streamSid":"MZ%032x"}' % (number + 2, number + 1, number * FRAME_MS, payload, call)
    )


def encode_delta(response: int, item: int, payload: bytes) -> bytes:
    """`response.output_audio.delta`, in the order and spacing that the service uses."""
    return (
        b'{"type":"response.output_audio.delta","event_id":"event_%d","response_id":"resp_%d","item_id":"item_%d",'
        b'"output_index":0,"content_index":0,"delta":"%b"}' % (item, response, item, payload)
    )


def encode_event(event_type: str, **fields: object) -> bytes:
    """Any other server event, with the fields that every event has."""
    return json.dumps({"type": event_type, "event_id": "event_0", **fields}).encode()


def make_response(number: int, status: str, **fields: object) -> dict[str, object]:
    """The `response` of `response.created` and `response.done`."""
    fixed = {"id": f"resp_{number}", "object": "realtime.response", "status": status}
    return {**fixed, "status_details": None, "output": [], **fields}


def make_spoken_item(item_id: str) -> dict[str, object]:
    """The item of a sentence that was spoken completely."""
    return {"id": item_id, "type": "message", "status": "completed", "role": "assistant", "content": []}
