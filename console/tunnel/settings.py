"""What `make tunnel` is told: by its arguments, and by the environment, where the keys are."""

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from console.options import OPENAI_URL, find_port_fault, is_model_url
from doctor.errors import DoctorError
from doctor.one_line_parser import OneLineParser
from doctor.secret_schema import ACCOUNT_SID, API_KEY_SECRET, API_KEY_SID, AUTH_TOKEN, OPENAI_KEY
from doctor.twilio_api import API, check_api_url

PORT = 5060
_TWILIO = (ACCOUNT_SID, AUTH_TOKEN, API_KEY_SID, API_KEY_SECRET)
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?", re.ASCII)
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


class SettingsError(Exception):
    """What was given cannot be used; the message has a line for each fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    origin: str
    """The public origin of the tunnel: `https://HOST`."""
    port: int
    """Where the tunnel leads on this machine; 0: a free one."""
    number: str | None
    """Which of the account's numbers; None: the only one."""
    confirmed: bool
    """Do not ask before the number's webhooks are set."""
    twilio: Mapping[str, str] = field(repr=False)
    """Twilio's credentials, under the names of the functions' secret."""
    openai_key: str = field(repr=False)
    model_url: str
    twilio_api_url: str

    @property
    def host(self) -> str:
        return self.origin.removeprefix("https://")


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Raises `SettingsError`, and `SystemExit` for arguments that argparse does not take."""
    parser = OneLineParser(
        prog="python -m console.tunnel", description="Answer a real telephone from this machine.", allow_abbrev=False
    )
    parser.add_argument("--url", default="", help="the public https address of your tunnel")
    parser.add_argument(
        "--port", default=str(PORT), help="where the tunnel leads on this machine; default: %(default)s"
    )
    parser.add_argument("--number", help="which of the Twilio account's numbers")
    parser.add_argument("--model", default=OPENAI_URL, help="another server that speaks the Realtime protocol")
    parser.add_argument("--yes", action="store_true", help="set the number's webhooks without asking")
    given = parser.parse_args(arguments)
    faults = [*_list_faults(given), *_list_missing(environment)]
    if faults:
        raise SettingsError("\n".join(faults))
    twilio = {each.name: environment[each.name] for each in _TWILIO if environment.get(each.name)}
    return Settings(
        origin=given.url.rstrip("/"),
        port=int(given.port),
        number=given.number,
        confirmed=given.yes,
        twilio=twilio,
        openai_key=environment[OPENAI_KEY.name],
        model_url=given.model,
        twilio_api_url=environment.get("TWILIO_API_URL") or API,
    )


def _list_faults(given: argparse.Namespace) -> Iterator[str]:
    if not _is_origin(given.url):
        yield f"URL: expected the https address of your tunnel, such as https://example.ngrok.app, got {given.url!r}"
    if fault := find_port_fault(given.port):
        yield f"PORT: {fault}"
    if given.number is not None and not _NUMBER.fullmatch(given.number):
        yield f"NUMBER: expected E.164, such as +14155550100, got {given.number!r}"
    if not is_model_url(given.model):
        yield f"MODEL: expected the ws:// or wss:// address of a server, got {given.model!r}"


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as a "[" that no "]" follows
        return False
    bare = not (parts.path.strip("/") or parts.query or parts.fragment)
    return parts.scheme == "https" and bool(_HOST.fullmatch(parts.netloc)) and bare


def _list_missing(environment: Mapping[str, str]) -> Iterator[str]:
    """What the environment lacks, or has in another form. No value of a secret is shown."""
    for each in (*_TWILIO, OPENAI_KEY):
        value = environment.get(each.name, "")
        if value and (fault := each.validate(value)):
            yield fault
        elif not value and each.required:
            yield f"{each.name}: expected in the environment: {each.expected}"
    if bool(environment.get(API_KEY_SID.name)) != bool(environment.get(API_KEY_SECRET.name)):
        yield f"{API_KEY_SID.name} and {API_KEY_SECRET.name}: expected both or neither"
    try:
        check_api_url(environment.get("TWILIO_API_URL") or API)
    except DoctorError as error:
        yield error.message
