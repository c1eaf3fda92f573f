"""The operator ends calls from outside, with a goodbye: one row for each request, claimed before it is carried out."""

import uuid

from call_attributes import make_attribute, read_goodbye
from call_index import place
from call_items import Items, RefusedError
from call_rows import Goodbye


class Goodbyes:
    """The goodbyes of all calls. Every method raises what the client raises when the table cannot be reached."""

    def __init__(self, items: Items) -> None:
        self._items = items

    def claim(self, call_sid: str, request_id: str) -> Goodbye | None:
        """Claim the goodbye of this name. None: it is ours. Otherwise it is returned as it is stored."""
        item, now_ms = _make_item(request_id), self._items.now_ms
        # A client that tries again after a lost answer finds the row of its first try.
        claim = make_attribute(uuid.uuid4().hex)
        row = {"status": make_attribute("claimed"), "claimed_at_ms": make_attribute(now_ms), "claim": claim}
        try:
            self._items.add(call_sid, item, row | place(now_ms), new=True)
        except RefusedError:
            stored = self._items.get(call_sid, item)
            return None if stored.get("claim") == claim else read_goodbye(stored)
        return None

    def finish(self, call_sid: str, request_id: str, status: str, detail: str) -> None:
        """Write what came of it."""
        told = {"status": make_attribute(status), "detail": make_attribute(detail)}
        self._items.change(call_sid, _make_item(request_id), always=told)


def _make_item(request_id: str) -> str:
    return f"goodbye#{request_id}"
