"""The facts that checks hand on to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from doctor.twilio_api import Number, Twilio
    from socket_server.core.agent import Agent


@dataclass(frozen=True, slots=True)
class Stack:
    """What CloudFormation says of the stack. Every output of `OUTPUTS` is there."""

    LABEL: ClassVar = "the stack's outputs"
    OUTPUTS: ClassVar = (
        "VoiceUrl",
        "StreamUrl",
        "FallbackUrl",
        "VoiceWebhookFunction",
        "TransferFunction",
        "TwilioSecretArn",
        "OpenAISecretArn",
        "CallsTable",
    )

    name: str
    region: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]

    @property
    def voice_url(self) -> str:
        return self.outputs["VoiceUrl"]

    @property
    def stream_url(self) -> str:
        return self.outputs["StreamUrl"]

    @property
    def fallback_url(self) -> str:
        return self.outputs["FallbackUrl"]

    def number(self, name: str, default: int) -> int:
        """An output, or a parameter, that is a number."""
        value = self.outputs.get(name, self.parameters.get(name, ""))
        return int(value) if value.isascii() and value.isdecimal() else default


@dataclass(frozen=True, slots=True)
class TwilioSecret:
    """Well-formed values of the secret of that name."""

    LABEL: ClassVar = "Twilio's secret"

    name: str
    values: Mapping[str, str] = field(repr=False)

    @property
    def account_sid(self) -> str:
        return self.values["TWILIO_ACCOUNT_SID"]

    @property
    def auth_token(self) -> str:
        return self.values["TWILIO_AUTH_TOKEN"]

    @property
    def next_auth_token(self) -> str:
        """ "": no other one is stored beside it."""
        return self.values.get("TWILIO_AUTH_TOKEN_NEXT", "")

    @property
    def stream_token_secrets(self) -> tuple[str, ...]:
        """The present one, and perhaps another that is good, too."""
        named = (self.values.get(name) for name in ("STREAM_TOKEN_SECRET", "STREAM_TOKEN_SECRET_NEXT"))
        return tuple(filter(None, named))


@dataclass(frozen=True, slots=True)
class OpenAIKey:
    LABEL: ClassVar = "OpenAI's key"

    secret: str
    """Name of the secret that holds it."""
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """Twilio's account, which has accepted the credentials."""

    LABEL: ClassVar = "a Twilio account that accepts the credentials"

    twilio: "Twilio"
    trial: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    LABEL: ClassVar = "the numbers of the Twilio account"

    own: tuple["Number", ...]


@dataclass(frozen=True, slots=True)
class Deployed:
    LABEL: ClassVar = "the destinations of the deployed function"

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgentFile:
    LABEL: ClassVar = "the agent's file"

    name: str
    agent: "Agent"
