"""doctor.facts: the template has every output and parameter that the doctor reads."""

import re
from pathlib import Path

import pytest

from doctor.facts import Stack

TEMPLATE = (Path(__file__).parents[2] / "template.yaml").read_text()


def list_names_in(section: str) -> set[str]:
    """The keys of a top-level section of the template."""
    _, _, after = TEMPLATE.partition(f"\n{section}:\n")
    body = re.split(r"^[A-Z]", after, maxsplit=1, flags=re.MULTILINE)[0]
    return set(re.findall(r"^  (\w+):", body, re.MULTILINE))


def test_every_output_that_the_doctor_needs_is_in_the_template() -> None:
    assert {*Stack.OUTPUTS, "DrainSeconds", "SessionMinutes"} <= list_names_in("Outputs")


def test_every_parameter_that_the_doctor_reads_is_in_the_template() -> None:
    assert {"TwilioSecret", "OpenAISecret", "Stage", "FallbackNumber"} <= list_names_in("Parameters")


@pytest.mark.parametrize(
    ("outputs", "parameters", "number"),
    [
        ({"DrainSeconds": "60"}, {"DrainSeconds": "70"}, 60),
        ({}, {"DrainSeconds": "70"}, 70),
        ({}, {}, 5),
        ({"DrainSeconds": "a minute"}, {}, 5),
    ],
)
def test_a_number_is_an_output_or_a_parameter_or_the_default(
    outputs: dict[str, str], parameters: dict[str, str], number: int
) -> None:
    assert Stack("warmline", outputs, parameters).read_int("DrainSeconds", 5) == number
