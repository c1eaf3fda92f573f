"""What it costs."""

import pytest

from socket_server.core.prices import Prices, Tariff, TokenPrices
from socket_server.core.usage import Usage
from socket_server.openai.agent import OpenAIAgent
from socket_server.settings import PRICES
from toml_file import TomlFile, TomlFileError

LIST = Prices("2026-11-22", {"speaks": TokenPrices(1, 2, 3, 4, 5, 6)}, {"writes": 0.6})
ALL = Usage(100, 200, 300, 400, 500, 600)


def test_each_kind_has_its_price_by_the_million() -> None:
    assert LIST.cost_usd("speaks", ALL) == (100 + 400 + 900 + 1600 + 2500 + 3600) / 1e6


def test_audio_has_its_price_by_the_minute() -> None:
    assert LIST.cost_usd("writes", Usage(seconds=90)) == pytest.approx(0.9)
    assert LIST.cost_usd("writes", Usage(seconds=0)) == 0


@pytest.mark.parametrize(
    ("model", "usage"), [("?", ALL), ("?", Usage(seconds=1)), ("speaks", Usage(seconds=1)), ("writes", ALL)]
)
def test_nothing_is_guessed(model: str, usage: Usage) -> None:
    assert LIST.cost_usd(model, usage) is None


def test_each_of_an_agent_s_models_has_its_own_price() -> None:
    tariff = Tariff(LIST, "speaks", "writes")
    assert tariff.response_usd(Usage(text_in=1)) == 1e-6
    assert tariff.transcript_usd(Usage(seconds=60)) == 0.6
    assert tariff.unknown == ()
    assert Tariff(LIST, "x", "speaks").unknown == ("x",)
    assert Tariff(LIST, "writes", "y").unknown == ("y",)


def test_the_list_that_is_shipped_knows_the_models_of_the_default_agent() -> None:
    prices = TomlFile.read(PRICES).decode(Prices)
    agent = OpenAIAgent("x", "x")
    assert Tariff(prices, agent.model, agent.transcription.model).unknown == ()


def test_a_minute_of_speech_costs_cents() -> None:
    """The caller's has ten tokens a second, the model's twenty."""
    prices = TomlFile.read(PRICES).decode(Prices)
    assert prices.cost_usd("gpt-realtime-2.1", Usage(audio_in=600)) == pytest.approx(0.0192)
    assert prices.cost_usd("gpt-realtime-2.1", Usage(audio_out=1200)) == pytest.approx(0.0768)
    assert prices.cost_usd("gpt-live-transcribe", Usage(seconds=60)) == pytest.approx(0.017)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("=", "not TOML"),
        ("", "as_of: missing, expected text"),
        ("as_of = 7", "as_of: expected text, got 7"),
        ('as_of = "x"\n[tokens.a]\ntext_in = 1', "tokens.a.text_cached: missing, expected a number"),
        ('as_of = "x"\n[minutes]\na = -1', "minutes.a: expected a number from 0 to 10000, got -1"),
        ('as_of = "x"\n[minutes]\na = "1"', 'minutes.a: expected a number from 0 to 10000, got "1"'),
        ('as_of = "x"\n[minute]\na = 1', "minute: unknown key, expected as_of, tokens or minutes"),
    ],
)
def test_a_list_that_is_none_is_named_with_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(TomlFileError) as wrong:
        TomlFile("prices.toml", text).decode(Prices)
    assert str(wrong.value).startswith("prices.toml:")
    assert why in str(wrong.value)
