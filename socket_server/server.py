"""The server that runs the application: uvicorn. After SIGTERM it must end, but only after its calls.

uvicorn by itself closes every WebSocket at once, with 1012, in the middle of a word. This server accepts no more
streams and lets the talks go on for at most `DRAIN_SECONDS`. Each remaining call then continues in another container,
from a pause in the talk on. A second signal ends all calls at once; they are recorded and closed as always. The health
check answers until the end, because a task that fails it is killed with all its calls.

ECS sends SIGTERM when it stops a task (also with StopTask, for retirement and for an unhealthy one, where the load
balancer does not wait for calls before) and SIGKILL `stopTimeout` later, 120 s at the most:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_timeout
"""

import asyncio
import logging
import signal
from contextvars import Context
from types import FrameType

import uvicorn

from socket_server.admission_control import AdmissionControl
from socket_server.call.timer import now_ms
from socket_server.core.events import Draining

# How long a call is looked at for a pause: most answers take less. The longest DRAIN_SECONDS of 110, these 5, the
# second in which a call's end is recorded (`call_log.END_SECONDS`), the one for tools (`tool_runs.CLOSE_SECONDS`) and
# the two in which the record writer writes what is left (`record_writer.CLOSE_SECONDS`) make 119 of the 120 s of
# `stopTimeout`.
PAUSE_MS = 5000
# No call is left when uvicorn closes the rest: a health check, or a phone that does not accept its close frame.
LAST_SECONDS = 3

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """Ends with status 0 after a signal, when there is no stream any more."""

    def __init__(self, config: uvicorn.Config, admission_control: AdmissionControl, drain_seconds: int) -> None:
        super().__init__(config)
        self._admission_control = admission_control
        self._drain_ms = drain_seconds * 1000

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """A signal came. uvicorn would remember it, to end the process with it at the end."""
        # Python may be in the middle of anything, so the loop does the rest; it runs as long as this is called.
        # In a new context: these log lines belong to no call, whichever call Python was working on.
        asyncio.get_running_loop().call_soon_threadsafe(self._end, signal.Signals(sig).name, context=Context())

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end now."""
        over = await super().on_tick(counter)
        return over or (self._admission_control.closed and not self._admission_control.streams)

    def _end(self, why: str) -> None:
        admission_control, now = self._admission_control, now_ms()
        if admission_control.closed:
            log.warning("%s again: %d calls go on elsewhere at once", why, admission_control.calls)
            admission_control.close(Draining(now, now))
        else:
            seconds = self._drain_ms // 1000
            log.info(
                "%s: draining, %d calls have %d s to end, or until asked again", why, admission_control.calls, seconds
            )
            admission_control.close(Draining(now + self._drain_ms, now + self._drain_ms + PAUSE_MS))
