"""Orders to calls that reach nobody."""

from console.board.actions import ActionError, Actions, Destination, Told


class NotedActions(Actions):
    """`problem`: each of them fails, and says this."""

    def __init__(self, problem: str = "") -> None:
        self.done: list[tuple[str, ...]] = []
        self._problem = problem

    async def list_destinations(self) -> list[Destination]:
        self._fail()
        return [
            Destination("front_desk", "<b>Anna</b>", True),
            Destination("night_desk", "", False),
            Destination("workshop", "The mechanics", True),
        ]

    async def put_through(self, call_sid: str, destination: str, request_id: str) -> Told:
        self._fail()
        self.done.append((call_sid, destination, request_id))
        return Told(True, "It rings.")

    async def say_goodbye(self, call_sid: str, request_id: str) -> Told:
        self._fail()
        self.done.append((call_sid, request_id))
        return Told(True, "Goodbye is said.")

    def _fail(self) -> None:
        if self._problem:
            raise ActionError(self._problem)
