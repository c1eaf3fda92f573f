"""What must hold before a number is led to the tunnel: the doctor's checks, on an installation that has no stack."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import boto3
from botocore.config import Config

import routes
from console.options import OPENAI_URL
from console.tunnel.settings import Settings
from doctor.check_list import Check
from doctor.checks import account, fallback, model, people, session, stream, transfer, webhook
from doctor.context import Aws, Context
from doctor.errors import DoctorError
from doctor.facts import OpenAIKey, Stack, TwilioSecret
from doctor.findings import Finding, fail, ok
from doctor.network import Network
from doctor.options import Options
from doctor.secret_schema import PUBLIC
from sandbox.aws.functions import REGION
from sandbox.installation import Installation

WHAT = "this machine"
"""What the findings call the installation, where they name a stack otherwise."""


def make_stack(settings: Settings, installation: Installation) -> Stack:
    """What CloudFormation would say of a stack."""
    outputs = {
        "VoiceUrl": installation.voice_url + routes.INCOMING,
        "StreamUrl": installation.stream_url,
        "FallbackUrl": installation.fallback_url,
        "VoiceWebhookFunction": "voice_webhook",
        "TransferFunction": "transfer",
        "CallsTable": installation.table_name,
    }
    return Stack(WHAT, outputs, {"TwilioApiUrl": settings.twilio_api_url})


def make_context(
    settings: Settings, installation: Installation, network: Network, agent: Path, people: Path
) -> Context:
    """For one run of the checks."""
    aws = Aws(
        lambda: boto3.session.Session("local", "local", region_name=REGION),
        installation.cloud.aws_origin,
        Config(proxies={}, retries={"total_max_attempts": 1}),
    )
    context = Context(Options(number=settings.number, agent_file=agent, directory_file=people), aws, network)
    secret = {**settings.twilio, "STREAM_TOKEN_SECRET": installation.stream_token_secret}
    context.redactor.add(*(value for name, value in secret.items() if name not in PUBLIC), settings.openai_key)
    context.facts.add(make_stack(settings, installation))
    context.facts.add(TwilioSecret(secret))
    context.facts.add(OpenAIKey(settings.openai_key))
    return context


def list_checks(settings: Settings, probe_path: str, probe: str) -> tuple[Check, ...]:
    """In the order in which they run. The port behind the tunnel answers `probe_path` with `probe`."""
    checks = (
        Check("tunnel", make_tunnel_check(settings, probe_path, probe), required_fact=Reached),
        Check("account", account.check_account),
        Check("account", account.check_api_key),
        Check("webhook", webhook.check_signed_request),
        Check("webhook", webhook.check_unsigned_request),
        Check("record", webhook.check_record),
        Check("stream", stream.check_unsigned_handshake),
        Check("stream", stream.check_signed_handshake),
        Check("fallback", fallback.check_fallback),
        Check("transfer", transfer.check_transfer),
        Check("agent", model.check_agent),
    )
    of_openai = (Check("model", model.check_models), Check("session", session.check_session))
    return (*checks, *(of_openai if settings.model_url == OPENAI_URL else ()))


PEOPLE = (Check("people", people.check_people),)
"""Whoever they cannot ring yet may still talk to the agent."""


class Reached:
    """The tunnel leads to this program."""

    LABEL: ClassVar = "a tunnel that leads here"


def make_tunnel_check(settings: Settings, path: str, probe: str) -> Callable[[Context], Iterator[Finding]]:
    def check(context: Context) -> Iterator[Finding]:
        remedy = f"let your tunnel lead to http://127.0.0.1:{settings.port}"
        try:
            response = context.network.request("GET", settings.origin + path)
        except DoctorError as error:
            raise DoctorError(error.message, error.remedy or remedy) from None
        if response.text != probe:
            got = f"HTTP {response.status} from somewhere else"
            yield fail(f"{settings.origin} does not lead to port {settings.port} of this machine: {got}", remedy)
            return
        context.facts.add(Reached())
        yield ok(f"{settings.origin} leads to port {settings.port} of this machine")

    return check
