"""The types of facts that one check finds out and another needs (`known_facts`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from doctor.twilio_api import API, Webhooks, check_api_url

if TYPE_CHECKING:
    from doctor.twilio_api import Number, TwilioClient
    from socket_server.openai.agent import OpenAIAgent


@dataclass(frozen=True, slots=True)
class Stack:
    """What CloudFormation says about the stack. No output of `OUTPUTS` is missing."""

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

    @property
    def webhooks(self) -> Webhooks:
        """What the number must ask."""
        return Webhooks(voice_url=self.voice_url, voice_fallback_url=self.fallback_url)

    @property
    def twilio_api_url(self) -> str:
        """Raises `DoctorError` if it is not Twilio's."""
        return check_api_url(self.parameters.get("TwilioApiUrl", API))

    def read_int(self, name: str, default: int) -> int:
        """An output, or else a parameter. The default if there is neither, or if it is not a number."""
        value = self.outputs.get(name, self.parameters.get(name, ""))
        return int(value) if value.isascii() and value.isdecimal() else default


@dataclass(frozen=True, slots=True)
class TwilioSecret:
    """The values of Twilio's secret. Each has the right form."""

    LABEL: ClassVar = "Twilio's secret"

    values: Mapping[str, str] = field(repr=False)

    @property
    def account_sid(self) -> str:
        return self.values["TWILIO_ACCOUNT_SID"]

    @property
    def auth_token(self) -> str:
        return self.values["TWILIO_AUTH_TOKEN"]

    @property
    def next_auth_token(self) -> str:
        """The second token during a rotation, else ""."""
        return self.values.get("TWILIO_AUTH_TOKEN_NEXT", "")

    @property
    def stream_token_secrets(self) -> tuple[str, ...]:
        """The current one and, during a rotation, the other one that is accepted too."""
        named = (self.values.get(name) for name in ("STREAM_TOKEN_SECRET", "STREAM_TOKEN_SECRET_NEXT"))
        return tuple(filter(None, named))


@dataclass(frozen=True, slots=True)
class OpenAIKey:
    LABEL: ClassVar = "OpenAI's key"

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """The Twilio account. It has accepted the credentials."""

    LABEL: ClassVar = "a Twilio account that accepts the credentials"

    twilio: "TwilioClient"
    trial: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    LABEL: ClassVar = "the numbers of the Twilio account"

    own: tuple["Number", ...]


@dataclass(frozen=True, slots=True)
class DeployedDestinations:
    LABEL: ClassVar = "the destinations of the deployed function"

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgentFile:
    LABEL: ClassVar = "the agent's file"

    name: str
    agent: "OpenAIAgent"
