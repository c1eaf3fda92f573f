"""Which files calls run with: those that are there when a call begins."""

import asyncio

from console.play.agent_files import AgentFiles, FileTimes
from console.play.telephones import CallRefused
from sandbox.installation import Installation
from sandbox.program import ProgramError


class RunningAgent:
    """The container and the transfer function that serve the next call.

    The installation began with the files as `times` says.
    """

    def __init__(self, files: AgentFiles, installation: Installation, times: FileTimes) -> None:
        self._files = files
        self._installation = installation
        self._times = times

    async def refresh(self) -> str | None:
        """Let the next call run with the files as they are now; only while there is no call.

        Returns the text of the directory if anything has changed. Raises CallRefused with what is wrong with them.
        """
        times = await asyncio.to_thread(self._files.read_times)
        dead = self._installation.container.status is not None
        if times == self._times and not dead:
            return None
        if faults := await self._files.check():
            raise CallRefused(faults)
        directory = self._files.directory.read_text()
        try:
            self._installation.deploy_functions(directory)
            await self._installation.start_container()
        except ProgramError as error:
            raise CallRefused(str(error)) from None
        self._times = times
        await self._stop_others()
        return directory

    async def _stop_others(self) -> None:
        """They have no call any more, and would only use memory."""
        newest = self._installation.container
        for container in [each for each in self._installation.ports if each is not newest and each.status is None]:
            await container.stop()
