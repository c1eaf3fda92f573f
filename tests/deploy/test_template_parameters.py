"""A parameter's name, bounds and default are the same wherever they stand: template, container's settings, docs."""

import re
from collections.abc import Iterator

import pytest

from socket_server.core.errors import SettingError
from socket_server.settings import read_settings
from tests.deploy.stack_template import DEFAULT, ROOT, properties, template

REQUIRED = {
    "STREAM_URL": "wss://stream.example.com/media-stream",
    "TWILIO_AUTH_TOKEN": "the auth token",
    "STREAM_TOKEN_SECRET": "s" * 32,
    "OPENAI_API_KEY": "sk-the-key",
    "TRANSFER_FUNCTION": "transfer",
    "CALLS_TABLE": "calls",
}
DOCS = (
    "README.md",
    "docs/settings.md",
    "docs/deploy.md",
    "docs/scale.md",
    "docs/architecture.md",
    "samconfig.toml",
    "Makefile",
)


def list_passed_on() -> dict[str, str]:
    """The container's settings that are a parameter, as they come, by the setting's name."""
    (container,) = properties("TaskDefinition", DEFAULT)["ContainerDefinitions"]
    refs = [(one["Name"], one["Value"]["Ref"]) for one in container["Environment"] if "Ref" in one["Value"]]
    return {name: ref for name, ref in refs if ref in template()["Parameters"]}


LISTED = {"MAX_CALLS"}
"""Of these the template takes a few values only, for which it knows when to scale."""
OF_THE_STACK = {"MAX_CALLS", "SESSION_MINUTES"}
"""Their default in the template is for its task and its drain, and not for a container that runs anywhere."""


def read_bounds(parameter: str) -> tuple[int, int]:
    declared = template()["Parameters"][parameter]
    allowed = declared.get("AllowedValues")
    return (min(allowed), max(allowed)) if allowed else (declared["MinValue"], declared["MaxValue"])


def accepts(setting: str, value: int) -> bool:
    try:
        read_settings(REQUIRED | {setting: str(value)})
    except SettingError:
        return False
    return True


def test_the_container_s_parameters_have_the_names_of_its_settings() -> None:
    assert list_passed_on() == {name: name.title().replace("_", "") for name in list_passed_on()} != {}


@pytest.mark.parametrize("setting", sorted(list_passed_on()))
def test_a_value_that_the_template_takes_is_taken_by_the_container(setting: str) -> None:
    least, most = read_bounds(list_passed_on()[setting])

    assert (accepts(setting, least), accepts(setting, most)) == (True, True)


@pytest.mark.parametrize("setting", sorted(list_passed_on().keys() - LISTED))
def test_a_value_that_the_template_refuses_is_refused_by_the_container(setting: str) -> None:
    least, most = read_bounds(list_passed_on()[setting])

    assert (accepts(setting, least - 1), accepts(setting, most + 1)) == (False, False)


@pytest.mark.parametrize("setting", sorted(list_passed_on().keys() - OF_THE_STACK))
def test_the_default_is_the_same_in_the_template_and_in_the_container(setting: str) -> None:
    default = template()["Parameters"][list_passed_on()[setting]]["Default"]

    assert read_settings(REQUIRED) == read_settings(REQUIRED | {setting: str(default)})


def list_overridden(text: str) -> Iterator[str]:
    """What is written as `Name=value`, as `sam deploy` takes it."""
    yield from re.findall(r"(?<![\w?&.-])([A-Z][a-z]+(?:[A-Z][a-z]+)*[A-Za-z]*)=", text)


@pytest.mark.parametrize("path", DOCS)
def test_a_parameter_that_is_named_with_a_value_exists(path: str) -> None:
    unknown = set(list_overridden((ROOT / path).read_text())) - template()["Parameters"].keys()

    assert unknown == set()


def test_a_parameter_that_the_docs_name_as_one_exists() -> None:
    section = (ROOT / "docs/deploy.md").read_text().split("## Parameters")[1].split("\n## ")[0]
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", section)) - {"FallbackUrl"}  # an output

    assert named <= template()["Parameters"].keys()
    assert named
