"""The slow actions of the core: they run while the audio goes on, and their results come back to the bridge as
events."""

import asyncio
import logging
from functools import partial

from socket_server.call import tools
from socket_server.call.attempt_watch import watch_attempt
from socket_server.call.bridge import Bridge, SlowWork
from socket_server.call.model_line import ModelLine
from socket_server.call.recorder import Recorder
from socket_server.call.services import Services
from socket_server.call.tasks import CallTasks
from socket_server.call.timer import now_ms
from socket_server.core.actions import (
    CancelTransfer,
    Connect,
    OpenModel,
    RecordTurn,
    RunTool,
    StopWatching,
    Transfer,
    WatchAttempt,
)
from socket_server.core.attempt_events import AttemptChanged
from socket_server.core.errors import ModelRefusedError
from socket_server.core.events import ToolFinished, TransferFinished
from socket_server.core.tool_answers import make_turn

log = logging.getLogger(__name__)


class Work:
    """The slow actions of one call."""

    def __init__(self, services: Services, tasks: CallTasks, recorder: Recorder, bridge: Bridge) -> None:
        self._services = services
        self._tasks = tasks
        self._recorder = recorder
        self._bridge = bridge
        self._watching: asyncio.Task[None] | None = None

    def start(self, work: SlowWork) -> None:
        match work:
            case OpenModel(fresh):
                self._open_beside(self._bridge.line, fresh=fresh)
            case RunTool():
                self._run_tool(work)
            case Transfer(request_id):
                failed = TransferFinished(request_id, "failed", "the transfer could not be made")
                self._tasks.start_guarded(self._transfer(work), partial(self._bridge.deliver, failed))
            case Connect(request_id):
                failed = TransferFinished(request_id, "failed", "the transfer could not be made")
                self._tasks.start_guarded(self._connect(work), partial(self._bridge.deliver, failed))
            case WatchAttempt(request_id):
                self._watch(request_id)
            case StopWatching():
                if self._watching is not None:
                    self._watching.cancel()
            case CancelTransfer(_, reason):
                log.info("people who ring are called off: %s", reason)
                self._services.transfer_client.cancel(self._recorder.call_sid, work)
            case RecordTurn():
                self._recorder.add(work)

    def open_model(self) -> None:
        """The call begins: take a spare socket, or open one."""
        if not self._take_spare(self._bridge.line):
            self.open_early()

    def open_early(self) -> None:
        """Open a socket of its own for a stream that may become a call: the spare ones are for calls."""
        self._open_beside(self._bridge.line, fresh=True)

    def _open_beside(self, line: ModelLine, *, fresh: bool) -> None:
        broken = partial(line.lose, "a defect of ours", hopeless=True)
        self._tasks.start_guarded(self._open(line, fresh=fresh), broken)

    async def _open(self, line: ModelLine, *, fresh: bool) -> None:
        """Take a spare one, unless a fresh one is needed."""
        if not fresh and self._take_spare(line):
            return
        try:
            socket = await self._services.connector.open(line)
        except ModelRefusedError as error:
            line.lose(str(error), hopeless=error.hopeless)
        else:
            self._bridge.model_opened(line, socket)

    def _take_spare(self, line: ModelLine) -> bool:
        """Returns whether there was one."""
        spare = self._services.connector.take(line)
        if spare is not None:
            self._bridge.model_opened(line, spare, spare=True)
        return spare is not None

    def _watch(self, request_id: str) -> None:
        """Look on at the people who are rung, beside the audio."""
        deliver = self._bridge.deliver
        watch = watch_attempt(self._services.call_log, self._recorder.call_sid, request_id, deliver)
        failed = AttemptChanged(request_id, "failed", note="it is not known what became of them")
        self._watching = self._tasks.start_guarded(watch, partial(deliver, failed))

    def _run_tool(self, action: RunTool) -> None:
        """Run the tool. Its answer goes to the record, even if the call has ended by then."""

        def finish(output: str) -> None:
            words = make_turn(action.name, action.arguments, output)
            self._recorder.add(RecordTurn(now_ms(), "tool", words, words))
            self._bridge.deliver(ToolFinished(action.call_id, output))

        context = tools.ToolContext(self._services.agent, self._recorder.call_sid)
        run, outlives_call = self._services.tool_runs.start(action, context, finish)
        if not outlives_call:
            self._tasks.end_with_call(run)

    async def _transfer(self, action: Transfer) -> None:
        client, destination = self._services.transfer_client, action.destination or "the first open destination"
        known = not action.destination or client.knows(action.destination)  # else they are the model's own words
        log.info("transfer to %s asked for", destination if known else "an unknown destination")
        finished = await client.transfer(self._recorder.call_sid, action)
        log.info("transfer: %s", finished.status)
        self._bridge.deliver(finished)

    async def _connect(self, action: Connect) -> None:
        finished = await self._services.transfer_client.connect(self._recorder.call_sid, action)
        log.info("move to the person who waits: %s", finished.status)
        self._bridge.deliver(finished)
