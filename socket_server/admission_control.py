"""Decides which streams are accepted: those that Twilio signed, as many as the process can serve, and none while it
drains."""

import logging

from starlette.responses import Response
from starlette.websockets import WebSocket

from socket_server.call.call import Call
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
        self._in_progress: set[Call] = set()
        self._services = services
        self._settings = settings

    @property
    def calls(self) -> int:
        """How many calls are in progress."""
        return len(self._in_progress)

    def close(self, draining: Draining) -> None:
        """Accept no stream any more; the calls in progress end by themselves or go on elsewhere, as the event says."""
        self.closed = True
        self._services.connector.close()
        for call in self._in_progress:
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
        call = Call(websocket, self._services)
        self._in_progress.add(call)
        log.info("calls in progress: %d", self.calls)
        try:
            await call.run()
        finally:
            self._in_progress.discard(call)
            log.info("calls in progress: %d", self.calls)

    def _find_refusal_reason(self) -> str:
        """Why another container has to take the stream; "" if this one can."""
        if self.closed:
            return "the process is about to end"
        if self.calls >= self._settings.max_calls:
            return f"{self.calls} calls are in progress"
        most_ms = self._settings.max_lag_ms
        if self.calls and most_ms and self.lag.ms > most_ms:  # without calls there is nobody to hurt
            return f"the event loop is {self.lag.ms:.0f} ms late with {self.calls} calls in progress"
        return ""
