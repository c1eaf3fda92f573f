"""The doors that Twilio's streams come in by: signed by Twilio, as many as the process can serve."""

import logging

from starlette.responses import Response
from starlette.websockets import WebSocket

from socket_server.admission import Signatures
from socket_server.call import Call, Services

log = logging.getLogger(__name__)


class Doors:
    """Lets streams in and counts them."""

    def __init__(self, services: Services) -> None:
        self.calls = 0
        """How many calls are in progress."""
        self._services = services
        self._signatures = Signatures(services.settings.twilio_auth_token, services.settings.stream_url)

    async def media_stream(self, websocket: WebSocket) -> None:
        """One stream from its handshake to its end: 403 without Twilio's signature, 503 when the process is full."""
        if not self._signatures.valid(websocket.headers.get("x-twilio-signature")):
            log.warning("handshake refused: no valid signature for STREAM_URL")
            await websocket.send_denial_response(Response(status_code=403))
            return
        if self.calls >= self._services.settings.max_calls:
            log.warning("handshake refused: %d calls are in progress", self.calls)
            await websocket.send_denial_response(Response(status_code=503))
            return
        self.calls += 1
        log.info("calls in progress: %d", self.calls)
        try:
            await Call(websocket, self._services).run()
        finally:
            self.calls -= 1
            log.info("calls in progress: %d", self.calls)
