"""sandbox.twilio.routes: public URLs lead to loopback or nowhere."""

import pytest

from sandbox.twilio.routes import Destination, Routes


def test_a_public_url_leads_to_its_loopback_server() -> None:
    routes = Routes({"https://voice.warmline.test": "http://127.0.0.1:8001"})

    assert routes.resolve("https://voice.warmline.test/a/b?c=d#rc=2") == Destination(
        "http://127.0.0.1:8001/a/b?c=d", "voice.warmline.test", "https"
    )


@pytest.mark.parametrize(("origin", "told"), [("https", "https"), ("wss", "https"), ("http", "http"), ("ws", "http")])
def test_a_server_is_told_whether_it_was_asked_over_tls(origin: str, told: str) -> None:
    destination = Routes({f"{origin}://a.test": "http://127.0.0.1:8001"}).resolve(f"{origin}://a.test/b")

    assert destination is not None
    assert destination.forwarded == {"X-Forwarded-Proto": told}


@pytest.mark.parametrize(
    "url", ["https://elsewhere.test/", "http://voice.warmline.test/", "https://voice.warmline.test:8443/", "nonsense"]
)
def test_what_is_not_listed_does_not_exist(url: str) -> None:
    assert Routes({"https://voice.warmline.test": "http://127.0.0.1:8001"}).resolve(url) is None


def test_a_route_into_the_world_is_refused() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Routes({"https://voice.warmline.test": "http://192.0.2.1:80"})
