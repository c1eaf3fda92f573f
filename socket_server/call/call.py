"""One call from handshake to close: admission, the begin of the talk, its end.

Everything that a call starts belongs to its task group. The model's socket is a spare one, or is opened while Twilio's
first messages arrive, as far as `places` allows that. It hears nothing until the token of the stream is found valid.
"""

import asyncio
import logging
from contextlib import suppress
from contextvars import Context, copy_context

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from socket_server.aws import log_context
from socket_server.aws.call_log import read_past
from socket_server.call import tools
from socket_server.call.bridge import Bridge
from socket_server.call.places import START_SECONDS, Places
from socket_server.call.recorder import Recorder
from socket_server.call.services import Services
from socket_server.call.tasks import CallTasks
from socket_server.call.timer import now_ms
from socket_server.call.work import Work
from socket_server.core.actions import Action
from socket_server.core.conversation import Conversation
from socket_server.core.errors import NoPlaceError, ProtocolError, TokenError
from socket_server.core.events import Draining, Event
from socket_server.core.measures import Measured, Measures
from socket_server.core.opening import greet, resume
from socket_server.twilio.media_stream import MediaStreamWriter
from socket_server.twilio.socket import EXTENSION, PhoneSocket

CLOSE_SECONDS = 2.0

NORMAL, REFUSED, DEFECT, FULL = 1000, 1008, 1011, 1013  # close codes

log = logging.getLogger(__name__)


class Call:
    """The life of one stream."""

    def __init__(self, websocket: WebSocket, services: Services, places: Places) -> None:
        self._websocket = websocket
        self._services = services
        self._places = places
        self._phone: PhoneSocket = websocket.scope["extensions"][EXTENSION]
        self._bridge = Bridge(
            self._phone,
            services.codec,
            lambda work: self._work.start(work),
            services.metrics.emit,
            log_event_types=services.log_event_types,
            show_timing_math=services.show_timing_math,
        )
        self._tasks = CallTasks()
        self._recorder = Recorder(services.call_log)
        self._work = Work(services, self._tasks, self._recorder, self._bridge)
        self._measures: Measures
        self._context: Context
        self._watching: asyncio.Task[None]
        """Done when the phone's socket is closed."""

    async def run(self) -> None:
        """Accept the socket and stay until it is closed. Raises nothing."""
        log_context.begin()
        self._context = copy_context()
        self._phone.listen(self._bridge)
        try:
            await self._websocket.accept()
        except OSError:  # gone before the handshake was answered
            return
        try:
            async with self._tasks:
                self._watching = self._tasks.start_guarded(self._watch_phone(), self._bridge.phone_lost)
                code = await self._talk()
                self._bridge.close()
                self._tasks.cancel()
                await self._close_phone(code)
        except Exception:  # a defect of ours must not take other calls along, and after-stream has to know of it
            log.exception("the call failed by a defect of ours")
            if self._recorder.jti:
                self._recorder.end("internal_error", 0)
                await self._recorder.written()
            await self._close_phone(DEFECT)
        finally:
            self._bridge.close()

    def drain(self, draining: Draining) -> None:
        """The process has to go: the call goes on elsewhere at the time that the event says."""
        self._context.run(self._bridge.deliver, draining)  # timers and jobs that come of it are the call's

    async def _talk(self) -> int:
        """Admit the stream and stay until the core ends it; the code to close the phone's socket with."""
        try:
            await self._admit()
        except NoPlaceError as error:
            log.info("stream refused: %s", error)
            self._services.metrics.emit(Measured("CallsRefused"))
            return FULL
        except (ProtocolError, TokenError, TimeoutError) as error:
            log.warning("stream refused: %s", str(error) or f"no `start` within {START_SECONDS} s")
            if isinstance(error, TokenError):  # else they hung up, or it is no stream of ours
                self._services.metrics.emit(Measured("StreamsRefused"))
            return REFUSED
        end = await self._bridge.ended
        told = {"end_reason": end.reason, "talked_ms": end.talked_ms, "cost_usd": round(self._measures.cost_usd, 6)}
        log.info("stream ended: %s after %d ms, %.4f USD", *told.values(), extra=told)
        self._recorder.end(end.reason, end.talked_ms, self._measures.spent)
        # What was said is the memory of the next container, which Twilio may have found a moment after the close. Where
        # Twilio has closed the socket itself the place is free, whatever is still to be written.
        written = self._tasks.start(self._recorder.written())
        await asyncio.wait([written, self._watching], return_when=asyncio.FIRST_COMPLETED)
        return NORMAL

    async def _admit(self) -> None:
        """Check the token and begin the conversation; raises TokenError, ProtocolError,
        TimeoutError or NoPlaceError.
        """
        services = self._services
        known = self._tasks.start(services.transfer_client.destinations())
        async with self._places.waiting(self):
            if early := self._places.may_open_early(self, services.connector.spares):
                self._work.open_early()
            started = await self._bridge.started
            started_ms = now_ms()
            self._recorder.call_sid = started.call_sid
            log_context.name(started.call_sid)
            admitted = await services.stream_auth.verify_token(started.token, started.call_sid)
        self._places.take(self)
        if not early:
            self._work.open_model()
        self._recorder.jti = admitted.jti
        read = self._tasks.start(services.call_log.read(started.call_sid, again=admitted.again))
        if not await services.call_log.claim_stream(started.call_sid, admitted.jti, started.stream_sid):
            raise TokenError("the token was used by another stream")
        past, destinations = read_past(await read), await known
        if past:
            opening = resume(services.agent, past, destinations)
        else:
            opening = greet(services.agent, destinations, services.recording)
        conversation = Conversation(
            services.agent, opening, started.stream_sid, now_ms(), self._bridge.quiet_ms, services.codec.capabilities
        )
        log.info("stream started: %s%s", started.stream_sid, ", resumed" if past else "")
        session = services.codec.start(tools.list_offers(services.agent, destinations))
        self._measures = Measures(conversation, services.tariff, started_ms)
        self._bridge.begin(conversation, self._measure, MediaStreamWriter(started.stream_sid), session)

    async def _watch_phone(self) -> None:
        """Messages go straight to the bridge: all that comes this way is the end."""
        await self._websocket.receive()
        self._bridge.phone_lost()

    async def _close_phone(self, code: int) -> None:
        """Close the socket, in `CLOSE_SECONDS` for sure: a phone that does not read would stay for minutes."""
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._phone.abort)
        if self._websocket.client_state is self._websocket.application_state is WebSocketState.CONNECTED:
            with suppress(WebSocketDisconnect):
                await self._websocket.close(code)

    def _measure(self, event: Event, actions: list[Action], at_ms: int) -> None:
        try:
            for measured in self._measures.observe(event, actions, at_ms):
                self._services.metrics.emit(measured)
        except Exception:  # a measurement is never worth a call
            log.exception("measuring failed by a defect of ours")
