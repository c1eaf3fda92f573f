"""sandbox.twilio.twiml: what is understood, and which of Twilio's errors refuses the rest."""

import pytest
from twilio.twiml.voice_response import VoiceResponse

from sandbox.twilio import errors
from sandbox.twilio.elements import Parameter
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.nouns import Number, Sip, Stream
from sandbox.twilio.twiml import Document, parse, parse_inline
from sandbox.twilio.verbs import Connect, Dial, Gather, Hangup, Redirect, Say

HERE = "https://voice.warmline.test/voice/incoming?a=1#rc=2"


def test_a_document_becomes_its_verbs_in_order() -> None:
    text = """<?xml version="1.0" encoding="UTF-8"?>
    <Response>
      <Connect action="/next" method="GET">
        <Stream url="wss://stream.warmline.test/media-stream" statusCallback="/status">
          <Parameter name="token" value="a&amp;b"/>
        </Stream>
      </Connect>
      <Redirect>/next</Redirect>
      <Hangup/>
    </Response>"""

    assert parse(text, HERE).verbs == (
        Connect(
            action="/next",
            method="GET",
            nested=(
                Stream(
                    url="wss://stream.warmline.test/media-stream",
                    status_callback="/status",
                    nested=(Parameter(name="token", value="a&b"),),
                ),
            ),
        ),
        Redirect(text="/next"),
        Hangup(),
    )


def test_what_the_helper_library_writes_is_understood() -> None:
    response = VoiceResponse()
    dial = response.dial(action="/after", answer_on_bridge=True, time_limit=60, timeout=20, sequential=False)
    dial.number("+15550100002", url="/whisper", status_callback_event="initiated completed", status_callback="/s")
    dial.sip("sip:a@b.test")
    response.gather(num_digits=1, timeout=3, finish_on_key="").say("Press one.")

    assert parse(str(response)).verbs == (
        Dial(
            action="/after",
            answer_on_bridge=True,
            time_limit=60,
            timeout=20,
            nested=(
                Number(
                    text="+15550100002",
                    url="/whisper",
                    status_callback="/s",
                    status_callback_event="initiated completed",
                ),
                Sip(text="sip:a@b.test"),
            ),
        ),
        Gather(num_digits=1, timeout=3, finish_on_key="", nested=(Say(text="Press one."),)),
    )


def test_an_empty_response_has_no_verbs() -> None:
    assert parse("<Response/>").verbs == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", errors.NOT_XML),
        ("<Response>", errors.NOT_XML),
        (f"<Response>{'<Say>' * 5000}{'</Say>' * 5000}</Response>", errors.AGAINST_SCHEMA),
        (f"<Response><Say>{'<p>' * 9000}{'</p>' * 9000}</Say></Response>", errors.AGAINST_SCHEMA),
        ("<Answer/>", errors.NOT_XML),
        ('<!DOCTYPE x [<!ENTITY y "z">]><Response/>', errors.NOT_XML),
        (f"<Response><Say>{'x' * 65536}</Say></Response>", errors.TWIML_TOO_LARGE),
        ("<Response>words</Response>", errors.AGAINST_SCHEMA),
        ("<Response><Speak>words</Speak></Response>", errors.AGAINST_SCHEMA),
        ('<Response><Say text="words"/></Response>', errors.AGAINST_SCHEMA),
        ('<Response><Say volume="11">words</Say></Response>', errors.AGAINST_SCHEMA),
        ("<Response><Say/></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Say><Pause/></Say></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Number>+15550100002</Number></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Dial><Application/></Dial></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Dial><Application>AP1<ApplicationSid>AP2</ApplicationSid></Application></Dial></Response>", 12200),
        ("<Response><Dial><Application>AP1</Application><Number>+15550100002</Number></Dial></Response>", 12200),
        ("<Response><Dial><Application copyParentTo='1 or 0'>AP1</Application></Dial></Response>", 12200),
        (f"<Response><Dial><Application customerId='{'x' * 257}'>AP1</Application></Dial></Response>", 12200),
        ("<Response><Dial><Application statusCallbackEvent='begun'>AP1</Application></Dial></Response>", 12200),
        ('<Response><Pause length="long"/></Response>', errors.AGAINST_SCHEMA),
        ('<Response><Pause length="-1"/></Response>', errors.AGAINST_SCHEMA),
        ("<Response><Gather><Dial>+15550100002</Dial></Gather></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Connect/></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Connect><Stream/></Connect></Response>", errors.AGAINST_SCHEMA),
        ('<Response><Connect><Stream url="wss://a" track="both_tracks"/></Connect></Response>', errors.STREAM_TRACK),
        ("<Response><Dial/></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Dial>+1555<Number>+1556</Number></Dial></Response>", errors.AGAINST_SCHEMA),
        ('<Response><Dial method="PUT">+15550100002</Dial></Response>', errors.AGAINST_SCHEMA),
        ('<Response><Dial answerOnBridge="yes">+15550100002</Dial></Response>', errors.AGAINST_SCHEMA),
        (f"<Response><Dial>{'<Number>+15550100002</Number>' * 11}</Dial></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Dial><Queue>a</Queue><Number>+1555</Number></Dial></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Dial><Client/></Dial></Response>", errors.AGAINST_SCHEMA),
        ('<Response><Dial timeout="4">+15550100002</Dial></Response>', errors.AGAINST_SCHEMA),
        ('<Response><Dial timeout="601">+15550100002</Dial></Response>', errors.AGAINST_SCHEMA),
        ("<Response><Dial><Sip>the desk</Sip></Dial></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Play/></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Gather><Play> </Play></Gather></Response>", errors.AGAINST_SCHEMA),
        (
            '<Response><Dial><Number statusCallbackEvent="rung">+1</Number></Dial></Response>',
            errors.AGAINST_SCHEMA,
        ),
    ],
)
def test_what_twilio_does_not_take_is_refused_with_its_code(text: str, code: int) -> None:
    with pytest.raises(TwimlError) as refused:
        parse(text)

    assert refused.value.code == code


