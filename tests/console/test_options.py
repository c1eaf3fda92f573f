"""Options that several programs of the console have."""

import pytest

from console.options import find_port_fault, is_model_url


@pytest.mark.parametrize("given", ["0", "5060", "65535"])
def test_a_port_of_this_machine_has_no_fault(given: str) -> None:
    assert find_port_fault(given) == ""


@pytest.mark.parametrize("given", ["", "x", "-1", "65536", " 1", "1\n", "²", "٣", "9" * 5000])
def test_what_is_no_port_is_told_with_what_is_expected(given: str) -> None:
    assert find_port_fault(given) == f"expected 0 to 65535, got {given!r}"


@pytest.mark.parametrize(("given", "usable"), [("ws://127.0.0.1:9", True), ("wss://a.test", True), ("wss://", False)])
def test_a_model_is_asked_by_websocket(given: str, *, usable: bool) -> None:
    assert is_model_url(given) is usable


@pytest.mark.parametrize(
    "given", ["", "gpt", "http://127.0.0.1", "ws://a b", "ws://a\n", "ws://[", "ws://a:0", "ws://a:x"]
)
def test_another_address_is_no_model_s(given: str) -> None:
    assert not is_model_url(given)
