"""sandbox.twilio.gather_verb: what the party answers with keys, or in words."""

import pytest

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone
from sandbox.twilio.audio_sources import render_mock_speech
from sandbox.twilio.call_report import CallReport
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.phones import Script
from sandbox.twilio.twiml import parse
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


SPEECH = (
    '<Gather input="speech" action="/keys" timeout="10" speechTimeout="{}" {}>{}</Gather><Redirect>/none</Redirect>'
)


def answers_with(*sayings: tuple[bytes, str]) -> Script:
    async def script(phone: Phone) -> None:
        for sound, words in sayings:
            await phone.say(sound, words)
        await phone.stay()

    return script


async def run(carrier: Carrier, *sayings: tuple[bytes, str]) -> CallReport:
    return await (await dial_in(carrier, once_verb(carrier, Gather, answers_with(*sayings)))).wait_for_end()


@pytest.mark.parametrize("speech_timeout", ["1", "auto"])
async def test_what_is_said_is_sent_in_words(carrier: Carrier, application: Application, speech_timeout: str) -> None:
    document(application, SPEECH.format(speech_timeout, 'language="de-DE" hints="Montag"', ""))
    await run(carrier, (VOICES["caller"], "it ships"), (mulaw.silence(400) + VOICES["caller"], "on Monday"))

    (form,) = application.list_forms("/keys")
    assert form["SpeechResult"] == "it ships on Monday"
    assert 0 < float(form["Confidence"]) <= 1
    assert "Digits" not in form
    assert application.list_forms("/none") == []


async def test_speech_is_over_after_a_pause(carrier: Carrier, application: Application) -> None:
    document(application, SPEECH.format("1", "", ""))
    await run(carrier, (VOICES["caller"], "it ships"), (mulaw.silence(2000) + VOICES["caller"], "on Monday"))

    assert [form["SpeechResult"] for form in application.list_forms("/keys")] == ["it ships"]


async def test_a_longer_speech_timeout_waits_for_more(carrier: Carrier, application: Application) -> None:
    document(application, SPEECH.format("4", "", ""))
    await run(carrier, (VOICES["caller"], "it ships"), (mulaw.silence(2000) + VOICES["caller"], "on Monday"))

    assert [form["SpeechResult"] for form in application.list_forms("/keys")] == ["it ships on Monday"]


async def test_sound_without_words_is_no_result(carrier: Carrier, application: Application) -> None:
    document(application, SPEECH.format("1", "", ""))
    await run(carrier, (VOICES["caller"], ""))

    assert (len(application.list_forms("/keys")), len(application.list_forms("/none"))) == (0, 1)


async def test_who_says_nothing_leaves_no_result(carrier: Carrier, application: Application) -> None:
    document(application, SPEECH.format("1", "", ""))
    await run(carrier)

    assert (len(application.list_forms("/keys")), len(application.list_forms("/none"))) == (0, 1)


async def test_an_empty_result_of_speech_has_no_words(carrier: Carrier, application: Application) -> None:
    document(application, SPEECH.format("1", 'actionOnEmptyResult="true"', ""))
    await run(carrier)

    (form,) = application.list_forms("/keys")
    assert not {"SpeechResult", "Confidence", "Digits"} & form.keys()


async def test_a_voice_interrupts_what_gather_says(carrier: Carrier, application: Application) -> None:
    text = "A very long question. " * 10
    document(application, SPEECH.format("1", "", f"<Say>{text}</Say>"))
    report = await run(carrier, (mulaw.silence(1000) + VOICES["caller"], "yes"))

    assert [form["SpeechResult"] for form in application.list_forms("/keys")] == ["yes"]
    assert render_mock_speech(text) not in report.heard


async def test_keys_are_nothing_where_only_speech_is_asked_for(carrier: Carrier, application: Application) -> None:
    document(application, SPEECH.format("1", "", ""))
    await (await dial_in(carrier, once_verb(carrier, Gather, presses("1")))).wait_for_end()

    assert (len(application.list_forms("/keys")), len(application.list_forms("/none"))) == (0, 1)


async def test_words_are_nothing_where_only_keys_are_asked_for(carrier: Carrier, application: Application) -> None:
    document(application, KEYS.format(""))
    await run(carrier, (VOICES["caller"], "one"))

    assert (len(application.list_forms("/keys")), len(application.list_forms("/none"))) == (0, 1)


@pytest.mark.parametrize("of", ["dtmf speech", "speech dtmf"])
@pytest.mark.parametrize("speaks_first", [True, False])
async def test_of_keys_and_speech_the_first_counts(
    carrier: Carrier, application: Application, of: str, speaks_first: bool
) -> None:
    async def caller(phone: Phone) -> None:
        if speaks_first:
            await phone.say(VOICES["caller"], "two")
        await phone.press("1")
        await phone.say(VOICES["caller"], "two")
        await phone.stay()

    document(application, f'<Gather input="{of}" action="/keys" numDigits="1" speechTimeout="1"/>')
    await (await dial_in(carrier, once_verb(carrier, Gather, caller))).wait_for_end()

    (form,) = application.list_forms("/keys")
    assert (form.get("SpeechResult"), form.get("Digits")) == (("two two", None) if speaks_first else (None, "1"))


@pytest.mark.parametrize(
    "attributes", ['speechTimeout="0"', 'speechTimeout="soon"', 'speechTimeout="auto" speechModel="phone_call"']
)
def test_a_speech_timeout_that_is_none_is_refused(attributes: str) -> None:
    with pytest.raises(TwimlError) as refused:
        parse(f'<Response><Gather input="speech" {attributes}/></Response>')

    assert refused.value.code == 13327