def make_stream_with_parameter(characters: int) -> str:
    parameter = f'<Parameter name="token" value="{"x" * (characters - len("token"))}"/>'
    return f'<Response><Connect><Stream url="wss://a">{parameter}</Stream></Connect></Response>'


def test_a_parameter_of_499_characters_is_taken() -> None:
    assert len(parse(make_stream_with_parameter(499)).verbs) == 1


def test_a_parameter_of_500_characters_is_refused() -> None:
    with pytest.raises(TwimlError) as refused:
        parse(make_stream_with_parameter(500))

    assert refused.value.code == errors.AGAINST_SCHEMA


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("/voice/next", "https://voice.warmline.test/voice/next"),
        ("next?b=2", "https://voice.warmline.test/voice/next?b=2"),
        ("https://other.test/x", "https://other.test/x"),
    ],
)
def test_a_relative_url_is_seen_from_its_document(url: str, absolute: str) -> None:
    assert Document((), HERE).to_absolute(url) == absolute


def test_without_an_action_a_document_comes_back_to_itself() -> None:
    assert Document((), HERE).to_absolute_or_own(None) == HERE


@pytest.mark.parametrize(
    "text",
    [
        '<Response><Dial action="/after">+15550100002</Dial></Response>',
        '<Response><Dial><Number url="/whisper">+15550100002</Number></Dial></Response>',
        "<Response><Redirect>/next</Redirect></Response>",
        "<Response><Play>clip.wav</Play></Response>",
        '<Response><Connect><Stream url="/media-stream"/></Connect></Response>',
    ],
)
def test_inline_twiml_may_not_have_relative_urls(text: str) -> None:
    with pytest.raises(TwimlError) as refused:
        parse_inline(text)

    assert refused.value.code == errors.RELATIVE_URL


@pytest.mark.parametrize("url", ["http://[", "//[::1/next", "https://[x]/next"])
def test_what_is_no_url_is_refused(url: str) -> None:
    document = Document((), "https://a.test/incoming")

    with pytest.raises(TwimlError) as refused:
        document.to_absolute(url)

    assert refused.value.code == errors.INVALID_URL


def test_inline_twiml_may_have_absolute_urls_and_a_blank_wait_url() -> None:
    text = '<Response><Enqueue action="https://a.test/b" waitUrl="">support</Enqueue></Response>'

    assert len(parse_inline(text).verbs) == 1
