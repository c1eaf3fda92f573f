"""The errors of the container.

WarmlineError
├── SettingError       the environment or the agent file is wrong: stops the start, names what it is
├── ProtocolError      a peer broke its protocol: ends that call
└── ModelRefusedError the model's socket could not be opened: the caller goes to a person
"""


class WarmlineError(Exception):
    """Base of every error that Warmline raises on purpose."""


class SettingError(WarmlineError):
    """A setting is missing or wrong; the message names it, what was expected and what came."""


class ProtocolError(WarmlineError):
    """`peer` ("phone" or "model") sent what its protocol does not allow."""

    def __init__(self, peer: str, reason: str) -> None:
        super().__init__(f"{peer}: {reason}")
        self.peer = peer


class ModelRefusedError(WarmlineError):
    """The model's socket could not be opened; the message says at which step and why."""
