"""Every webhook has its words."""

import pytest

import routes
from console.local.webhook_titles import ROUTES, describe_document, title_webhook


def test_every_route_of_warmline_has_its_words() -> None:
    assert sorted(ROUTES) == sorted(routes.ROUTES)


@pytest.mark.parametrize("base", ["https://voice.test", "https://voice.test/key"])
@pytest.mark.parametrize("route", routes.ROUTES)
def test_a_route_is_known_wherever_the_api_lies(base: str, route: str) -> None:
    title = title_webhook(f"{base}{route}?call=CA1#rp=all", {}, "Warmline")

    assert title == title_webhook(f"https://other{route}", {}, "Warmline")
    assert route not in title


def test_a_report_says_what_it_reports() -> None:
    title = title_webhook("https://voice.test/voice/agent-status", {"CallStatus": "ringing"}, "Warmline")

    assert title == "Twilio reports about the telephone that is rung: ringing"


def test_any_other_application_is_asked_by_its_path() -> None:
    assert title_webhook("http://127.0.0.1:5050/incoming-call", {}, "your server") == (
        "Twilio requests /incoming-call of your server"
    )


@pytest.mark.parametrize(
    ("document", "meaning"),
    [
        ("<Response><Connect><Stream url='wss://a'/></Connect></Response>", "connect the caller to the assistant"),
        ("<Response><Say>hello</Say><Hangup/></Response>", "say something"),
        ("<Response/>", "nothing more to do"),
        ("", "nothing more to do"),
    ],
)
def test_a_document_is_told_by_what_matters_most_in_it(document: str, meaning: str) -> None:
    assert describe_document(document) == meaning
