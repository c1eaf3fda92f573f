"""What an inbound call runs: its voice webhook, with the mishaps that `Faults` can bring."""

import uuid

from sandbox.carrier.calls import Call
from sandbox.carrier.events import HangUpBy
from sandbox.carrier.interpreter import interpret
from sandbox.carrier.orders import Program
from sandbox.carrier.parameters import call_parameters
from sandbox.carrier.twiml import Document


def answering(voice_url: str) -> Program:
    """Ask `voice_url` what to do with the call, and do it."""

    async def program(call: Call) -> HangUpBy:
        token = str(uuid.uuid4())

        async def ask(call: Call) -> Document:
            lose = call.network.faults.lose_first_answer
            return await call.fetch(voice_url, "POST", call_parameters(call), token=token, lose_first=lose)

        return await interpret(call, ask) or "document"

    return program
