"""sandbox.twilio.gather_verb: what the party answers with keys."""

import pytest

from sandbox.twilio import Carrier
from sandbox.twilio.audio_sources import render_mock_speech
from sandbox.twilio.verbs import Gather
from tests.sandbox.twilio.application import Application
from tests.sandbox.twilio.scripts import VOICES, dial_in, once_verb, presses

KEYS = "<Gather action='/keys' timeout='2'>{}</Gather><Redirect>/none</Redirect>"


@pytest.fixture(autouse=True)
def answering(application: Application) -> None:
    for path in ("/keys", "/none"):
        application.answers[path] = "<Response><Hangup/></Response>"


def document(application: Application, verbs: str) -> None:
    application.answers["/incoming"] = f"<Response>{verbs}</Response>"


@pytest.mark.parametrize(
    ("attributes", "pressed", "digits"),
    [
        ('numDigits="1"', "7", "7"),
        ('numDigits="3"', "123", "123"),
        ("", "12#", "12"),
        ('finishOnKey="*"', "1#*", "1#"),
        ('finishOnKey=""', "1#", "1#"),  # then only the time-out ends it
        ("", "12", "12"),
    ],
)
async def test_gather_collects_keys(
    carrier: Carrier, application: Application, attributes: str, pressed: str, digits: str
) -> None:
    document(application, f'<Gather action="/keys" timeout="2" {attributes}/><Redirect>/none</Redirect>')
    await (await dial_in(carrier, once_verb(carrier, Gather, presses(pressed)))).wait_for_end()

    assert [form["Digits"] for form in application.list_forms("/keys")] == [digits]
    assert application.list_forms("/none") == []


async def test_a_key_interrupts_what_gather_says(carrier: Carrier, application: Application) -> None:
    text = "A very long menu. " * 10
    document(application, f'<Gather action="/keys" numDigits="1"><Say>{text}</Say><Pause length="60"/></Gather>')
    report = await (await dial_in(carrier, once_verb(carrier, Gather, presses("1")))).wait_for_end()

    assert len(application.list_forms("/keys")) == 1
    assert render_mock_speech(text) not in report.heard


async def test_gather_plays_its_prompt_to_the_end(carrier: Carrier, application: Application) -> None:
    application.sounds["/clip"] = ("audio/basic", VOICES["server"])
    document(application, KEYS.format("<Play>/clip</Play><Pause/><Say>now</Say>"))
    report = await (await dial_in(carrier)).wait_for_end()

    assert VOICES["server"] in report.heard
    assert render_mock_speech("now") in report.heard


async def test_without_keys_the_verb_after_gather_runs(carrier: Carrier, application: Application) -> None:
    document(application, KEYS.format("<Say>a</Say>"))
    await (await dial_in(carrier)).wait_for_end()

    assert (len(application.list_forms("/keys")), len(application.list_forms("/none"))) == (0, 1)


async def test_an_empty_result_can_be_asked_for(carrier: Carrier, application: Application) -> None:
    document(application, '<Gather action="/keys" timeout="1" actionOnEmptyResult="true"/>')
    await (await dial_in(carrier)).wait_for_end()

    assert [form["Digits"] for form in application.list_forms("/keys")] == [""]
