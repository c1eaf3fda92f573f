"""sandbox.twilio.ssml: what is spoken of a `<Say>`, and which marks may be in it."""

import pytest
from twilio.twiml.voice_response import VoiceResponse

from sandbox.twilio import errors
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.twiml import parse
from sandbox.twilio.verbs import Say


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ('Please <emphasis level="strong">do not</emphasis> hang up.', "Please do not hang up."),
        ('Wait.<break time="2s"/>Thank you.', "Wait. Thank you."),
        ('<prosody rate="slow">Your code is <say-as interpret-as="digits">42</say-as></prosody>', "Your code is 42"),
        ('Made by <sub alias="World Wide Web">WWW</sub> people', "Made by World Wide Web people"),
        ("<p><s>One.</s> <s>Two.</s></p>", "One. Two."),
        ('<lang xml:lang="de-DE">Guten Tag</lang>', "Guten Tag"),
        ('<w role="amazon:VB">read</w> <phoneme alphabet="ipa" ph="bʊk">book</phoneme>', "read book"),
    ],
)
def test_the_words_are_spoken_without_the_marks(inside: str, words: str) -> None:
    assert parse(f"<Response><Say>{inside}</Say></Response>").verbs == (Say(text=words),)


def test_what_the_helper_library_writes_is_spoken_in_its_order() -> None:
    response = VoiceResponse()
    say = response.say("Hello ", voice="Polly.Joanna")
    say.emphasis("dear", level="moderate")
    say.break_(strength="weak")
    say.s("caller")

    assert parse(str(response)).verbs == (Say(text="Hello dear caller", voice="Polly.Joanna"),)


@pytest.mark.parametrize(
    "inside",
    ["<Pause/>", "Hello <b>you</b>", '<say-as loud="1">a</say-as>', '<s xml:lang="en-GB">a</s>', '<break time="1s"/>'],
)
def test_what_is_no_ssml_or_says_nothing_is_against_the_schema(inside: str) -> None:
    with pytest.raises(TwimlError) as refused:
        parse(f"<Response><Say>{inside}</Say></Response>")

    assert refused.value.code == errors.AGAINST_SCHEMA
