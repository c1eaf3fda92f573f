"""The caller's keys: which belong together, and whether a single 0 asks for a person.

"1024" is an order number, so 0 counts only if no other key comes shortly before or after it. "00" counts like 0: the
caller has lost patience. After the third 0 there is no wait for a pause.
"""

PAUSE_MS = 1500  # people who type a number press about two keys a second
LONGEST_MS = 6000  # a longer sequence is reported in parts
IMPATIENT_KEYS = 3


class Keypad:
    """Collects keys until a pause."""

    def __init__(self) -> None:
        self._keys = ""
        self._first_ms = 0

    def press(self, key: str, now_ms: int) -> int:
        """Add a key. Returns the time at which to call `take` if no other key comes before."""
        if not self._keys:
            self._first_ms = now_ms
        self._keys += key
        if asks_for_a_person(self._keys) and len(self._keys) >= IMPATIENT_KEYS:
            return now_ms
        return min(now_ms + PAUSE_MS, max(now_ms, self._first_ms + LONGEST_MS))

    def take(self) -> str:
        """The keys so far. Starts again without any."""
        keys, self._keys = self._keys, ""
        return keys


def asks_for_a_person(keys: str) -> bool:
    """Whether the keys between two pauses are only zeros."""
    return set(keys) == {"0"}
