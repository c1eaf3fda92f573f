"""The pages and the container reckon with the same prices."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from console.local.model_messages import Usage
from console.local.model_prices import FREE, PRICES, ModelPrices, read_prices
from socket_server.core.prices import Prices
from socket_server.core.usage import Usage as ContainerUsage
from socket_server.settings import PRICES as CONTAINER_PRICES

KINDS = {"text_in": 7, "text_cached": 11, "text_out": 13, "audio_in": 17, "audio_cached": 19, "audio_out": 23}
LISTED = tomllib.loads(CONTAINER_PRICES.read_text())


@pytest.mark.parametrize("model", [*LISTED["tokens"], "nobody's"])
def test_tokens_cost_what_the_container_says(model: str) -> None:
    container = msgspec.toml.decode(CONTAINER_PRICES.read_bytes(), type=Prices)

    assert read_prices().cost_usd(model, Usage(90, **KINDS)) == container.cost_usd(model, ContainerUsage(**KINDS))


@pytest.mark.parametrize("model", [*LISTED["minutes"], "nobody's"])
def test_seconds_cost_what_the_container_says(model: str) -> None:
    container = msgspec.toml.decode(CONTAINER_PRICES.read_bytes(), type=Prices)

    assert read_prices().cost_usd(model, Usage(0, seconds=7)) == container.cost_usd(model, ContainerUsage(seconds=7))


def test_both_read_the_same_list() -> None:
    assert PRICES == CONTAINER_PRICES


@pytest.mark.parametrize("text", ["tokens = 1", "[tokens", "[tokens.a]\ntext_in = 'x'"])
def test_of_a_list_that_is_wrong_nothing_has_a_price(tmp_path: Path, text: str) -> None:
    (tmp_path / "prices.toml").write_text(text)

    assert read_prices(tmp_path / "prices.toml") == ModelPrices()
    assert read_prices(tmp_path / "none.toml") == ModelPrices()


def test_the_sandboxs_own_model_asks_for_nothing() -> None:
    assert [FREE.cost_usd("gpt-realtime", each) for each in (Usage(90, **KINDS), Usage(0, seconds=7))] == [0.0, 0.0]
