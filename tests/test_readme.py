"""The documents list every setting that code reads, and no other; every make target that README names exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "docs/settings.md").read_text()

READERS = (
    "layers/call_record/environment.py",
    "layers/call_record/signing_keys.py",
    "socket_server/settings.py",
    "functions/voice_webhook/webhook_settings.py",
    "functions/transfer/transfer_settings.py",
)


def names_in_code(path: str) -> set[str]:
    """What looks like the name of an environment variable, in quotes."""
    return set(re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)"', (ROOT / path).read_text()))


def names_in_tables() -> set[str]:
    rows = [line for line in SETTINGS.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}


@pytest.mark.parametrize("path", READERS)
def test_every_setting_that_code_reads_is_in_the_tables(path: str) -> None:
    assert names_in_code(path), "no setting found: the pattern of this test does not fit any more"
    assert names_in_code(path) <= names_in_tables()


def test_every_setting_in_the_tables_is_read_by_code() -> None:
    read = set().union(*(names_in_code(path) for path in READERS))
    assert names_in_tables() == read


@pytest.mark.parametrize(
    ("function", "path"),
    [
        ("voice_webhook", "functions/voice_webhook/webhook_settings.py"),
        ("transfer", "functions/transfer/transfer_settings.py"),
    ],
)
def test_the_tables_say_of_each_setting_which_function_reads_it(function: str, path: str) -> None:
    rows = [line.split("|")[1:3] for line in SETTINGS.splitlines() if re.match(r"\| .* \| (both|voice|transfer)", line)]
    told = {name for names, of in rows if "both" in of or function in of for name in re.findall("`([A-Z_]+)`", names)}

    read = set(re.findall(r'environment, "([A-Z_]+)"', (ROOT / path).read_text()))
    assert told == read | {"POWERTOOLS_SERVICE_NAME"}


def test_every_word_of_make_in_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    text = re.sub(r"```.*?```", lambda m: m[0].replace("\n", " "), README)
    for word in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)\b", text):
        assert re.search(rf"^{word}:", makefile, re.MULTILINE), f"make {word}"
