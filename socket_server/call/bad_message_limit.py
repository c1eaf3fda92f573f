"""Limits how many messages in a row a peer may send that make no sense.

A few are dropped and the call goes on, because protocols grow and a call is long. A peer that sends nothing else is
given up. A peer that also sends good messages is not. Neither fills the log.
"""

import logging
from collections import deque

ALLOWED = 10
WITHIN_MS = 60_000

log = logging.getLogger(__name__)


class BadMessageLimit:
    """The bad messages of one peer of one call."""

    def __init__(self, peer: str) -> None:
        self._peer = peer
        self._came_ms: deque[int] = deque(maxlen=ALLOWED)  # since one that was good
        self._logged_ms: deque[int] = deque(maxlen=ALLOWED)
        self._too_much = False

    def note_good(self, came_ms: int) -> None:
        """A good message came at this time: bad ones before it no longer count."""
        while self._came_ms and self._came_ms[0] <= came_ms:
            self._came_ms.popleft()

    def exceeded(self, reason: str, now_ms: int, *, good_ms: int | None = None) -> bool:
        """Count and log one more bad message, which was dropped. Returns whether to give up the peer; from then on
        always True.

        `good_ms`: when the last good message came for which `note_good` is not called: audio comes too often for that.
        """
        if self._too_much:
            return True
        if good_ms is not None:
            self.note_good(good_ms)
        self._too_much = _is_full(self._came_ms, now_ms)
        self._came_ms.append(now_ms)
        more = f"; more than {ALLOWED} within {WITHIN_MS // 1000} s: given up" if self._too_much else ""
        if more or not _is_full(self._logged_ms, now_ms):
            self._logged_ms.append(now_ms)
            log.warning("bad message of the %s: %s%s", self._peer, reason, more)
        return self._too_much


def _is_full(came_ms: deque[int], now_ms: int) -> bool:
    return len(came_ms) == ALLOWED and now_ms - came_ms[0] < WITHIN_MS
