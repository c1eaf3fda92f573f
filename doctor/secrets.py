"""Stores Warmline's two secrets in Secrets Manager: `make secrets`, or `python -m doctor.secrets`.

Values are typed at a terminal without being shown, or taken from environment variables of the same names. They are
never taken from the command line, because that stays in the shell's history. Without a terminal, a value that is not in
the environment keeps what the secret has, and Twilio's API key may be missing. STREAM_TOKEN_SECRET is generated here,
once. Other fields of a secret are left alone. `ROTATE=begin`, `switch` and `end` change the keys while calls come in
(`rotation`).
"""

import argparse
import getpass
import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from doctor import rotation, secret_schema
from doctor.errors import DoctorError, explain_aws_error, read_error_code
from doctor.network import Network
from doctor.one_line_parser import OneLineParser
from doctor.rotation import IsRevoked, Step
from doctor.secret_input import Ask, Say, SecretInput
from doctor.twilio_api import API, check_api_url

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

TWILIO_SECRET, OPENAI_SECRET = "warmline/twilio", "warmline/openai"


class StoredSecret:
    """One secret in Secrets Manager."""

    def __init__(self, client: "SecretsManagerClient", name: str) -> None:
        self.name = name
        self._client = client
        self.current = self._read()
        """Its text; None: it does not exist."""

    def read_values(self) -> dict[str, str]:
        return secret_schema.decode(self.current, self.name) if self.current is not None else {}

    def write(self, values: Mapping[str, str]) -> str:
        """Change these fields and keep the others. "" removes a field. Returns "created", "updated" or "unchanged"."""
        if self.current is None:
            self._client.create_secret(Name=self.name, SecretString=json.dumps(dict(values)))
            return "created"
        stored = json.loads(self.current)
        changed = {name: value for name, value in (stored | values).items() if value or name not in values}
        if changed == stored:
            return "unchanged"
        self._client.put_secret_value(SecretId=self.name, SecretString=json.dumps(changed))
        return "updated"

    def _read(self) -> str | None:
        try:
            return self._client.get_secret_value(SecretId=self.name).get("SecretString", "")
        except ClientError as error:
            if read_error_code(error) == "ResourceNotFoundException":
                return None
            if read_error_code(error) == "InvalidRequestException":  # it is scheduled for deletion
                remedy = f"`aws secretsmanager restore-secret --secret-id {self.name}`, then run this again"
                raise DoctorError(f"the secret {self.name} cannot be read: it is being deleted", remedy) from None
            raise


def read_twilio_values(inputs: SecretInput, current: Mapping[str, str]) -> dict[str, str]:
    """All fields of the first secret. The stream token's secret is generated, the others are asked for."""
    account, key = secret_schema.ACCOUNT_SID, secret_schema.API_KEY_SID
    values = {field.name: inputs.read(field, current.get(field.name)) for field in (account, secret_schema.AUTH_TOKEN)}
    values[key.name] = inputs.read(key, current.get(key.name), optional=True)
    if values[key.name]:
        secret = secret_schema.API_KEY_SECRET
        same = values[key.name] == current.get(key.name)
        values[secret.name] = inputs.read(secret, current.get(secret.name) if same else None)
    elif inputs.environment.get(secret_schema.API_KEY_SECRET.name):
        message = f"{secret_schema.API_KEY_SECRET.name} is in the environment, but {key.name} is not"
        raise DoctorError(message, "give both, or neither")
    token = secret_schema.STREAM_TOKEN_SECRET
    stored = current.get(token.name, "")
    is_usable = token.validate(stored) is None
    values[token.name] = stored if is_usable else secrets.token_urlsafe(secret_schema.STREAM_TOKEN_BYTES)
    return {name: value for name, value in values.items() if value}


def read_openai_values(inputs: SecretInput, current: Mapping[str, str]) -> dict[str, str]:
    key = secret_schema.OPENAI_KEY
    return {key.name: inputs.read(key, current.get(key.name)) or ""}


