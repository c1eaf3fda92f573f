"""The caller's keys."""

from socket_server.keypad import PAUSE_MS, Keypad


def test_keys_are_collected_until_they_are_taken() -> None:
    keypad = Keypad()

    assert keypad.press("1", 1000) == 1000 + PAUSE_MS
    assert keypad.press("0", 1400) == 1400 + PAUSE_MS
    assert keypad.take() == "10"


def test_what_was_taken_is_not_taken_again() -> None:
    keypad = Keypad()
    keypad.press("0", 0)
    keypad.take()

    assert keypad.take() == ""
