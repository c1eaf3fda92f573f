"""The errors of the container.

WarmlineError
├── SettingError         the environment or the agent file is wrong: stops the start, names the setting
├── ProtocolError        a peer broke its protocol: ends that call
├── TokenError           the token of a stream is not valid: that stream is refused
│   └── TokenSignatureError  no known secret has signed it: refused after looking for newer secrets
├── NoPlaceError         too many calls are in progress: another container has to take the stream
├── FunctionFailedError  the transfer function raised, was killed or could not start: treated as the answer `failed`
├── BusyError            a request to AWS would wait too long: treated as a time-out, but at once
└── ModelRefusedError    the model's socket could not be opened: the caller goes to a person
"""

from msgspec import DecodeError

# All that msgspec raises for text that is not what was expected; RecursionError for "[[[[...", also in unknown fields.
BAD_JSON = (DecodeError, UnicodeDecodeError, RecursionError)


# The key, the URL or the model is wrong: trying again does not help.
HOPELESS = (400, 401, 403, 404)
REFUSES_KEY = (401, 403)


class WarmlineError(Exception):
    """Base of every error that Warmline raises on purpose."""


class SettingError(WarmlineError):
    """A setting is missing or wrong; the message names it, what was expected and what came."""


class ProtocolError(WarmlineError):
    """`peer` ("phone" or "model") sent what its protocol does not allow."""

    def __init__(self, peer: str, reason: str) -> None:
        super().__init__(f"{peer}: {reason}")
        self.peer = peer
        self.reason = reason


class TokenError(WarmlineError):
    """The token of a stream is not valid; the message says why and contains no part of it."""


class TokenSignatureError(TokenError):
    """None of the known secrets has signed the token."""


class NoPlaceError(WarmlineError):
    """No more calls are possible at the moment; the message says why."""


class ModelRefusedError(WarmlineError):
    """The model's socket could not be opened; the message says at which step and why."""

    def __init__(self, reason: str, status: int | None = None, retry_after: str = "") -> None:
        """`status`: of HTTP, where the handshake was answered with one."""
        super().__init__(reason)
        self.refuses_key = status in REFUSES_KEY
        self.hopeless = status in HOPELESS
        """If asked again, the service would refuse again."""
        self.retry_after = retry_after
        """The HTTP header, if the service sent one."""


class BusyError(WarmlineError):
    """Too many requests wait already for the same purpose; the message says how many."""


class FunctionFailedError(WarmlineError):
    """A Lambda function failed and gave no answer; the message has its error, without words of the caller."""
