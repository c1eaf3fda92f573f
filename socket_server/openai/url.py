"""The URL of the model: where to connect, and to which model."""

from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit


def make_realtime_url(base: str, model: str) -> str:
    """The URL to dial: `base` with the model in its query, unless it names one."""
    parts = urlsplit(base)
    if "model" in parse_qs(parts.query):
        return base
    query = "&".join(filter(None, (parts.query, urlencode({"model": model}))))
    return urlunsplit(parts._replace(query=query))


def read_model(url: str) -> str:
    """The model that a URL to dial names."""
    return parse_qs(urlsplit(url).query)["model"][0]


def strip_model(url: str) -> str:
    """The URL without its model: where a service looks at the key, and then has no session to make."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode([each for each in parse_qsl(parts.query) if each[0] != "model"])))
