"""Puts Warmline's two secrets into Secrets Manager: `make secrets`, or `python -m doctor.secrets`.

Values are asked for without being shown, or taken from the environment under their own names; never from the command
line, which stays in the shell's history. Without a terminal nothing is asked: what is not in the environment stays as
the secret has it, and Twilio's API key may be missing. STREAM_TOKEN_SECRET is made here, once, and kept from then on.
What a secret holds beside these values is left as it is. `ROTATE=begin`, `switch` and `end` change its keys while calls
come in (`rotation`).
"""

import argparse
import getpass
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from doctor import rotation, secret_schema
from doctor.errors import DoctorError, error_code, explain_aws_error
from doctor.network import Network
from doctor.rotation import IsRevoked, Step
from doctor.secret_schema import SecretField

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

TWILIO_SECRET, OPENAI_SECRET = "warmline/twilio", "warmline/openai"
TRIES = 3  # before a value that is asked for is given up

type Ask = Callable[[str], str]
type Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Asked:
    """Where values come from."""

    environment: Mapping[str, str]
    ask: Ask | None
    """None: there is no terminal, where a value would be shown, or waited for in vain."""
    say: Say

    def value(self, part: SecretField, present: str | None, *, optional: bool = False) -> str | None:
        """The value to store; None: there is none, and need not be one. Raises `DoctorError`."""
        if given := self.environment.get(part.name):
            if fault := part.validate(given.strip()):
                raise DoctorError(f"{fault} (from the environment)", f"correct {part.name}, or unset it to be asked")
            self.say(f"{part.name}: taken from the environment\n")
            return given.strip()
        if self.ask is None:
            if present or optional:
                self.say(f"{part.name}: not in the environment, {'kept as it is' if present else 'none'}\n")
                return present
            message = f"{part.name} is asked for at a terminal, and there is none"
            raise DoctorError(message, f"set {part.name} in the environment")
        hint = "Enter keeps the present one" if present else "Enter for none" if optional else ""
        for _ in range(TRIES):
            answer = self.ask(f"{part.name}{f' ({hint})' if hint else ''}: ").strip()
            if not answer and (present or optional):
                return present
            if not (fault := part.validate(answer)):
                return answer
            self.say(f"  {fault}\n")
        raise DoctorError(f"{part.name}: no usable value in {TRIES} tries; nothing was stored")


class Store:
    """One secret in Secrets Manager."""

    def __init__(self, client: "SecretsManagerClient", name: str) -> None:
        self.name = name
        self._client = client
        self.present = self._read()
        """What it holds; None: it does not exist."""

    def values(self) -> dict[str, str]:
        return secret_schema.decode(self.present, self.name) if self.present is not None else {}

    def write(self, values: Mapping[str, str]) -> str:
        """Store them beside what there is; "" takes one away. Returns what was done, in a word."""
        if self.present is None:
            self._client.create_secret(Name=self.name, SecretString=json.dumps(dict(values)))
            return "created"
        stored = json.loads(self.present)
        changed = {name: value for name, value in (stored | values).items() if value or name not in values}
        if changed == stored:
            return "unchanged"
        self._client.put_secret_value(SecretId=self.name, SecretString=json.dumps(changed))
        return "updated"

    def _read(self) -> str | None:
        try:
            return self._client.get_secret_value(SecretId=self.name).get("SecretString", "")
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            if error_code(error) == "InvalidRequestException":  # it is scheduled for deletion
                remedy = f"`aws secretsmanager restore-secret --secret-id {self.name}`, then once more"
                raise DoctorError(f"the secret {self.name} cannot be read: it is being deleted", remedy) from None
            raise


