"""Whether the public hosts use TLS as Twilio demands: a publicly trusted certificate, TLS 1.2 at least."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import Stack
from doctor.findings import Finding, fail, ok, warn

# AWS renews its own certificates weeks before they expire. With less time left, renewal has failed.
MIN_DAYS_LEFT = 14


def check_certificates(context: Context) -> Iterator[Finding]:
    stack = context.facts.get(Stack)
    for url in dict.fromkeys((stack.voice_url, stack.stream_url, stack.fallback_url)):
        if urlsplit(url).scheme not in ("https", "wss"):
            yield fail(f"{url} is not encrypted, and Twilio would not connect", "deploy the shipped template")
    for host, port in _list_hosts(stack):
        try:
            with context.network.open_tls(host, port) as connection:
                yield _check_expiry(host, connection, context.now())
        except DoctorError as error:
            yield fail(
                f"{error.message}: no caller is connected", error.remedy or "see the certificate in AWS's console"
            )


def _list_hosts(stack: Stack) -> list[tuple[str, int]]:
    """Each host once, in the order of the outputs."""
    parts = [urlsplit(url) for url in (stack.voice_url, stack.stream_url, stack.fallback_url)]
    return list(dict.fromkeys((each.hostname, each.port or 443) for each in parts if each.hostname))


def _check_expiry(host: str, connection: ssl.SSLSocket, now: datetime) -> Finding:
    certificate = connection.getpeercert()
    assert certificate is not None, "TLS was set up, so the server has sent a certificate"
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    days = (ends - now).days
    message = f"{host} speaks {connection.version()} with a valid certificate, good for {days} more days"
    if days < MIN_DAYS_LEFT:
        return warn(message, "find out why it is not renewed: AWS Certificate Manager, the domain's DNS records")
    return ok(message)
