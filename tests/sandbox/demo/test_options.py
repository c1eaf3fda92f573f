"""Choices of the user."""

import pytest

from sandbox.demo.options import OptionError, Options, read_options


def test_what_is_not_chosen_has_a_default() -> None:
    assert read_options({"HUMAN": ""}) == Options("answers", "frustrated", "sandbox", "")


def test_every_choice_is_taken() -> None:
    chosen = {"HUMAN": "no-answer", "CALLER": "asks", "MODEL": "openai", "OPENAI_API_KEY": "sk-1", "ARTIFACTS": "1"}
    assert read_options(chosen) == Options("no-answer", "asks", "openai", "sk-1", artifacts=True)


def test_a_choice_that_there_is_not_is_named() -> None:
    with pytest.raises(
        OptionError, match="HUMAN: expected answers, no-answer, busy, declines or voicemail, got 'asleep'"
    ):
        read_options({"HUMAN": "asleep"})


def test_the_real_model_needs_a_key() -> None:
    with pytest.raises(OptionError, match="OPENAI_API_KEY is not set"):
        read_options({"MODEL": "openai"})


def test_the_key_is_not_shown() -> None:
    assert "sk-1" not in repr(read_options({"OPENAI_API_KEY": "sk-1"}))
