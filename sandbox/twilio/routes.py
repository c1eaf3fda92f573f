"""DNS and TLS of the sandbox: which loopback server stands behind which public origin.

A server behind a tunnel or a load balancer that ends TLS learns from X-Forwarded-Proto how it was asked, and many check
Twilio's signature over a URL that they make of it; so it is told here, too.
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
    scheme: str
    """http or https, as the public URL had it, also for a WebSocket."""

    @property
    def forwarded(self) -> dict[str, str]:
        """The headers of what ends TLS in front of the server."""
        return {"X-Forwarded-Proto": self.scheme}


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
        url = urlunsplit((scheme, netloc, parts.path or "/", parts.query, ""))
        return Destination(url, parts.netloc, "https" if parts.scheme in ("https", "wss") else "http")
