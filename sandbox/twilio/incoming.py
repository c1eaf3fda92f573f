"""What an inbound call runs: its voice webhook, with the mishaps that `Faults` can bring."""

import asyncio
import uuid

from sandbox.twilio.call_tokens import make_call_token
from sandbox.twilio.caller_ids import is_number
from sandbox.twilio.calls import Call
from sandbox.twilio.events import ErrorLogged, HangUpBy, StreamStarted
from sandbox.twilio.interpreter import Fetch, interpret
from sandbox.twilio.streaming import SecondStreamRefusedError
from sandbox.twilio.twiml import Document


async def answer(call: Call, voice_url: str) -> HangUpBy:
    """Ask `voice_url` what to do with the call, and do it."""
    token, call_token = str(uuid.uuid4()), dict[str, str]()
    if is_number(call.from_):
        call_token = {"CallToken": make_call_token(call.sid, call.from_, call.to)}
        call.network.call_tokens[call_token["CallToken"]] = call.sid

    async def ask(call: Call) -> Document:
        lose = call.network.faults.lose_first_answer
        return await call.fetch(voice_url, "POST", call.make_parameters() | call_token, token=token, lose_first=lose)

    if call.network.faults.execute_both_answers:
        return await _execute_both(call, ask) or "document"
    return await interpret(call, ask) or "document"


async def _execute_both(call: Call, ask: Fetch) -> HangUpBy | None:
    """Two executions of one call. The second begins when the first streams, and replaces it by streaming itself;
    if its stream is refused, it is dropped. What the surviving one comes to is what the call comes to."""
    first = asyncio.ensure_future(interpret(call, ask))
    second = asyncio.ensure_future(_ask_again(call, ask))
    try:
        await asyncio.wait((first, second), return_when=asyncio.FIRST_COMPLETED)
        if first.done() and not first.cancelled():
            return first.result()
        try:
            return await second
        except SecondStreamRefusedError as refused:
            call.note(ErrorLogged(refused.failure.code, refused.failure.detail))
            return await first
    finally:
        for execution in (first, second):
            execution.cancel()
        await asyncio.wait((first, second))


async def _ask_again(call: Call, ask: Fetch) -> HangUpBy | None:
    async for event in call.network.events.watch():
        if event.call_sid == call.sid and isinstance(event.what, StreamStarted):
            break
    return await interpret(call, ask)
