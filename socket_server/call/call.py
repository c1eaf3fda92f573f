"""One call from handshake to close: who is admitted, what runs beside the audio, what is written at the end.

Everything a call starts lives in its task group. The model's socket is a spare one, or is opened at once, beside
Twilio's first messages, but it hears nothing until the stream's token was found good.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from call_record import Turn
from socket_server.aws import log_context
from socket_server.aws.call_log import read_past
from socket_server.call import tools
from socket_server.call.bridge import Bridge, SlowWork
from socket_server.call.model_line import ModelLine
from socket_server.call.services import Services
from socket_server.call.timer import now_ms
from socket_server.core.actions import Action, OpenModel, RecordTurn, RunTool, Transfer
from socket_server.core.conversation import Conversation
from socket_server.core.errors import ModelRefusedError, ProtocolError, TokenError
from socket_server.core.events import Draining, Event, ToolFinished, TransferFinished
from socket_server.core.function_calls import tool_turn
from socket_server.core.measures import Measures
from socket_server.core.opening import greet, resume
from socket_server.twilio.media_stream import MediaStreamWriter
from socket_server.twilio.socket import EXTENSION, PhoneSocket

START_SECONDS = 5.0  # Twilio sends `start` within milliseconds; somebody else may never send it
CLOSE_SECONDS = 2.0

NORMAL, REFUSED, DEFECT = 1000, 1008, 1011  # close codes

log = logging.getLogger(__name__)


class Call:
    """The life of one stream."""

    def __init__(self, websocket: WebSocket, services: Services) -> None:
        self._websocket = websocket
        self._services = services
        self._phone: PhoneSocket = websocket.scope["extensions"][EXTENSION]
        self._bridge = Bridge(
            self._phone,
            services.codec,
            self._start_work,
            services.metrics.emit,
            log_event_types=services.log_event_types,
            show_timing_math=services.show_timing_math,
        )
        self._calendar_ms = int(time.time() * 1000) - now_ms()  # zero of the call's clock
        self._call_sid = ""
        self._jti = ""
        self._measures: Measures
        self._context: Context
        self._tasks: asyncio.TaskGroup
        self._watching: asyncio.Task[None]
        """Done when the phone's socket is closed."""
        self._ends_with_call: set[asyncio.Task[object]] = set()

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
            async with asyncio.TaskGroup() as self._tasks:
                if not self._take_spare(self._bridge.line):
                    self._start_opening(self._bridge.line, fresh=True)
                self._watching = self._start(self._watch_phone(), self._bridge.phone_lost)
                code = await self._talk()
                self._bridge.close()
                for job in self._ends_with_call:
                    job.cancel()
                await self._close_phone(code)
        except Exception:  # a defect of ours must not take other calls along, and after-stream has to know of it
            log.exception("the call failed by a defect of ours")
            if self._jti:
                self._services.call_log.end_stream(self._call_sid, self._jti, "internal_error", 0)
                await self._services.call_log.written(self._call_sid)
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
        except (ProtocolError, TokenError, TimeoutError) as error:
            log.warning("stream refused: %s", str(error) or f"no `start` within {START_SECONDS} s")
            return REFUSED
        end = await self._bridge.ended
        told = {"end_reason": end.reason, "talked_ms": end.talked_ms, "cost_usd": round(self._measures.cost_usd, 6)}
        log.info("stream ended: %s after %d ms, %.4f USD", *told.values(), extra=told)
        self._services.call_log.end_stream(self._call_sid, self._jti, end.reason, end.talked_ms)
        # What was said is the memory of the next container, which Twilio may have found a moment after the close. Where
        # Twilio has closed the socket itself the place is free, whatever is still to be written.
        written = self._beside(self._services.call_log.written(self._call_sid))
        await asyncio.wait([written, self._watching], return_when=asyncio.FIRST_COMPLETED)
        return NORMAL

    async def _admit(self) -> None:
        """Check the token and begin the conversation; raises TokenError, ProtocolError or TimeoutError."""
        services = self._services
        known = self._beside(services.transfer_function.destinations())
        async with asyncio.timeout(START_SECONDS):
            started = await self._bridge.started
        started_ms = now_ms()
        self._call_sid = started.call_sid
        log_context.name(started.call_sid)
        admitted = await services.stream_auth.verify_token(started.token, started.call_sid)
        self._jti = admitted.jti
        read = self._beside(services.call_log.read(started.call_sid, again=admitted.again))
        if not await services.call_log.claim_stream(started.call_sid, self._jti, started.stream_sid):
            raise TokenError("the token was used by another stream")
        past, destinations = read_past(await read), await known
        names = tuple(destination.name for destination in destinations)
        opening = resume(services.agent, past, names) if past else greet(services.agent, names, services.recording)
        conversation = Conversation(
            services.agent, opening, started.stream_sid, now_ms(), self._bridge.quiet_ms, services.codec.capabilities
        )
        log.info("stream started: %s%s", started.stream_sid, ", resumed" if past else "")
        session = services.codec.start(tools.offers(services.agent, destinations))
        self._measures = Measures(conversation, services.tariff, started_ms)
        self._bridge.begin(conversation, self._measure, MediaStreamWriter(started.stream_sid), session)

    def _take_spare(self, line: ModelLine) -> bool:
        """Whether there was one."""
        spare = self._services.connector.take(line)
        if spare is not None:
            self._bridge.model_opened(line, spare, spare=True)
        return spare is not None

    def _start_opening(self, line: ModelLine, *, fresh: bool) -> None:
        self._start(self._open_model(line, fresh=fresh), partial(line.lose, "a defect of ours", hopeless=True))

    async def _open_model(self, line: ModelLine, *, fresh: bool) -> None:
        """A spare one, unless it is to be fresh."""
        if not fresh and self._take_spare(line):
            return
        try:
            socket = await self._services.connector.open(line)
        except ModelRefusedError as error:
            line.lose(str(error), hopeless=error.hopeless)
        else:
            self._bridge.model_opened(line, socket)

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

    # --- beside the audio

    def _start_work(self, work: SlowWork) -> None:
        match work:
            case OpenModel(fresh):
                self._start_opening(self._bridge.line, fresh=fresh)
            case RunTool():
                self._run_tool(work)
            case Transfer(request_id):
                failed = TransferFinished(request_id, "failed", "the transfer could not be made")
                self._start(self._transfer(work), partial(self._bridge.deliver, failed))
            case RecordTurn():
                self._record(work)

    def _start(self, job: Coroutine[None, None, None], if_it_fails: Callable[[], None]) -> asyncio.Task[None]:
        return self._beside(self._guarded(job, if_it_fails))

    def _beside[T](self, job: Coroutine[None, None, T]) -> asyncio.Task[T]:
        """A task that ends with the call."""
        task = self._tasks.create_task(job)
        self._end_with_call(task)
        return task

    def _end_with_call[T](self, task: asyncio.Task[T]) -> None:
        self._ends_with_call.add(task)
        task.add_done_callback(self._ends_with_call.discard)

    async def _guarded(self, job: Coroutine[None, None, None], if_it_fails: Callable[[], None]) -> None:
        try:
            await job
        except Exception:  # it would end the whole group, and with it the call
            log.exception("a job beside the audio failed by a defect of ours")
            if_it_fails()

    def _run_tool(self, wish: RunTool) -> None:
        """Its answer goes to the record, also when the call has ended by then."""

        def finished(output: str) -> None:
            words = tool_turn(wish.name, wish.arguments, output)
            self._record(RecordTurn(now_ms(), "tool", words, words))
            self._bridge.deliver(ToolFinished(wish.call_id, output))

        context = tools.ToolContext(self._services.agent, self._call_sid)
        run, outlives_call = self._services.tool_runs.start(wish, context, finished)
        if not outlives_call:
            self._end_with_call(run)

    async def _transfer(self, wish: Transfer) -> None:
        function, destination = self._services.transfer_function, wish.destination or "the first open destination"
        known = not wish.destination or function.knows(wish.destination)  # else they are the model's own words
        log.info("transfer to %s asked for", destination if known else "an unknown destination")
        finished = await function.transfer(self._call_sid, wish)
        log.info("transfer: %s", finished.status)
        self._bridge.deliver(finished)

    def _record(self, turn: RecordTurn) -> None:
        row = Turn(self._calendar_ms + turn.at_ms, turn.speaker, turn.said, turn.heard)
        try:
            self._services.call_log.add_turn(self._call_sid, row)
        except Exception:  # a record is never worth a call
            log.exception("a turn was not taken over by a defect of ours")
