"""DNS and TLS of the sandbox: which loopback server stands behind which public origin.

Whatever is not listed does not exist, and nothing but loopback can be listed: the carrier cannot reach the world.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Destination:
    """`url` is on loopback; `host` is what the Host header says, as the public URL had it."""

    url: str
    host: str


class Routes:
    """`origins`: public origin (scheme and host, no path) to loopback origin. Raises `ValueError` for any other."""

    def __init__(self, origins: Mapping[str, str]) -> None:
        for public, loopback in origins.items():
            if urlsplit(loopback).hostname not in _LOOPBACK:
                raise ValueError(f"expected a loopback origin for {public}, got {loopback}")
        self._origins = dict(origins)

    def resolve(self, url: str) -> Destination | None:
        """Where a public URL leads, or None if there is no such host. The fragment is not sent."""
        parts = urlsplit(url)
        loopback = self._origins.get(f"{parts.scheme}://{parts.netloc}")
        if loopback is None:
            return None
        scheme, netloc, *_ = urlsplit(loopback)
        return Destination(urlunsplit((scheme, netloc, parts.path or "/", parts.query, "")), parts.netloc)
