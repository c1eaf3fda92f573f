"""`<Gather>`: what the party answers with keys.

Simpler than Twilio: keys pressed before it are not kept for it.
"""

import asyncio

from sandbox.twilio.calls import Call
from sandbox.twilio.media_verbs import pause, play, say
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Gather, Pause, Play, Say


async def gather(call: Call, verb: Gather, document: Document) -> Document | None:
    """The document of the action if keys were pressed (or `actionOnEmptyResult`), else the next verb."""
    digits = await _collect(call, verb, document)
    if not digits and not verb.action_on_empty_result:
        return None
    parameters = call.make_parameters() | {"Digits": digits, "FinishedOnKey": ""}
    return await call.fetch(document.to_absolute_or_own(verb.action), verb.method, parameters)


async def _collect(call: Call, verb: Gather, document: Document) -> str:
    keys: asyncio.Queue[str] = asyncio.Queue()
    with call.line.taking_keys(keys.put_nowait):
        prompt = asyncio.ensure_future(_prompt(call, verb, document))
        first = asyncio.ensure_future(keys.get())
        try:
            await asyncio.wait((prompt, first), return_when=asyncio.FIRST_COMPLETED)
            if prompt.done():
                prompt.result()
        finally:
            prompt.cancel()  # a key interrupts what is said
            await asyncio.wait((prompt,))
        try:
            return await _collect_keys(call, verb, first, keys)
        finally:
            first.cancel()


async def _collect_keys(call: Call, verb: Gather, first: asyncio.Future[str], keys: asyncio.Queue[str]) -> str:
    """The digits until there are enough, the finishing key, or a pause of `timeout` seconds."""
    digits = ""
    try:
        async with call.network.clock.timeout(verb.timeout * 1000):
            digit = await first
        while digit != verb.finish_on_key:
            digits += digit
            if len(digits) == verb.num_digits:
                break
            async with call.network.clock.timeout(verb.timeout * 1000):
                digit = await keys.get()
    except TimeoutError:
        pass
    return digits


async def _prompt(call: Call, verb: Gather, document: Document) -> None:
    for nested in verb.nested:
        match nested:
            case Say():
                await say(call, nested)
            case Play():
                await play(call, nested, document)
            case Pause():
                await pause(call, nested)