def twilio_values(asked: Asked, present: Mapping[str, str]) -> dict[str, str]:
    """What the functions need: asked for, but for the secret of the stream's token."""
    account, key = secret_schema.ACCOUNT_SID, secret_schema.API_KEY_SID
    values = {part.name: asked.value(part, present.get(part.name)) for part in (account, secret_schema.AUTH_TOKEN)}
    values[key.name] = asked.value(key, present.get(key.name), optional=True)
    if values[key.name]:
        secret = secret_schema.API_KEY_SECRET
        same = values[key.name] == present.get(key.name)
        values[secret.name] = asked.value(secret, present.get(secret.name) if same else None)
    elif asked.environment.get(secret_schema.API_KEY_SECRET.name):
        raise DoctorError(
            f"{secret_schema.API_KEY_SECRET.name} is in the environment, {key.name} is nowhere", "give both, or none"
        )
    token = secret_schema.STREAM_TOKEN_SECRET
    kept = present.get(token.name, "")
    values[token.name] = kept if not token.validate(kept) else secrets.token_urlsafe(secret_schema.STREAM_TOKEN_BYTES)
    return {name: value for name, value in values.items() if value}


def openai_values(asked: Asked, present: Mapping[str, str]) -> dict[str, str]:
    key = secret_schema.OPENAI_KEY
    return {key.name: asked.value(key, present.get(key.name)) or ""}


def put(client: "SecretsManagerClient", twilio: str, openai: str, asked: Asked) -> list[str]:
    """Ask for everything, then store both. Returns what was done. Raises `DoctorError` and the errors of the SDK."""
    stores = Store(client, twilio), Store(client, openai)
    wanted = (
        twilio_values(asked, stores[0].values()),
        openai_values(asked, stores[1].values()),
    )
    done = []
    for store, values in zip(stores, wanted, strict=True):
        done.append(store.write(values))
        asked.say(f"{store.name}: {done[-1]} ({', '.join(values)})\n")
    return done


def rotate(client: "SecretsManagerClient", twilio: str, step: Step, asked: Asked, is_revoked: IsRevoked) -> None:
    """One step of a rotation of Twilio's secret. Raises `DoctorError` and the errors of the SDK."""
    store = Store(client, twilio)
    values = rotation.changes(step, store.values(), lambda part: asked.value(part, None, optional=True), is_revoked)
    asked.say(f"{store.name}: {store.write(values)} ({', '.join(values)})\n{rotation.NEXT_STEPS[step]}")


def main(arguments: Sequence[str], environment: Mapping[str, str], ask: Ask | None, say: Say) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m doctor.secrets", description=(__doc__ or "").partition("\n")[0], allow_abbrev=False
    )
    parser.add_argument("--region", help="of the stack; default: the one of your AWS configuration")
    parser.add_argument("--twilio-secret", default=TWILIO_SECRET, metavar="NAME", help="default: %(default)s")
    parser.add_argument("--openai-secret", default=OPENAI_SECRET, metavar="NAME", help="default: %(default)s")
    parser.add_argument("--rotate", choices=rotation.STEPS, help="change the keys while calls come in, step by step")
    options = parser.parse_args(arguments)
    try:
        config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
        session = boto3.session.Session(region_name=options.region or environment.get("AWS_REGION") or None)
        client = session.client("secretsmanager", config=config)
        asked = Asked(environment, ask, say)
        if options.rotate:
            rotate(client, options.twilio_secret, options.rotate, asked, partial(rotation.is_token_revoked, Network()))
            return 0
        done = put(client, options.twilio_secret, options.openai_secret, asked)
    except (BotoCoreError, ClientError) as error:
        trouble = explain_aws_error(error)
    except DoctorError as error:
        trouble = error
    else:
        say(_next(done, client.meta.region_name, options.twilio_secret, options.openai_secret))
        return 0
    say(
        f"{trouble.message[:1].upper()}{trouble.message[1:]}.\n" + (f"  → {trouble.remedy}\n" if trouble.remedy else "")
    )
    return 1


def _next(done: Sequence[str], region: str, twilio: str, openai: str) -> str:
    """What the user does now."""
    if "updated" in done:
        return (
            "Next: functions and containers take new values up within a minute. Then: make doctor\n"
            "(Twilio's auth token is better changed by ROTATE=begin: until both sides have it, calls are refused.)\n"
        )
    if "created" not in done:
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
