"""docs/settings.md says of each setting whether it is required, as the code that reads it does."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import transfer_settings
import webhook_settings
from environment import SettingsError
from signing_keys import BadSecretError, parse_signing_keys
from socket_server.core.errors import SettingError
from socket_server.settings import read_settings

SETTINGS = (Path(__file__).parents[1] / "docs" / "settings.md").read_text()
GOOD = {
    "CALLS_TABLE": "calls",
    "OPENAI_API_KEY": "sk-key",
    "SECRET_ID": "warmline/twilio",
    "STREAM_TOKEN_SECRET": "s" * 32,
    "STREAM_URL": "wss://stream.example.com/media-stream",
    "TRANSFER_FUNCTION": "transfer",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "VOICE_URL": "https://api.example.com",
}


def read_secret(secret: Mapping[str, str]) -> object:
    """As both functions read it."""
    return parse_signing_keys(json.dumps(secret)), transfer_settings.Credentials.read(json.dumps(secret))


def read_table(section: str, function: str) -> dict[str, str]:
    """Whether each setting is required: `yes` or `no`."""
    text = SETTINGS.partition(f"\n{section}\n")[2].partition("\n#")[0]
    rows = [[cell.strip() for cell in line.split(" | ")] for line in text.splitlines() if line.startswith("| `")]
    if function:
        rows = [[name, *rest] for name, of, *rest in rows if of in (function, "both")]
    return {name: required for names, required, *_ in rows for name in re.findall("`([A-Z0-9_]+)`", names)}


@pytest.mark.parametrize(
    ("section", "function", "read"),
    [
        ("## The container", "", read_settings),
        ("## The functions", "voice_webhook", webhook_settings.Settings.read),
        ("## The functions", "transfer", transfer_settings.Settings.read),
        ("### The functions' secret", "", read_secret),
    ],
    ids=["container", "voice_webhook", "transfer", "secret"],
)
def test_the_table_marks_what_the_code_demands(
    section: str, function: str, read: Callable[[Mapping[str, str]], object]
) -> None:
    def is_required(name: str) -> bool:
        try:
            read({key: value for key, value in GOOD.items() if key != name})
        except (SettingError, SettingsError, BadSecretError) as error:
            return name in str(error)
        return False

    table = read_table(section, function)
    read(GOOD)
    assert table == {name: "yes" if is_required(name) else "no" for name in table}
    assert {name for name in GOOD if is_required(name)} <= table.keys()
