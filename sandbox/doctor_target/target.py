"""An installation in the sandbox with what the doctor checks in AWS: public names, TLS, a stack with outputs.

Unlike a real one, its public names lead to loopback, and the sandbox signs the certificates itself.
"""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config

import routes
from doctor.context import Aws, Context
from doctor.network import Network
from doctor.options import Options
from sandbox.aws.distribution import read_error_ttls
from sandbox.aws.edge import Edge
from sandbox.aws.functions import REGION
from sandbox.aws.management import Service, Stack
from sandbox.aws.topics import Subscription
from sandbox.environment import run_environment
from sandbox.installation import STREAM_ORIGIN, VOICE_ORIGIN, Installation, InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.twilio.account import IncomingNumber
from sandbox.twilio.carrier import Carrier

AGENT, DIRECTORY = Path(__file__).with_name("agent.toml"), Path(__file__).with_name("directory.toml")
TEMPLATE = Path(__file__).parents[2] / "template.yaml"
NUMBER = "+12025550100"
OPENAI_KEY = "sk-sandbox-" + "0" * 32
FALLBACK = "<Response><Say>I am sorry, please call again later. Goodbye.</Say></Response>"

VOICE_HOST, STREAM_HOST = VOICE_ORIGIN.removeprefix("https://"), STREAM_ORIGIN.removeprefix("wss://")


@dataclass(frozen=True, slots=True)
class DoctorTarget:
    """The parts of the installation. Tests break them."""

    installation: Installation
    carrier: Carrier
    model: ModelServer
    edge: Edge
    aws: Aws

    @property
    def stack(self) -> Stack:
        return self.installation.cloud.management.stacks["warmline"]

    @property
    def service(self) -> Service:
        return self.installation.cloud.management.services["warmline"]

    @property
    def number(self) -> IncomingNumber:
        return self.carrier.account.numbers[0]

    def make_context(self, options: Options | None = None) -> Context:
        """For one run of the checks."""
        options = options or Options(agent_file=AGENT, directory_file=DIRECTORY)
        return Context(options, self.aws, Network(self.edge.connect, self.edge.make_client_context()))


@contextlib.asynccontextmanager
async def run_target(agent: Path = AGENT) -> AsyncIterator[DoctorTarget]:
    """Start a healthy installation, and stop it at the end. Raises ProgramError if the container does not start."""
    async with (
        ModelServer(Scripted(), api_key=OPENAI_KEY) as model,
        run_environment(
            InstallationOptions(
                realtime_url=model.url,
                openai_api_key=OPENAI_KEY,
                settings={"AGENT_FILE": str(agent)},
                directory=DIRECTORY.read_text(),
                error_ttls=read_error_ttls(TEMPLATE.read_text()),
            )
        ) as network,
    ):
        installation, carrier = network.installation, network.carrier
        places = {
            VOICE_HOST: installation.cloud.gateway_origin,
            STREAM_HOST: installation.routes[STREAM_ORIGIN],
            "api.twilio.com": carrier.api_url,
            "voice.twilio.com": carrier.api_url,
            "api.dublin.ie1.twilio.com": carrier.api_url,
            "voice.dublin.ie1.twilio.com": carrier.api_url,
            "api.openai.com": model.url,
        }
        async with Edge(places, {"/fallback": FALLBACK}) as edge:
            with contextlib.closing(_make_aws(installation)) as aws:
                target = DoctorTarget(installation, carrier, model, edge, aws)
                _deploy(target)
                yield target


def _make_aws(installation: Installation) -> Aws:
    def session() -> boto3.session.Session:
        return boto3.session.Session("sandbox", "sandbox", region_name=REGION)

    return Aws(session, installation.cloud.aws_origin, Config(proxies={}, retries={"total_max_attempts": 1}))


def _deploy(target: DoctorTarget) -> None:
    """Set up what `make secrets`, `sam deploy` and Twilio's console would have, as far as the doctor reads it."""
    secrets, management = target.aws.secrets, target.installation.cloud.management
    secrets.create_secret(Name="warmline/openai", SecretString=json.dumps({"OPENAI_API_KEY": OPENAI_KEY}))
    voice_url, fallback_url = VOICE_ORIGIN + routes.INCOMING, f"https://{STREAM_HOST}/fallback"
    management.stacks["warmline"] = Stack(
        outputs={
            "VoiceUrl": voice_url,
            "StreamUrl": f"{STREAM_ORIGIN}/media-stream",
            "FallbackUrl": fallback_url,
            "VoiceWebhookFunction": "voice_webhook",
            "TransferFunction": "transfer",
            "TwilioSecretArn": secrets.describe_secret(SecretId="warmline/twilio")["ARN"],
            "OpenAISecretArn": secrets.describe_secret(SecretId="warmline/openai")["ARN"],
            "CallsTable": "warmline-calls",
            "NotifyTopic": target.installation.notify_topic,
            "DrainSeconds": "3600",
            "SessionMinutes": "55",
        },
        parameters={"TwilioSecret": "warmline/twilio", "OpenAISecret": "warmline/openai", "Stage": "prod"},
    )
    management.services["warmline"] = Service()
    topics = target.installation.cloud.topics.topics
    topics[target.installation.notify_topic].subscriptions = [Subscription("email", "anna@example.com")]
    number = IncomingNumber(NUMBER, voice_url=voice_url, voice_fallback_url=fallback_url)
    target.carrier.account.numbers.append(number)
