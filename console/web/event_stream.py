"""Server-sent events: what a watch of a source yields, as it comes, without ever falling behind.

A page that reads slowly, or a source that changes often, gets the newest state and not each one between. There is
nothing to resume: whoever connects again gets everything again, so `Last-Event-ID` has no meaning here.
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from console.call_json import Json, dump_json
from console.call_source import SourceError

_log = logging.getLogger(__name__)
_DEFECT = "This page cannot be kept up to date: the program's output says why."
# A comment, for whatever stands between and closes what is silent.
_HEARTBEAT = b": \n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often something is sent."""

    gap_s: float = 0.2
    """At least, between two events."""
    heartbeat_s: float = 15.0
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep


def encode_event(name: str, data: Json) -> bytes:
    """One event; JSON that is ASCII has no line breaks."""
    return f"event: {name}\ndata: {dump_json(data)}\n\n".encode()


class EventStream[T](Response):
    """Sends what `encode` makes of each state and the one that was sent before; nothing when that is empty.

    After the watch has ended comes `event: end`, after an error of the source `event: problem` with a sentence, after
    which the browser connects again by itself. Once the page is left or the server stops, the watch is closed.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        watch: AsyncIterator[T],
        encode: Callable[[T | None, T], bytes],
        *,
        stopping: asyncio.Event,
        pace: Pace,
    ) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers()
        self._watch = watch
        self._encode = encode
        self._stopping = stopping
        self._pace = pace
        self._state: T | None = None
        self._last: bytes | None = None
        """What is sent after the newest state."""
        self._changed = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            await self._stream(receive, send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _stream(self, receive: Receive, send: Send) -> None:
        async with asyncio.TaskGroup() as group:
            reader = group.create_task(self._read())
            ends = [
                group.create_task(self._write(send)),
                group.create_task(_wait_for_disconnect(receive)),
                group.create_task(_wait_for(self._stopping)),
            ]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for each in (reader, *ends):
                each.cancel()

    async def _read(self) -> None:
        try:
            async for state in self._watch:
                self._state = state
                self._changed.set()
            self._last = encode_event("end", {})
        except SourceError as error:
            self._last = encode_event("problem", {"message": str(error)})
        except Exception:  # a defect of a source: the page must be told, or it waits for ever
            self._last = _tell_defect()
        finally:
            if close := getattr(self._watch, "aclose", None):
                await close()
        self._changed.set()

    async def _write(self, send: Send) -> None:
        sent: T | None = None
        while True:
            try:
                async with asyncio.timeout(self._pace.heartbeat_s):
                    await self._changed.wait()
            except TimeoutError:
                await send({"type": "http.response.body", "body": _HEARTBEAT, "more_body": True})
                continue
            self._changed.clear()
            state, last = self._state, self._last
            try:
                body = b"" if state is None else self._encode(sent, state)
            except Exception:  # a defect in encoding one state: the page is told, and the stream ends
                body, last = b"", _tell_defect()
            sent = state
            await send({"type": "http.response.body", "body": body + (last or b""), "more_body": True})
            if last is not None:
                return
            await self._pace.sleep(self._pace.gap_s)


def _tell_defect() -> bytes:
    """For an exception that is being handled: an error page is not possible, the response has begun."""
    _log.exception("The calls of a page could not be followed")
    return encode_event("problem", {"message": _DEFECT})


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _wait_for(event: asyncio.Event) -> None:
    await event.wait()
