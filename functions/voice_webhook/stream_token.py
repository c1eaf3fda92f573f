"""The token of a call's media stream. It proves that a verified webhook ordered the stream.

It travels in the TwiML as a `<Parameter>`; the container checks it. HS256 with a secret that only the functions and
the container know.
"""

import uuid
from dataclasses import dataclass, field

import jwt

LIFE_S = 120
AUDIENCE = "media-stream"


@dataclass(frozen=True, slots=True)
class StreamToken:
    jti: str
    """Names the stream in the call record and in the URL that Twilio requests when it ends."""
    text: str = field(repr=False)


def issue_token(call_sid: str, secret: str, now_s: float, *, again: bool = False) -> StreamToken:
    """A new token for one stream of this call, good for two minutes.

    `again`: the caller has had a stream before, so the container should wait longer for its record.
    """
    jti = uuid.uuid4().hex
    issued_at = int(now_s)
    whose = {"aud": AUDIENCE, "sub": call_sid, "jti": jti, "again": again}
    claims = {**whose, "iat": issued_at, "exp": issued_at + LIFE_S}
    return StreamToken(jti, jwt.encode(claims, secret, algorithm="HS256"))
