"""sandbox.twilio.not_simulated: all TwiML that Twilio has is simulated, or is in the table."""

from collections.abc import Iterator

import msgspec
import pytest
from twilio.twiml.voice_response import VoiceResponse

from sandbox.not_simulated import NotSimulatedError
from sandbox.twilio import Carrier, errors
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.events import ErrorLogged
from sandbox.twilio.not_simulated import TWIML
from sandbox.twilio.ssml import MARKS
from sandbox.twilio.twiml import parse
from sandbox.twilio.verbs import Response
from tests.sandbox.twilio.application import VOICE, Application
from tests.sandbox.twilio.official_twiml import list_ssml, list_twiml
from tests.sandbox.twilio.scripts import dial_in

DOCUMENTED_ONLY = {"Dial/@callReason", "Start/Recording/@name", "Stop/Recording", "Stop/Recording/@name"}
"""On Twilio's pages, but the library does not write it."""


def list_simulated(struct: msgspec.inspect.StructType, path: str = "") -> Iterator[str]:
    """What the types of verbs and nouns take, as XPaths."""
    for field in struct.fields:
        if field.encode_name == "nested":
            assert isinstance(field.type, msgspec.inspect.VarTupleType)
            items = field.type.item_type
            for child in items.types if isinstance(items, msgspec.inspect.UnionType) else (items,):
                assert isinstance(child, msgspec.inspect.StructType)
                yield f"{path}{child.tag}"
                yield from list_simulated(child, f"{path}{child.tag}/")
        elif field.encode_name != "text" and path:
            yield f"{path}@{field.encode_name}"


def read_simulated() -> set[str]:
    response = msgspec.inspect.type_info(Response)
    assert isinstance(response, msgspec.inspect.StructType)
    return set(list_simulated(response))


def has_part_of(feature: str, table: set[str]) -> bool:
    steps = feature.split("/")
    return any("/".join(steps[:end]) in table for end in range(1, len(steps) + 1))


def test_all_that_the_library_writes_is_simulated_or_in_the_table() -> None:
    simulated, whole = read_simulated(), {feature for feature in TWIML if "=" not in feature}

    assert {each for each in list_twiml() if each not in simulated and not has_part_of(each, whole)} == set()
    assert {each for each in simulated if has_part_of(each, whole)} == set()


def test_nothing_is_simulated_or_in_the_table_that_twilio_has_not() -> None:
    known = read_simulated() | {feature.partition("=")[0] for feature in TWIML}

    assert known - list_twiml() == DOCUMENTED_ONLY


def test_a_single_value_in_the_table_is_one_of_a_simulated_attribute() -> None:
    of_values = {feature.partition("=")[0] for feature in TWIML if "=" in feature}

    assert len(of_values) >= 2
    assert of_values <= read_simulated()


def test_every_mark_of_ssml_is_taken() -> None:
    marks = {tag: {name.replace("{http://www.w3.org/XML/1998/namespace}", "xml:") for name in names}
             for tag, names in MARKS.items()}  # fmt: skip

    assert marks == list_ssml()


@pytest.mark.parametrize(
    ("inside", "feature"),
    [
        ('<Pay chargeAmount="1.50"><Prompt for="postal-code"><Say>Where?</Say></Prompt></Pay>', "Pay"),
        ('<Connect><Room participantIdentity="anna">lobby</Room></Connect>', "Connect/Room"),
        ('<Connect><ConversationRelay url="wss://a.test"/></Connect>', "Connect/ConversationRelay"),
        ('<Dial record="record-from-answer">+15550100002</Dial>', "Dial/@record"),
        ('<Dial><Number byoc="BY0">+15550100002</Number></Dial>', "Dial/Number/@byoc"),
        ('<Dial><Application url="https://a.test">AP1</Application></Dial>', "Dial/Application/@url"),
        ('<Dial><Conference coach="CA0">a</Conference></Dial>', "Dial/Conference/@coach"),
        ('<Gather input="speech" partialResultCallback="/p"/>', "Gather/@partialResultCallback"),
        ('<Gather timeout="auto"/>', "Gather/@timeout=auto"),
        ('<Record transcribe="true"/>', "Record/@transcribe"),
    ],
)
def test_twiml_that_is_not_simulated_is_no_error_of_twilios(inside: str, feature: str) -> None:
    with pytest.raises(NotSimulatedError, match=r"^not simulated by the sandbox: ") as refused:
        parse(f"<Response><Say>Hello.</Say>{inside}</Response>")

    assert refused.value.feature == feature


@pytest.mark.parametrize("inside", ["<Message>Hello.</Message>", '<Dial recorded="true">+15550100002</Dial>'])
def test_twiml_that_twilio_has_not_is_against_its_schema(inside: str) -> None:
    with pytest.raises(TwimlError) as refused:
        parse(f"<Response>{inside}</Response>")

    assert refused.value.code == errors.AGAINST_SCHEMA


async def test_a_call_breaks_by_what_is_not_simulated(application: Application, carrier: Carrier) -> None:
    response = VoiceResponse()
    response.echo()
    application.answers |= {"/incoming": str(response), "/fallback": "<Response/>"}

    call = await dial_in(carrier, fallback_url=f"{VOICE}/fallback")
    with pytest.RaisesGroup(pytest.RaisesExc(NotSimulatedError, match="Echo")):
        await call.wait_for_end()

    assert application.list_forms("/fallback") == []
    assert carrier.events.of(ErrorLogged) == []
