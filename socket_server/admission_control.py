"""Decides which streams are accepted: those that Twilio signed, while there is a place for a call, and none while it
drains. A stream becomes a call by its token, see `call.places`."""

import logging

from starlette.responses import Response
from starlette.websockets import WebSocket

from socket_server.call.call import Call
from socket_server.call.places import Places
from socket_server.call.services import Services
from socket_server.core.events import Draining
from socket_server.core.measures import Measured
from socket_server.loop_lag import LoopLag
from socket_server.settings import Settings
from socket_server.twilio.stream_auth import may_be_signed

FOR_NOW = {"cache-control": "no-store"}  # whatever stands before us, the next caller is to be asked for anew

log = logging.getLogger(__name__)


class AdmissionControl:
    """Accepts streams, and knows the streams in progress."""

    def __init__(self, services: Services, settings: Settings) -> None:
        self.closed = False
        """No stream is accepted any more."""
        self.lag = LoopLag()
        """To be started with the loop."""
        self._streams: set[Call] = set()
        self._places = Places(settings.max_calls)
        self._services = services
        self._settings = settings

    @property
    def calls(self) -> int:
        """How many calls are in progress."""
        return self._places.calls

    @property
    def streams(self) -> int:
        """How many streams there are: the calls, and those that may become calls."""
        return len(self._streams)

    def close(self, draining: Draining) -> None:
        """Accept no stream any more; those that there are end by themselves or go on elsewhere, as the event says."""
        self.closed = True
        self._services.connector.close()
        for call in self._streams:
            call.drain(draining)

    async def media_stream(self, websocket: WebSocket) -> None:
        """One stream from its handshake to its end: 403 without Twilio's signature, 503 when there is no place."""
        signature = websocket.headers.get("x-twilio-signature")
        if not await self._services.stream_auth.is_signed(signature):
            log.info("handshake refused: no valid signature for STREAM_URL")
            if may_be_signed(signature):  # a stranger has none; Twilio's, with another token or for another URL
                self._services.metrics.emit(Measured("StreamsRefused"))
            await websocket.send_denial_response(Response(status_code=403, headers=FOR_NOW))
            return
        if why := self._find_refusal_reason():
            log.info("handshake refused: %s", why)
            self._services.metrics.emit(Measured("CallsRefused"))
            await websocket.send_denial_response(Response(status_code=503, headers=FOR_NOW))
            return
        call = Call(websocket, self._services, self._places)
        self._streams.add(call)
        try:
            await call.run()
        finally:
            self._streams.discard(call)
            self._places.free(call)

    def _find_refusal_reason(self) -> str:
        """Why another container has to take the stream; "" if this one can."""
        if self.closed:
            return "the process is about to end"
        if self._places.full:
            return f"{self.calls} calls are in progress"
        most_ms = self._settings.max_lag_ms
        if self.calls and most_ms and self.lag.ms > most_ms:  # without calls there is nobody to hurt
            return f"the event loop is {self.lag.ms:.0f} ms late with {self.calls} calls in progress"
        return ""
