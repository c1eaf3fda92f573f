"""sandbox.twilio.media_verbs: what the caller hears, and what they answer with keys and voice."""

import asyncio
import io
import wave

import pytest

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone
from sandbox.twilio.audio_sources import render_beep, render_mock_speech
from sandbox.twilio.events import ErrorLogged, Recorded
from sandbox.twilio.verbs import Record
from tests.sandbox.twilio.application import ACCOUNT_SID, AUTH_TOKEN, Application
from tests.sandbox.twilio.scripts import VOICES, dial_in, once_verb, read_refusal, rest_client, says


@pytest.fixture(autouse=True)
def answering(application: Application) -> None:
    for path in ("/none", "/recorded", "/again"):
        application.answers[path] = "<Response><Hangup/></Response>"


def document(application: Application, verbs: str) -> None:
    application.answers["/incoming"] = f"<Response>{verbs}</Response>"


async def test_say_is_heard_for_as_long_as_its_text(carrier: Carrier, application: Application) -> None:
    document(application, "<Say>Good morning</Say>")
    report = await (await dial_in(carrier)).wait_for_end()

    assert render_mock_speech("Good morning") in report.heard


async def test_say_can_have_a_voice_of_its_own(application: Application) -> None:
    spoken: list[str] = []

    def voice(text: str) -> bytes:
        spoken.append(text)
        return VOICES["server"]

    document(application, '<Say loop="2">Good morning</Say>')
    async with Carrier(
        account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, routes=application.make_routes(), pace=10, say=voice
    ) as carrier:
        report = await (await dial_in(carrier)).wait_for_end()

    assert (spoken, VOICES["server"] * 2 in report.heard) == (["Good morning"], True)


async def test_pause_is_silence(carrier: Carrier, application: Application) -> None:
    document(application, '<Say>a</Say><Pause length="2"/><Say>b</Say>')
    report = await (await dial_in(carrier)).wait_for_end()

    assert render_mock_speech("a").ljust(480, b"\xff") + mulaw.silence(1800) in report.heard


@pytest.mark.parametrize("kind", ["audio/x-wav", "audio/basic"])
async def test_play_fetches_a_sound(carrier: Carrier, application: Application, kind: str) -> None:
    sound = VOICES["server"]
    application.sounds["/clip"] = (kind, sound if kind == "audio/basic" else wav(sound))
    document(application, "<Play>/clip</Play>")
    report = await (await dial_in(carrier)).wait_for_end()

    assert sound in report.heard


def wav(sound: bytes, rate: int = 8000) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(mulaw.to_pcm16(sound))
    return buffer.getvalue()


@pytest.mark.parametrize(("path", "code"), [("/missing", 11200), ("/again", 12300)])
async def test_a_sound_that_cannot_be_had_is_skipped(
    carrier: Carrier, application: Application, path: str, code: int
) -> None:
    document(application, f"<Play>{path}</Play><Redirect>/none</Redirect>")
    await (await dial_in(carrier)).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [code]
    assert len(application.list_forms("/none")) == 1


@pytest.mark.parametrize("kind", ["audio/wav", "text/plain"])
async def test_a_sound_that_is_none_is_skipped(carrier: Carrier, application: Application, kind: str) -> None:
    application.sounds["/clip"] = (kind, b"no WAV")
    document(application, "<Play>/clip</Play>")
    report = await (await dial_in(carrier)).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [12300]
    assert report.ended_by == "document"


async def test_play_can_press_keys(carrier: Carrier, application: Application) -> None:
    document(application, '<Play digits="12"/>')
    report = await (await dial_in(carrier)).wait_for_end()

    assert mulaw.tone(100, 697, 1209) + mulaw.silence(100) in report.heard


says_after_beep = says(mulaw.silence(500) + VOICES["caller"])


async def test_record_keeps_what_is_said_after_the_beep(carrier: Carrier, application: Application) -> None:
    document(application, '<Record action="/recorded" timeout="1"/>')
    report = await (await dial_in(carrier, once_verb(carrier, Record, says_after_beep))).wait_for_end()

    (form,) = application.list_forms("/recorded")
    (recorded,) = carrier.events.of(Recorded)
    assert VOICES["caller"] in carrier.recordings[form["RecordingSid"]]
    assert form["RecordingUrl"].endswith(f"/Recordings/{recorded.recording_sid}")
    assert (form["Digits"], int(form["RecordingDuration"]) >= 1) == ("", True)
    assert render_beep() in report.heard


async def test_a_key_ends_the_recording(carrier: Carrier, application: Application) -> None:
    async def caller(phone: Phone) -> None:
        await phone.say(VOICES["caller"])
        await phone.press("#")
        await phone.stay()

    document(application, '<Record action="/recorded" playBeep="false" timeout="30"/>')
    await (await dial_in(carrier, once_verb(carrier, Record, caller))).wait_for_end()

    assert [form["Digits"] for form in application.list_forms("/recorded")] == ["#"]


async def test_a_recording_has_a_longest_length(carrier: Carrier, application: Application) -> None:
    document(application, '<Record action="/recorded" playBeep="false" maxLength="1"/>')
    await (await dial_in(carrier, once_verb(carrier, Record, says(VOICES["caller"] * 5)))).wait_for_end()

    assert [recorded.ms for recorded in carrier.events.of(Recorded)] == [1000]


async def test_what_was_said_before_hanging_up_is_kept(carrier: Carrier, application: Application) -> None:
    async def caller(phone: Phone) -> None:
        await phone.say(VOICES["caller"])

    application.answers["/saved"] = ""
    verb = '<Record action="/recorded" playBeep="false" recordingStatusCallback="/saved"/>'
    document(application, verb)
    await (await dial_in(carrier, once_verb(carrier, Record, caller))).wait_for_end()

    (action,), (saved,) = application.list_forms("/recorded"), application.list_forms("/saved")
    assert (action["Digits"], action["CallStatus"]) == ("hangup", "completed")
    assert (saved["RecordingStatus"], saved["RecordingSid"]) == ("completed", action["RecordingSid"])
    assert VOICES["caller"] in carrier.recordings[saved["RecordingSid"]]


async def test_recordings_are_listed_by_their_call_until_they_are_deleted(
    carrier: Carrier, application: Application
) -> None:
    document(application, '<Record action="/recorded" playBeep="false" timeout="1"/>')
    calls = [await dial_in(carrier, once_verb(carrier, Record, says(VOICES["caller"]))) for _ in range(2)]
    for call in calls:
        await call.wait_for_end()

    with rest_client(carrier) as client:
        everything = await asyncio.to_thread(lambda: client.recordings.list(page_size=1))
        (one,) = await asyncio.to_thread(lambda: client.recordings.list(call_sid=calls[0].sid))
        assert await asyncio.to_thread(client.recordings(one.sid).delete)
        refusal = await read_refusal(client.recordings(one.sid).delete)
        left = await asyncio.to_thread(client.recordings.list)

    assert {each.call_sid for each in everything} == {call.sid for call in calls}
    assert one.call_sid == calls[0].sid
    assert refusal == (404, 20404)
    assert [each.call_sid for each in left] == [calls[1].sid]


async def test_silence_is_no_recording(carrier: Carrier, application: Application) -> None:
    document(application, '<Record action="/recorded" timeout="1"/><Redirect>/none</Redirect>')
    await (await dial_in(carrier)).wait_for_end()

    assert (carrier.events.of(Recorded), len(application.list_forms("/none"))) == ([], 1)
