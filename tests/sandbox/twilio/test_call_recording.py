"""sandbox.twilio.call_recording: a call is recorded while its document runs."""

import pytest

from sandbox.twilio import Carrier, errors
from sandbox.twilio.audio_sources import render_mock_speech
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.events import Recorded, VerbStarted
from sandbox.twilio.twiml import parse
from sandbox.twilio.verbs import Pause
from tests.sandbox.twilio.application import ACCOUNT_SID, Application
from tests.sandbox.twilio.scripts import VOICES, dial_in, leaves_after, once, once_verb, says

WORDS = "Good morning"
CALLBACK = 'recordingStatusCallback="/recorded" recordingStatusCallbackEvent="in-progress completed absent"'


def document(attributes: str = "", after: str = "") -> str:
    start = f"<Start><Recording {attributes}/></Start>"
    return f'<Response>{start}<Say>{WORDS}</Say><Pause length="2"/>{after}</Response>'


@pytest.fixture(autouse=True)
def answering(application: Application) -> None:
    application.answers["/recorded"] = ""


@pytest.mark.parametrize(
    ("attributes", "has_words", "has_voice", "channels"),
    [
        ("", True, True, "2"),
        ('track="outbound"', True, False, "1"),
        ('track="inbound" channels="mono"', False, True, "1"),
    ],
)
async def test_a_call_is_recorded_beside_its_verbs(
    carrier: Carrier, application: Application, attributes: str, has_words: bool, has_voice: bool, channels: str
) -> None:
    application.answers["/incoming"] = document(f"{attributes} {CALLBACK}")
    call = await dial_in(carrier, once_verb(carrier, Pause, says(VOICES["caller"])))
    await call.wait_for_end()

    ((sid, sound),) = carrier.recordings.items()
    words, voice = render_mock_speech(WORDS)[1600:3200], VOICES["caller"]
    assert (words in sound, voice in sound) == (has_words, has_voice)
    began, completed = sorted(application.list_forms("/recorded"), key=lambda form: "RecordingDuration" in form)
    assert (began["RecordingStatus"], began["RecordingSid"]) == ("in-progress", sid)
    assert (completed["RecordingStatus"], completed["RecordingChannels"]) == ("completed", channels)
    assert completed["RecordingUrl"].endswith(f"/Accounts/{ACCOUNT_SID}/Recordings/{sid}")


async def test_a_recording_is_stopped_by_its_name(carrier: Carrier, application: Application) -> None:
    stop = '<Stop><Recording name="talk"/></Stop><Pause length="60"/>'
    application.answers["/incoming"] = document('name="talk"', stop)
    call = await dial_in(carrier)
    await carrier.events.wait_for(Recorded)

    assert call.status == "in-progress"
    call.hang_up("api")
    await call.wait_for_end()
    assert len(carrier.events.of(Recorded)) == 1


async def test_who_hangs_up_has_been_recorded(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = document('trim="do-not-trim"')
    await (await dial_in(carrier, once(carrier, VerbStarted, leaves_after(500)))).wait_for_end()

    assert len(carrier.recordings) == 1


async def test_of_silence_there_is_no_recording(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = document(f'track="inbound" {CALLBACK}')
    await (await dial_in(carrier)).wait_for_end()

    assert {form["RecordingStatus"] for form in application.list_forms("/recorded")} == {"in-progress", "absent"}
    assert carrier.recordings == {}


@pytest.mark.parametrize(
    "inside", ['<Start><Recording channels="three"/></Start>', "<Stop><Recording/></Stop>", "<Start>now</Start>"]
)
def test_a_recording_of_the_wrong_shape_is_refused(inside: str) -> None:
    with pytest.raises(TwimlError) as refused:
        parse(f"<Response>{inside}</Response>")

    assert refused.value.code == errors.AGAINST_SCHEMA
