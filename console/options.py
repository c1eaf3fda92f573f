"""Options that several programs of the console have: where their pages are, and which model answers."""

import re
from urllib.parse import urlsplit

OPENAI_URL = "wss://api.openai.com/v1/realtime"
_MODEL_URL = re.compile(r"wss?://[!-~]+")
_PORT = re.compile(r"[0-9]{1,5}")  # int raises for some thousand digits


def find_port_fault(text: str) -> str:
    """What is wrong with a port of this machine; empty: nothing. Port 0 means a free one."""
    usable = _PORT.fullmatch(text) and int(text) <= 65_535
    return "" if usable else f"expected 0 to 65535, got {text!r}"


def is_model_url(text: str) -> bool:
    """Whether it may be a server that speaks the Realtime protocol."""
    try:
        parts = urlsplit(text)
        return bool(_MODEL_URL.fullmatch(text) and parts.hostname and (parts.port is None or parts.port > 0))
    except ValueError:  # a port that is none, or a "[" that no "]" follows
        return False
