"""The caller's keys: which belong together, and whether a lone 0 asks for a person.

"1024" is an order number, so 0 counts only with no other key shortly before or after it. "00" is a 0 of somebody who
has no patience left.
"""

PAUSE_MS = 1500  # people who type a number press about two keys a second


class Keypad:
    """Collects keys until a pause."""

    def __init__(self) -> None:
        self._keys = ""

    def press(self, key: str, now_ms: int) -> int:
        """Add a key; the time at which to `take` what was typed if no other key comes before."""
        self._keys += key
        return now_ms + PAUSE_MS

    def take(self) -> str:
        """What was typed, and start anew."""
        keys, self._keys = self._keys, ""
        return keys


def asks_for_a_person(keys: str) -> bool:
    """Whether what was typed between two pauses is nothing but 0."""
    return set(keys) == {"0"}
