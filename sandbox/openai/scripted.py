"""A behaviour for tests: says what the test tells it to say.

Most tests drive the session themselves:

    async with ModelServer(Scripted()) as model:
        session = await model.wait_for_session()
        await session.expect("session.update")
        await session.expect("response.create")
        await session.speak(audio, "Hello!")

A test of many calls gives the script that every session follows instead.
"""

from collections.abc import Awaitable, Callable

from sandbox.openai.session import Session


class Scripted:
    """Follows `script` in each session; without one it leaves everything to the test."""

    def __init__(self, script: Callable[[Session], Awaitable[None]] | None = None) -> None:
        self._script = script

    async def converse(self, session: Session) -> None:
        """See Behaviour."""
        if self._script is not None:
            await self._script(session)
