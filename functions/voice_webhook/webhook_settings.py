"""The settings of the webhooks: read once from a mapping. An error names the bad setting."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from environment import read_days, read_flag, read_optional_url, read_text, read_url

# Perhaps with a path: a domain may lead to several APIs by the first part of its path.
BASE = re.compile(r"https://[^\s/?#]+(/[^\s?#]*[^\s/?#])?")
BASE_EXPECTED = "https://host or https://host/path without a slash at its end"
STREAM = re.compile(r"wss://[^\s/?#]+(/[^\s?#]*)?")  # no query: Twilio would not send it


@dataclass(frozen=True, slots=True)
class Settings:
    secret_id: str
    """Name or ARN of the secret in Secrets Manager."""
    calls_table: str
    stream_url: str
    """The public `wss://…/media-stream`, exactly as Twilio dials and signs it."""
    transfer_function: str
    """Name or ARN."""
    voice_url: str | None
    """The beginning of the webhooks' public URLs, behind a proxy or your own domain: an origin, perhaps with a path.
    None: what API Gateway says."""
    record_retention_days: int
    keep_transcripts: bool
    """False: what was said is erased when the call is over."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        return cls(
            secret_id=read_text(environment, "SECRET_ID"),
            calls_table=read_text(environment, "CALLS_TABLE"),
            stream_url=read_url(environment, "STREAM_URL", STREAM, "wss://host/media-stream without a query"),
            transfer_function=read_text(environment, "TRANSFER_FUNCTION"),
            voice_url=read_optional_url(environment, "VOICE_URL", BASE, BASE_EXPECTED),
            record_retention_days=read_days(environment, "RECORD_RETENTION_DAYS"),
            keep_transcripts=read_flag(environment, "KEEP_TRANSCRIPTS", default=True),
        )
