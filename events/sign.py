"""Signs the test events of voice_webhook for your own auth token and the URL of your own API.

    python -m events.sign --url https://abcdefghij.execute-api.us-east-1.amazonaws.com

The token is read from TWILIO_AUTH_TOKEN, or asked for at a terminal. It is no option of the command line, because that
would stay in your shell's history. The shipped events are signed with an example token, and a deployed function refuses
them with 403. If you change a shipped event (a number, a status), the changed event is signed. The signed events are
written to events/signed, which git ignores, for the Lambda console or `sam remote invoke --event-file`.
"""

import argparse
import getpass
import json
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator

FOLDER = Path(__file__).parent / "voice_webhook"
SIGNED = Path(__file__).parent / "signed"

EXAMPLE_URL = "https://abcdefghij.execute-api.us-east-1.amazonaws.com"
EXAMPLE_TOKEN = "0" * 32
TOKEN = re.compile("[0-9a-fA-F]{32}")

type Event = dict[str, Any]


def sign_event(event: Event, url: str, auth_token: str) -> Event:
    """The event as API Gateway would send it if Twilio posted its form to this API.

    `url`: origin of the API, with the stage if it has one.
    """
    parts = urlsplit(url)
    stage = parts.path.strip("/")
    path = "/voice/" + event["rawPath"].rpartition("/")[2]
    raw_path = f"/{stage}{path}" if stage else path
    query = f"?{event['rawQueryString']}" if event["rawQueryString"] else ""
    form = dict(parse_qsl(event["body"], keep_blank_values=True))
    signature = RequestValidator(auth_token).compute_signature(f"https://{parts.netloc}{raw_path}{query}", form)
    context = event["requestContext"]
    return event | {
        "rawPath": raw_path,
        "headers": event["headers"] | {"host": parts.netloc, "x-twilio-signature": signature},
        "requestContext": context
        | {
            "domainName": parts.netloc,
            "domainPrefix": parts.netloc.partition(".")[0],
            "http": context["http"] | {"path": raw_path},
            "stage": stage or "$default",
        },
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m events.sign", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--url", required=True, help="origin of your API, with the stage if it has one")
    parser.add_argument("--to", type=Path, default=SIGNED, help="folder for the signed events")
    options = parser.parse_args(arguments)
    parts = urlsplit(options.url)
    if parts.scheme != "https" or not parts.netloc or parts.query or "/voice" in parts.path:
        parser.error(f"--url: expected https://host or https://host/stage, got {options.url!r}")
    auth_token = os.environ.get("TWILIO_AUTH_TOKEN", "").strip()
    if not auth_token and not sys.stdin.isatty():
        parser.error("TWILIO_AUTH_TOKEN: set it, or start this at a terminal to be asked")
    auth_token = auth_token or getpass.getpass("Auth token: ").strip()
    if not TOKEN.fullmatch(auth_token):
        parser.error(
            f"the auth token: expected 32 hexadecimal digits, got {len(auth_token)} characters of another form"
        )
    options.to.mkdir(parents=True, exist_ok=True)
    for file in sorted(FOLDER.glob("*.json")):
        event = sign_event(json.loads(file.read_text()), options.url, auth_token)
        (options.to / file.name).write_text(json.dumps(event, indent=2) + "\n")
        sys.stdout.write(f"{options.to / file.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
