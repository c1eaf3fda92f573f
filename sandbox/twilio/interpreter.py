"""Runs TwiML documents on a call: one verb after the other, and from document to document.

A verb that is over leaves the next verb (None), another document, or the reason why the call ends. Whatever cannot
be fetched or executed goes to the fallback URL, once a call; without one the caller hears the application error.
"""

import asyncio
from collections.abc import Callable, Coroutine

from sandbox.twilio import errors
from sandbox.twilio.calls import Call
from sandbox.twilio.commands import Program
from sandbox.twilio.dialling import dial
from sandbox.twilio.errors import TwilioError, TwimlError
from sandbox.twilio.events import ErrorLogged, HangUpBy, VerbStarted
from sandbox.twilio.media_verbs import gather, pause, play, record, say, say_application_error
from sandbox.twilio.parameters import call_parameters
from sandbox.twilio.queues import LeftError, enqueue
from sandbox.twilio.streaming import connect
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
    Reject,
    Ringable,
    Say,
    Verb,
)  # fmt: skip

Following = Document | HangUpBy | None
Fetch = Callable[[Call], Coroutine[None, None, Document]]


def running(fetch: Fetch, *, may_dial: bool = True) -> Program:
    """A program that fetches a document and executes it to its end, which ends the call."""

    async def program(call: Call) -> HangUpBy:
        return await interpret(call, fetch, may_dial=may_dial) or "document"

    return program


def document_at(url: str, method: str = "POST") -> Fetch:
    async def fetch(call: Call) -> Document:
        return await call.fetch(url, method, call_parameters(call))

    return fetch


def document_given(document: Document) -> Fetch:
    async def fetch(_: Call) -> Document:
        return document

    return fetch


def _screened(noun: Ringable, document: Document) -> Program:
    """What a dialled leg runs: its whisper, if it has one, and then it waits to be bridged."""

    async def program(leg: Call) -> HangUpBy:
        if noun.url is not None:
            whisper = document_at(document.absolute(noun.url), noun.method)
            refused = await interpret(leg, whisper, may_dial=False)
            if refused is not None:
                return refused
        leg.ready.set()
        await asyncio.get_running_loop().create_future()
        raise AssertionError("this future is never done")

    return program


async def interpret(call: Call, fetch: Fetch, *, may_dial: bool = True) -> HangUpBy | None:
    """Execute what `fetch` gets, until no verb is left (None) or the call must end (the reason)."""
    try:
        return await _execute(call, await fetch(call), may_dial=may_dial)
    except TwilioError as error:
        call.note(ErrorLogged(error.code, error.detail))
        failure = error
    if call.fallback is not None:
        fallback, call.fallback = call.fallback, None
        details = {"ErrorCode": str(failure.code), "ErrorUrl": call.document_url or ""}
        try:
            parameters = call_parameters(call) | details
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
        case Connect():
            return await connect(call, verb, document)
        case Dial():
            return await dial(call, verb, document, _screened)
        case Enqueue():
            return await enqueue(call, verb, document, _entertain)
        case Leave():
            raise LeftError
        case Redirect():
            return await call.fetch(document.own_or(verb.text), verb.method, call_parameters(call))
        case Hangup():
            return "document"
        case Reject():
            return "reject"
        case Gather():
            return await gather(call, verb, document)
        case Record():
            return await record(call, verb, document)
        case Say() | Play() | Pause():
            await _sound(call, verb, document)
            return None


async def _entertain(call: Call, url: str, method: str) -> None:
    """What a caller in a queue hears: the document at `url`, again and again, until it raises `LeftError`."""
    while True:
        if await _execute(call, await call.fetch(url, method, call_parameters(call)), may_dial=False):
            raise TwimlError(errors.AGAINST_SCHEMA, "a hang-up in the document of a waitUrl is not simulated")


async def _sound(call: Call, verb: Say | Play | Pause, document: Document) -> None:
    match verb:
        case Say():
            await say(call, verb)
        case Play():
            await play(call, verb, document)
        case Pause():
            await pause(call, verb)
