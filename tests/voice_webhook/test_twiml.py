"""The documents that answer Twilio: absolute, and never without an end."""

from xml.etree import ElementTree

import pytest

import routes
import stream_token
import twiml
from twiml import Urls

URLS = Urls("https://voice.example.com/prod", "wss://stream.example.com/media-stream")
TOKEN = stream_token.issue_token("CA" + "1" * 32, "s" * 32, 1_800_000_000)

DOCUMENTS = [
    twiml.stream(URLS, TOKEN),
    twiml.stream(URLS, TOKEN, pause=True),
    twiml.wait("https://voice.example.com/voice/after-stream?stream=a&waits=1", 1),
    twiml.queue_wait(25),
    twiml.take_message(URLS.webhook(routes.AFTER_DIAL, attempt="a", recorded="yes")),
    twiml.thanks(),
    twiml.apology(),
    twiml.hang_up(),
    twiml.whisper("A caller.", URLS.webhook(routes.AGENT_ANSWER, call="CA1", attempt="a")),
    twiml.taken_by_another(),
    twiml.caller_left(),
    twiml.talk_over(),
]


def test_a_webhook_s_url_is_absolute_and_its_query_quoted() -> None:
    assert URLS.webhook(routes.AFTER_DIAL) == "https://voice.example.com/prod/voice/after-dial"
    assert URLS.webhook(routes.AFTER_DIAL, attempt="a&b", n="1").endswith("/voice/after-dial?attempt=a%26b&n=1")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_ends_in_another_question_or_a_hang_up_on_purpose(document: str) -> None:
    assert ElementTree.fromstring(document)[-1].tag in ("Hangup", "Leave", "Redirect")  # noqa: S314 (our own)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_url_is_absolute(document: str) -> None:
    for element in ElementTree.fromstring(document).iter():  # noqa: S314 (our own)
        texts = [element.text] if element.tag == "Redirect" else []
        for url in texts + [element.get(name) for name in ("action", "url", "statusCallback") if element.get(name)]:
            assert url is not None
            assert url.startswith(("https://", "wss://"))


def test_a_queue_is_left_after_the_seconds_of_the_directory() -> None:
    verbs = list(ElementTree.fromstring(twiml.queue_wait(25)))  # noqa: S314 (our own)

    assert [verb.tag for verb in verbs] == ["Say", "Pause"] * 3 + ["Leave"]
    assert [verb.get("length") for verb in verbs if verb.tag == "Pause"] == ["10", "10", "5"]


def test_the_stream_carries_the_token_within_twilio_s_500_characters() -> None:
    (parameter,) = ElementTree.fromstring(DOCUMENTS[0]).iter("Parameter")  # noqa: S314 (our own)

    assert parameter.get("name") == "token"
    assert parameter.get("value") == TOKEN.text
    assert len("token" + TOKEN.text) < 500


def test_a_whisper_is_said_three_times_and_any_key_ends_it() -> None:
    gather, hang_up = ElementTree.fromstring(twiml.whisper("A caller & Co.", "https://v/voice/agent-answer"))  # noqa: S314

    assert gather.attrib == {
        "action": "https://v/voice/agent-answer",
        "finishOnKey": "",
        "method": "POST",
        "numDigits": "1",
        "timeout": "5",
    }
    assert [verb.tag for verb in gather] == ["Say", "Pause", "Say", "Pause", "Say"]
    assert {verb.text for verb in gather.iter("Say")} == {"A caller & Co."}
    assert hang_up.tag == "Hangup"


def test_only_the_document_for_who_has_taken_the_call_comes_to_its_end() -> None:
    assert list(ElementTree.fromstring(twiml.connect())) == []  # noqa: S314 (our own)


def test_what_answers_a_caller_who_has_gone_is_empty() -> None:
    assert list(ElementTree.fromstring(twiml.nothing())) == []  # noqa: S314 (our own)
