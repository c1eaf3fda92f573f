"""Runs TwiML documents on a call: one verb after the other, and from document to document.

A verb that is over leaves the next verb (None), another document, or the reason why the call ends. Whatever cannot
be fetched or executed goes to the fallback URL, once a call; without one the caller hears the application error.
"""

import asyncio
from collections.abc import Callable, Coroutine

from sandbox.not_simulated import check_simulated
from sandbox.twilio import errors
from sandbox.twilio.application_leg import fetch_application
from sandbox.twilio.calls import Call
from sandbox.twilio.dial_verb import dial
from sandbox.twilio.errors import TwilioError, TwimlError
from sandbox.twilio.events import ErrorLogged, HangUpBy, VerbStarted
from sandbox.twilio.gather_verb import gather
from sandbox.twilio.media_verbs import pause, play, record, say, say_application_error
from sandbox.twilio.not_simulated import ANSWERS
from sandbox.twilio.nouns import Application, Dialled
from sandbox.twilio.queues import LeftError, enqueue
from sandbox.twilio.refer_verb import refer
from sandbox.twilio.streaming import connect, start, stop
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import (
    Connect,
    Dial,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Pause,
    Play,
    Record,
    Redirect,
    Refer,
    Reject,
    Say,
    Start,
    Stop,
    Verb,
)

Following = Document | HangUpBy | None
Fetch = Callable[[Call], Coroutine[None, None, Document]]


async def run(call: Call, fetch: Fetch) -> HangUpBy:
    """Fetch a document and execute it to its end, which ends the call."""
    return await interpret(call, fetch) or "document"


def make_fetch(url: str, method: str = "POST") -> Fetch:
    async def fetch(call: Call) -> Document:
        return await call.fetch(url, method, call.make_parameters())

    return fetch


def make_inline_fetch(document: Document) -> Fetch:
    async def fetch(_: Call) -> Document:
        return document

    return fetch


async def _run_dialled(leg: Call, noun: Dialled, document: Document) -> HangUpBy:
    """What a dialled leg runs: an app's document; or its whisper, if it has one, and then it waits to be bridged."""
    if isinstance(noun, Application):
        return await run(leg, lambda leg: fetch_application(leg, noun))
    if noun.url is not None:
        whisper = make_fetch(document.to_absolute(noun.url), noun.method)
        refused = await interpret(leg, whisper, may_dial=False)
        if refused is not None:
            return refused
    leg.signals.ready.set()
    await asyncio.get_running_loop().create_future()
    raise AssertionError("this future is never done")


async def interpret(call: Call, fetch: Fetch, *, may_dial: bool = True) -> HangUpBy | None:
    """Execute what `fetch` gets, until no verb is left (None) or the call must end (the reason)."""
    try:
        return await _execute(call, await fetch(call), may_dial=may_dial)
    except TwilioError as error:
        call.note(ErrorLogged(error.code, error.detail))
        failure = error
    if call.twiml.fallback is not None:
        fallback, call.twiml.fallback = call.twiml.fallback, None
        details = {"ErrorCode": str(failure.code), "ErrorUrl": call.twiml.document_url or ""}
        try:
            parameters = call.make_parameters() | details
            return await _execute(call, await call.fetch(fallback.url, fallback.method, parameters), may_dial=may_dial)
        except TwilioError as error:
            call.note(ErrorLogged(error.code, error.detail))
    await say_application_error(call)
    return "failure"


async def _execute(call: Call, document: Document, *, may_dial: bool) -> HangUpBy | None:
    following: Following = document
    while isinstance(following, Document):
        document = following
        if not document.verbs:
            call.answer()  # as for <Hangup/>: only <Reject> keeps Twilio from taking the call
        for verb in document.verbs:
            if isinstance(verb, Dial | Enqueue) and not may_dial:
                # Twilio has a code for <Dial> here; of <Enqueue> it is only believed that it may not be.
                code = errors.DIAL_IN_WHISPER if isinstance(verb, Dial) else errors.AGAINST_SCHEMA
                raise TwimlError(code, f"<{type(verb).__name__}> is not allowed here")
            following = await _perform(call, verb, document)
            if following is not None:
                break
        else:
            return None
    return following


async def _perform(call: Call, verb: Verb, document: Document) -> Following:
    call.note(VerbStarted(verb))
    if not (isinstance(verb, Reject) or (isinstance(verb, Dial) and verb.answer_on_bridge)):
        call.answer()
    match verb:
        case Dial():
            return await dial(call, verb, document, _run_dialled)
        case Enqueue():
            return await enqueue(call, verb, document, _run_wait_documents)
        case Leave():
            raise LeftError
        case Redirect():
            return await call.fetch(document.to_absolute_or_own(verb.text), verb.method, call.make_parameters())
        case Hangup() | Reject():
            call.twiml.returned = {each.name: each.value for each in verb.nested}
            return "document" if isinstance(verb, Hangup) else "reject"
        case Connect() | Gather() | Record() | Refer():
            return await _perform_and_ask(call, verb, document)
        case Say() | Play() | Pause() | Start() | Stop():
            await _perform_and_go_on(call, verb, document)
            return None


async def _run_wait_documents(call: Call, url: str, method: str) -> None:
    """What a caller in a queue hears: the document at `url`, again and again, until it raises `LeftError`."""
    while True:
        if await _execute(call, await call.fetch(url, method, call.make_parameters()), may_dial=False):
            check_simulated([("a hang-up in the document of a waitUrl", "")], ANSWERS)


async def _perform_and_ask(call: Call, verb: Connect | Gather | Record | Refer, document: Document) -> Document | None:
    """Verbs that their action's document can follow."""
    match verb:
        case Connect():
            return await connect(call, verb, document)
        case Gather():
            return await gather(call, verb, document)
        case Record():
            return await record(call, verb, document)
        case Refer():
            return await refer(call, verb, document)


async def _perform_and_go_on(call: Call, verb: Say | Play | Pause | Start | Stop, document: Document) -> None:
    """Verbs that only the next one can follow."""
    match verb:
        case Say():
            await say(call, verb)
        case Play():
            await play(call, verb, document)
        case Pause():
            await pause(call, verb)
        case Start():
            start(call, verb, document)
        case Stop():
            stop(call, verb)
