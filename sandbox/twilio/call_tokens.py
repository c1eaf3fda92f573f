"""The `CallToken` of an inbound call, with which a call by REST may show that caller's number as its own.

https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource: "A forwarded call should bear the same
caller ID as the original incoming call". It looks as public samples show it: percent-encoded JSON with a signed
token for the parent call, and the caller's network's own. Believed: it comes with the first webhook only, of calls from
a telephone number; it counts while its call lives; any other is as good as none (21210).
"""

import base64
import json
import secrets
import time
from urllib.parse import quote


def make_call_token(call_sid: str, from_: str, to: str) -> str:
    parent = {"callSid": call_sid, "from": from_, "to": to, "iat": str(int(time.time()))}
    passport = {"attest": "A", "dest": {"tn": [to]}, "orig": {"tn": from_}, "origid": secrets.token_hex(16)}
    tokens = {
        "parentCallInfoToken": _sign({"alg": "ES256"}, parent),
        "identityHeaderTokens": [_sign({"alg": "ES256", "ppt": "shaken", "typ": "passport"}, passport)],
    }
    return quote(json.dumps(tokens, separators=(",", ":")), safe="")


def _sign(*parts: object) -> str:
    """A JWT whose signature nobody can check."""
    encoded = [json.dumps(part, separators=(",", ":")).encode() for part in parts]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (*encoded, secrets.token_bytes(64)))
