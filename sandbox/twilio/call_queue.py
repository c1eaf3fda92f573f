"""A queue of callers: who waits in it, and who is first. `queues.py` puts callers in and takes them out."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from sandbox.twilio.line import Line
from sandbox.twilio.sids import make_sid


@dataclass(frozen=True, slots=True)
class QueueMember:
    """One caller in a queue. Who takes them sets `taken`, connects the lines, and sets `released` when done."""

    call_sid: str
    from_: str
    line: Line
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)  # hung up, or was given another program


@dataclass(slots=True)
class CallQueue:
    sid: str = field(default_factory=lambda: make_sid("QU"))
    members: deque[QueueMember] = field(default_factory=deque)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def take_first(self) -> QueueMember:
        """Whoever has waited longest, now or when somebody comes."""
        while not self.members:
            self.more.clear()
            await self.more.wait()
        first = self.members.popleft()
        first.taken.set()
        return first

    def add(self, member: QueueMember) -> None:
        self.members.append(member)
        self.more.set()

    def remove(self, member: QueueMember) -> None:
        """Without effect on one who was taken."""
        if member in self.members:
            self.members.remove(member)
