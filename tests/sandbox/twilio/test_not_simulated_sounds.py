"""sandbox.twilio.not_simulated: sounds that Twilio plays and this carrier does not."""

import pytest

from sandbox.not_simulated import NotSimulatedError
from sandbox.twilio import Carrier
from sandbox.twilio.events import ErrorLogged
from tests.sandbox.twilio.application import Application
from tests.sandbox.twilio.scripts import dial_in
from tests.sandbox.twilio.test_media_verbs import document, wav


@pytest.mark.parametrize(
    ("kind", "sound", "feature"),
    [
        ("audio/mpeg", b"ID3", "Play of audio/mpeg"),
        ("audio/wav", wav(b"a" * 160, 44100), "Play of a WAV that is not mono, 16 bit, 8 kHz"),
    ],
)
async def test_a_sound_that_twilio_plays_is_never_refused_in_its_name(
    carrier: Carrier, application: Application, kind: str, sound: bytes, feature: str
) -> None:
    application.sounds["/clip"] = (kind, sound)
    document(application, "<Play>/clip</Play>")
    call = await dial_in(carrier)

    with pytest.RaisesGroup(pytest.RaisesExc(NotSimulatedError, match=feature)):
        await call.wait_for_end()
    assert carrier.events.of(ErrorLogged) == []
