"""The caller's keys."""

from socket_server.core.keypad import LONGEST_MS, PAUSE_MS, Keypad, asks_for_a_person


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


def test_whoever_presses_0_a_third_time_does_not_wait_for_a_pause() -> None:
    keypad = Keypad()

    assert [keypad.press("0", at_ms) for at_ms in (0, 1000, 2000)] == [PAUSE_MS, 1000 + PAUSE_MS, 2000]
    assert asks_for_a_person(keypad.take())


def test_whoever_goes_on_pressing_is_told_of_in_parts() -> None:
    keypad = Keypad()
    due = [keypad.press("1", at_ms) for at_ms in range(0, 8000, 1000)]

    assert due[-3:] == [LONGEST_MS, LONGEST_MS, 7000]
    keypad.take()
    assert keypad.press("2", 9000) == 9000 + PAUSE_MS
