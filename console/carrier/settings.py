"""What `make carrier` is told: where the application is, and what it knows of its Twilio account."""

import argparse
import ipaddress
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from console.options import find_port_fault

PUBLIC_URL = "https://application.warmline.test"
_PUBLIC = re.compile(r"https://[a-zA-Z0-9.-]+(:[0-9]{1,5})?")
_SID, _TOKEN = re.compile("AC[0-9a-fA-F]{32}"), re.compile("[!-~]{1,64}")


class SettingsError(Exception):
    """What was given cannot be used; the message has a line for each fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    origin: str
    """Where the application listens: `http://127.0.0.1:5050`."""
    path: str
    """Of the webhook that answers calls, with its query."""
    public: str
    """The origin that the application sees in requests, and that Twilio signs: `https://…`."""
    port: int
    """Of the page; 0: a free one."""
    account_sid: str
    auth_token: str = field(repr=False)
    made_up: bool
    """The credentials are not the application's own."""

    @property
    def voice_url(self) -> str:
        return self.public + self.path

    @property
    def routes(self) -> dict[str, str]:
        """For the carrier: webhooks and streams of the public name lead to the application."""
        return {
            self.public: self.origin,
            self.public.replace("https://", "wss://", 1): self.origin.replace("http://", "ws://", 1),
        }


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Raises `SettingsError`, and `SystemExit` for arguments that argparse does not take."""
    parser = argparse.ArgumentParser(
        prog="python -m console.carrier", description="Call a Twilio application of this machine.", allow_abbrev=False
    )
    parser.add_argument("--url", default="", help="the webhook of the application that answers calls")
    parser.add_argument("--public-url", default=PUBLIC_URL, help="the origin that the application believes to have")
    parser.add_argument("--port", default="0", help="of the page; default: a free one")
    given = parser.parse_args(arguments)
    sid, token = environment.get("TWILIO_ACCOUNT_SID", ""), environment.get("TWILIO_AUTH_TOKEN", "")
    if faults := [*_list_faults(given), *_list_credential_faults(sid, token)]:
        raise SettingsError("\n".join(faults))
    url = urlsplit(given.url)
    return Settings(
        origin=f"http://{url.netloc}",
        path=(url.path or "/") + (f"?{url.query}" if url.query else ""),
        public=given.public_url.rstrip("/"),
        port=int(given.port),
        account_sid=sid or "AC" + secrets.token_hex(16),
        auth_token=token or secrets.token_hex(16),
        made_up=not sid,
    )


def _list_faults(given: argparse.Namespace) -> Iterator[str]:
    example = "such as http://127.0.0.1:5050/incoming-call"
    try:
        url = urlsplit(given.url)
        usable = url.scheme == "http" and url.port and _is_loopback(url)
    except ValueError:  # a port that is none
        usable = False
    if not usable:
        yield f"URL: expected a webhook on this machine, {example}, got {given.url!r}"
    if not _PUBLIC.fullmatch(given.public_url.rstrip("/")):
        yield f"PUBLIC_URL: expected an https origin without a path, such as {PUBLIC_URL}, got {given.public_url!r}"
    if fault := find_port_fault(given.port):
        yield f"PORT: {fault}"


def _list_credential_faults(sid: str, token: str) -> Iterator[str]:
    if bool(sid) != bool(token):
        yield "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN: expected both in the environment, or neither"
    if sid and not _SID.fullmatch(sid):
        yield f"TWILIO_ACCOUNT_SID: expected AC and 32 hexadecimal digits, got {len(sid)} characters"
    if token and not _TOKEN.fullmatch(token):
        yield "TWILIO_AUTH_TOKEN: expected printable characters without spaces"


def _is_loopback(url: SplitResult) -> bool:
    if url.username is not None or url.hostname is None:
        return False
    if url.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.hostname).is_loopback
    except ValueError:
        return False
