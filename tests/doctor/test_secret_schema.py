"""doctor.secret_schema: invalid values are named and never shown."""

import json

import pytest

import secret_shape
from doctor import secret_schema
from doctor.errors import DoctorError
from doctor.secret_schema import OPENAI, TWILIO

GOOD = {
    "TWILIO_ACCOUNT_SID": "AC" + "0123456789abcdef" * 2,
    "TWILIO_AUTH_TOKEN": "fedcba9876543210" * 2,
    "STREAM_TOKEN_SECRET": "s" * 43,
}
KEY = {"TWILIO_API_KEY_SID": "SK" + "0" * 32, "TWILIO_API_KEY_SECRET": "aB3" * 10 + "xY"}


@pytest.mark.parametrize("values", [GOOD, GOOD | KEY])
def test_valid_values_have_no_fault(values: dict[str, str]) -> None:
    assert list(secret_schema.validate(TWILIO, values)) == []


def test_a_valid_model_key_has_no_fault() -> None:
    assert list(secret_schema.validate(OPENAI, {"OPENAI_API_KEY": "sk-proj-" + "a" * 40})) == []


@pytest.mark.parametrize(
    ("name", "value", "came"),
    [
        ("TWILIO_ACCOUNT_SID", "SK" + "0" * 32, "34 characters of another form"),
        ("TWILIO_AUTH_TOKEN", "0" * 31, "31 characters of another form"),
        ("TWILIO_AUTH_TOKEN", "", "nothing"),
        ("TWILIO_AUTH_TOKEN", "0" * 32 + " ", "a value with space around it"),
        ("TWILIO_AUTH_TOKEN", "0" * 31 + "\x00", "unprintable characters"),
        ("STREAM_TOKEN_SECRET", "s" * 31, "31 characters of another form"),
        ("TWILIO_API_KEY_SECRET", "two words", "9 characters of another form"),
    ],
)
def test_a_fault_says_what_was_expected_and_what_was_found(name: str, value: str, came: str) -> None:
    (fault,) = secret_schema.validate(TWILIO, GOOD | KEY | {name: value})

    assert fault.startswith(f"{name}: expected ")
    assert fault.endswith(f", got {came}")


def test_a_missing_value_is_a_fault() -> None:
    values = {name: value for name, value in GOOD.items() if name != "STREAM_TOKEN_SECRET"}

    assert [fault.partition(":")[0] for fault in secret_schema.validate(TWILIO, values)] == ["STREAM_TOKEN_SECRET"]


@pytest.mark.parametrize("name", list(KEY))
def test_half_an_api_key_is_a_fault(name: str) -> None:
    (fault,) = secret_schema.validate(TWILIO, GOOD | {name: KEY[name]})

    assert fault.endswith("expected both or neither, got one")


VALUES = (
    "",
    " ",
    "a",
    "a" * 32,
    "g" * 32,
    "A1" * 16,
    " " + "a" * 32,
    "a" * 32 + "\n",
    "AC" + "0" * 32,
    "SK" + "F" * 32,
)


@pytest.mark.parametrize("name", [part.name for part in TWILIO])
@pytest.mark.parametrize("value", VALUES)
def test_what_the_doctor_accepts_can_be_deployed(name: str, value: str) -> None:
    values = GOOD | KEY | {name: value}

    assert bool(list(secret_schema.validate(TWILIO, values))) is bool(secret_shape.validate_twilio(json.dumps(values)))


@pytest.mark.parametrize("value", VALUES)
def test_what_the_doctor_accepts_as_the_models_key_can_be_deployed(value: str) -> None:
    values = {"OPENAI_API_KEY": value}

    assert bool(list(secret_schema.validate(OPENAI, values))) is bool(secret_shape.validate_openai(json.dumps(values)))


@pytest.mark.parametrize("text", ["", "[" * 100_000, "{", "[]", "null", '"text"'])
def test_a_secret_that_is_not_a_json_object_is_refused(text: str) -> None:
    with pytest.raises(DoctorError, match="the secret warmline/twilio is not a JSON object"):
        secret_schema.decode(text, "warmline/twilio")


def test_values_that_are_not_text_are_left_out() -> None:
    assert secret_schema.decode('{"a": "b", "c": 1, "d": null}', "any") == {"a": "b"}
