"""What can happen to a call, at the press of a button: the model's connection breaks, the container dies, AWS is slow.

Each fault is one that a stack can have. Some happen once. The others last until they are switched off, or until the
call is over, so that the next call begins on a healthy system.
"""

import signal
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.aws.faults import Fails, Slow
from sandbox.installation import Installation

TABLE_S = 3.0
"""Longer than the container and the functions wait for the table."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A button."""

    name: str
    title: str
    expected: str
    """What the caller should notice of it, and what Warmline does."""
    lasts: bool = False
    """It is switched on and off; otherwise it happens once."""


FAULTS = (
    Fault(
        "model_lost",
        "The model's connection breaks",
        "The assistant stops in the middle of the word. A new session, which knows what was said, takes its place.",
    ),
    Fault(
        "container_killed",
        "The container is killed",
        "The stream breaks. Twilio asks what comes next, and the call goes on in another container, with memory. "
        "It runs already, as the second one of a stack in production does.",
    ),
    Fault(
        "deploy",
        "A new version is deployed",
        "The old container waits for a pause in the talk; then the call goes on in the new one, with memory.",
    ),
    Fault(
        "table_slow",
        "The table is slow",
        f"Every request to DynamoDB takes {TABLE_S:.0f} s longer. The talk goes on; the record may lack rows.",
        lasts=True,
    ),
    Fault(
        "transfer_fails",
        "The transfer function fails",
        "Whoever asks for a person hears from the assistant that it did not work, and the talk goes on.",
        lasts=True,
    ),
    Fault(
        "nobody_answers",
        "Nobody answers",
        "The people's telephones ring on. Then the caller is back with the assistant, which knows that nobody came.",
        lasts=True,
    ),
)


class UnknownFaultError(Exception):
    """There is no such button; the message names them all."""


class WhatIf:
    """The buttons of one installation, in the loop of the installation.

    `lose_model` breaks every connection to the model; `let_ring` True keeps all people from answering. `note` is told
    what happens, in words for the timeline.
    """

    def __init__(
        self,
        installation: Installation,
        lose_model: Callable[[], None],
        let_ring: Callable[[bool], None],
        note: Callable[[str], None],
    ) -> None:
        self._installation = installation
        self._lose_model = lose_model
        self._let_ring = let_ring
        self._note = note
        self._lasting: set[str] = set()

    @property
    def lasting(self) -> frozenset[str]:
        """What is switched on."""
        return frozenset(self._lasting)

    async def press(self, name: str) -> None:
        """Let it happen; a lasting one is switched over. Raises `UnknownFaultError`, and `ProgramError` if no container
        comes up in the place of one that was ended.
        """
        fault = next((each for each in FAULTS if each.name == name), None)
        if fault is None:
            names = ", ".join(each.name for each in FAULTS)
            raise UnknownFaultError(f"There is no fault {name!r}: expected one of {names}.")
        over = name in self._lasting
        self._note(f"What if? {fault.title}{': no longer' if over else ''}")
        if fault.lasts:
            self._switch(name, on=not over)
        else:
            await self._happen(name)

    def switch_all_off(self) -> None:
        for name in tuple(self._lasting):
            self._switch(name, on=False)

    def _switch(self, name: str, *, on: bool) -> None:
        cloud = self._installation.cloud
        match name:
            case "table_slow":
                cloud.dynamodb.fault = Slow(TABLE_S) if on else None
            case "transfer_fails":
                cloud.functions["transfer"].fault = Fails() if on else None
            case "nobody_answers":
                self._let_ring(on)
            case _:
                raise AssertionError(f"{name} does not last")
        (self._lasting.add if on else self._lasting.discard)(name)

    async def _happen(self, name: str) -> None:
        before = self._installation.container
        match name:
            case "model_lost":
                self._lose_model()
            case "container_killed":
                await self._installation.start_container()
                before.kill()
            case "deploy":
                await self._installation.start_container()
                before.ask_to_end(signal.SIGTERM)
            case _:
                raise AssertionError(f"{name} lasts")
