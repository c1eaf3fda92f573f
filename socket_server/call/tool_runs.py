"""The running tools of all calls of the process. A tool that has started is finished, even if its call has ended.

"Your booking is made" must not depend on who hangs up first, so a run belongs to the process and not to its call. It
has `tools.TOOL_SECONDS`. The end of the process stops tools that still run.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from socket_server.call import tools
from socket_server.call.tools import Tool, ToolContext
from socket_server.core.actions import RunTool
from socket_server.core.transfer_messages import refusal_output

CLOSE_SECONDS = 1.0  # of the process's last ones, see `server`

log = logging.getLogger(__name__)


class ToolRuns:
    """Owns every run of a tool, from its start to its end."""

    def __init__(self, table: Sequence[Tool[Any]] = tools.TOOLS) -> None:
        self._table = table
        self._running: set[asyncio.Task[None]] = set()
        self._tools: set[asyncio.Task[str]] = set()

    @property
    def stuck(self) -> int:
        """How many tools do not end although they were cancelled: asyncio cannot close its loop while they run."""
        return len(self._tools)

    def start(
        self, action: RunTool, context: ToolContext, finished: Callable[[str], None]
    ) -> tuple[asyncio.Task[None], bool]:
        """Run the tool, in the context of the call. `finished` gets the output once, whatever happens.

        Returns the run, which can be cancelled, and whether it outlives the call.
        """
        tool = tools.find(action.name, self._table)
        task = asyncio.get_running_loop().create_task(self._run(action, tool, context, finished))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task, tool is None or not tool.ends_with_call

    async def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """The process ends: wait this long, then cancel tools that still run."""
        if not self._running:
            return
        _, cut_off = await asyncio.wait(self._running, timeout=seconds)
        for task in cut_off:
            task.cancel()
        if cut_off:
            await asyncio.wait(cut_off, timeout=seconds)

    async def _run(
        self, action: RunTool, tool: Tool[Any] | None, context: ToolContext, finished: Callable[[str], None]
    ) -> None:
        output = refusal_output("the tool was cut off before it answered")
        try:
            output = await tools.run(action.name, action.arguments, context, self._table, owner=self._tools)
        except asyncio.CancelledError:
            log.warning("tool %s was cut off", tool.name if tool else "of an unknown name")
            raise
        except Exception:  # nobody waits for the task: the call has to hear of it
            log.exception("a tool failed by a defect of ours")
            output = refusal_output("the tool failed")
        finally:
            finished(output)
