"""What the user of `make play` chose: MODEL, PORT, and a key if the model is OpenAI's."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from console.options import OPENAI_URL, find_port_fault, is_model_url


class OptionError(Exception):
    """A choice that there is not; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Options:
    port: int
    """Of 127.0.0.1, where the page is; 0: a free one."""
    model_url: str
    """Of a server that speaks the Realtime protocol; empty: the sandbox's model, which plays the demo's agent."""
    openai_api_key: str = field(repr=False)


def read_options(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Raises OptionError, and SystemExit for arguments that argparse does not take."""
    parser = argparse.ArgumentParser(
        prog="python -m console.play", description="Talk to your agent from the browser.", allow_abbrev=False
    )
    parser.add_argument("--port", default="0", help="of 127.0.0.1; default: a free one")
    parser.add_argument(
        "--model", default="", help="sandbox, openai, or the address of a server that speaks the Realtime protocol"
    )
    given = parser.parse_args(arguments)
    if fault := find_port_fault(given.port):
        raise OptionError(f"PORT: {fault}.")
    key = environment.get("OPENAI_API_KEY", "").strip()
    return Options(int(given.port), _choose_model(given.model, key), key or "sandbox")


def _choose_model(given: str, key: str) -> str:
    """Its URL. Without a choice a key decides."""
    if given == "sandbox" or not (given or key):
        return ""
    if given in ("", "openai"):
        if not key:
            raise OptionError("MODEL=openai needs a key of yours: OPENAI_API_KEY is not set.")
        return OPENAI_URL
    if not is_model_url(given):
        expected = "sandbox, openai, or the ws:// or wss:// address of a server"
        raise OptionError(f"MODEL: expected {expected}, got {given!r}.")
    return given