def store_secrets(client: "SecretsManagerClient", twilio: str, openai: str, inputs: SecretInput) -> list[str]:
    """Read all values, then store both secrets. Returns "created", "updated" or "unchanged" for each.

    Raises `DoctorError` and the errors of AWS's SDK.
    """
    stored = StoredSecret(client, twilio), StoredSecret(client, openai)
    new_values = (
        read_twilio_values(inputs, stored[0].read_values()),
        read_openai_values(inputs, stored[1].read_values()),
    )
    outcomes = []
    for secret, values in zip(stored, new_values, strict=True):
        outcomes.append(secret.write(values))
        inputs.say(f"{secret.name}: {outcomes[-1]} ({', '.join(values)})\n")
    return outcomes


def rotate(client: "SecretsManagerClient", twilio: str, step: Step, inputs: SecretInput, is_revoked: IsRevoked) -> None:
    """Make one step of the rotation. Raises `DoctorError` and the errors of AWS's SDK."""
    secret = StoredSecret(client, twilio)
    ask = partial(inputs.read, current=None, optional=True)
    values = rotation.plan_step(step, secret.read_values(), ask, is_revoked)
    inputs.say(f"{secret.name}: {secret.write(values)} ({', '.join(values)})\n{rotation.NEXT_STEPS[step]}")


def main(arguments: Sequence[str], environment: Mapping[str, str], ask: Ask | None, say: Say) -> int:
    options = _parse_options(arguments)
    try:
        config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
        session = boto3.session.Session(region_name=options.region or environment.get("AWS_REGION") or None)
        client = session.client("secretsmanager", config=config)
        inputs = SecretInput(environment, ask, say)
        if options.rotate:
            api = check_api_url(environment.get("TWILIO_API_URL") or API)
            is_revoked = partial(rotation.is_token_revoked, Network(), api)
            rotate(client, options.twilio_secret, options.rotate, inputs, is_revoked)
            return 0
        outcomes = store_secrets(client, options.twilio_secret, options.openai_secret, inputs)
    except (BotoCoreError, ClientError) as error:
        _print_error(explain_aws_error(error), say)
        return 1
    except DoctorError as error:
        _print_error(error, say)
        return 1
    say(_describe_next_step(outcomes, client.meta.region_name, options.twilio_secret, options.openai_secret))
    return 0


def _parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = OneLineParser(
        prog="python -m doctor.secrets", description=(__doc__ or "").partition("\n")[0], allow_abbrev=False
    )
    parser.add_argument("--region", help="of the stack; default: the one of your AWS configuration")
    parser.add_argument("--twilio-secret", default=TWILIO_SECRET, metavar="NAME", help="default: %(default)s")
    parser.add_argument("--openai-secret", default=OPENAI_SECRET, metavar="NAME", help="default: %(default)s")
    parser.add_argument("--rotate", choices=rotation.STEPS, help="change the keys while calls come in, step by step")
    return parser.parse_args(arguments)


def _print_error(error: DoctorError, say: Say) -> None:
    remedy = f"  → {error.remedy}\n" if error.remedy else ""
    say(f"{error.message[:1].upper()}{error.message[1:]}.\n{remedy}")


def _describe_next_step(outcomes: Sequence[str], region: str, twilio: str, openai: str) -> str:
    """What the user should do next."""
    if "updated" in outcomes:
        return (
            "Next: functions and containers take new values up within a minute. Then: make doctor\n"
            "(To change Twilio's auth token use ROTATE=begin. Otherwise calls are refused until both sides have it.)\n"
        )
    if "created" not in outcomes:
        return "Next: make doctor\n"
    names = "" if (twilio, openai) == (TWILIO_SECRET, OPENAI_SECRET) else ", with these names of the secrets"
    return f"Next: sam build && sam deploy --guided (in the region {region}{names}), then: make doctor\n"


if __name__ == "__main__":
    try:
        sys.exit(
            main(
                sys.argv[1:],
                os.environ,
                getpass.getpass if sys.stdin.isatty() else None,
                sys.stdout.write,
            )
        )
    except (KeyboardInterrupt, EOFError):
        sys.stdout.write("\nInterrupted.\n")
        sys.exit(130)
