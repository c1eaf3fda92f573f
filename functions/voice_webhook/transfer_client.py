"""Asks the transfer function for the TwiML that rings the next person, and lets it tell people what they missed."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from call_record import About

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# The first attempt may use a connection that died while the function was idle. It fails although nothing is wrong.
ATTEMPTS = 2
CONNECT_S, READ_S = 0.3, 4.0
ATTEMPT_S = CONNECT_S + READ_S
# An asynchronous invocation is only put into a queue. The caller waits meanwhile.
NOTIFY_READ_S = 1.0
NOTIFY_S = ATTEMPTS * (CONNECT_S + NOTIFY_READ_S)

logger = Logger(service="voice_webhook", child=True)


@dataclass(frozen=True, slots=True)
class Ring:
    """Answer Twilio with this."""

    document: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody is left to be rung. The document says so and hangs up; it is used if there is nothing better."""

    document: str


@dataclass(frozen=True, slots=True)
class Closed:
    """Nobody is there. `then` is what the directory says instead: `message` or `continue`."""

    then: str


class TransferClient:
    """Makes its clients when they are needed, because that takes time and no call begins with a person.

    `queue` makes the client for what nobody waits for.
    """

    def __init__(
        self,
        client: "Callable[[], LambdaClient]",
        function: str,
        clock: Callable[[], float] = time.monotonic,
        *,
        queue: "Callable[[], LambdaClient] | None" = None,
    ) -> None:
        self._client = client
        self._queue = queue or client
        self._function = function
        self._clock = clock

    def next(
        self,
        call_sid: str,
        cause: str,
        destination: str,
        request_id: str,
        until: float = math.inf,
        *,
        again: str = "",
        dial: int = 0,
    ) -> Ring | Nobody | Closed | None:
        """The next person. It asks at most twice, and only if `until` leaves the time for it.

        The same `request_id` gets the same answer. `again`: the attempt whose people are rung once more, from its
        dial number `dial` on. None: the function gave no usable answer.
        """
        request: dict[str, object] = {"action": "next", "call_sid": call_sid, "cause": cause, "request_id": request_id}
        if destination:
            request["destination"] = destination
        if again:
            request |= {"again": again} | ({"dial": dial} if dial else {})
        return self._ask(request, until)

    def next_dial(
        self, call_sid: str, request_id: str, dial: int, until: float = math.inf
    ) -> Ring | Nobody | Closed | None:
        """The next person of the same attempt, by the number of its dial. It asks as `next` does."""
        return self._ask({"action": "next", "call_sid": call_sid, "request_id": request_id, "dial": dial}, until)

    def notify(self, call_sid: str, request_id: str, about: About, until: float = math.inf, **more: object) -> bool:
        """Let people be told about the attempt, without waiting for it. False: nobody will be told.

        It may be asked again: everybody is told once.
        """
        return self._send(
            {"action": "notify", "call_sid": call_sid, "request_id": request_id, "about": about} | more, until
        )

    def ring_on(self, call_sid: str, request_id: str, until: float = math.inf) -> bool:
        """Let the function do what is to be done about the attempt's legs, without waiting for it. As `notify`."""
        return self._send({"action": "ring_on", "call_sid": call_sid, "attempt": request_id}, until)

    def cancel(self, call_sid: str, request_id: str, reason: str, until: float = math.inf) -> bool:
        """Let nobody be rung any more, without waiting for it. As `notify`."""
        return self._send({"action": "cancel", "call_sid": call_sid, "attempt": request_id, "reason": reason}, until)

    def _send(self, event: dict[str, object], until: float) -> bool:
        """False: Lambda has not taken it."""
        payload = json.dumps(event).encode()
        for _ in range(ATTEMPTS):
            if self._clock() + NOTIFY_S > until:
                break
            try:
                self._queue().invoke(FunctionName=self._function, InvocationType="Event", Payload=payload)
            except (BotoCoreError, ClientError):
                logger.exception("The transfer function could not be told", extra={"of": event["action"]})
            else:
                return True
        return False

    def _ask(self, request: dict[str, object], until: float) -> Ring | Nobody | Closed | None:
        for _ in range(ATTEMPTS):
            if self._clock() + ATTEMPT_S > until:
                logger.error("There is no time left to ask the transfer function")
                break
            try:
                return self._invoke(request)
            except (BotoCoreError, ClientError, ValueError):
                logger.exception("The transfer function could not be invoked")
        return None

    def _invoke(self, request: dict[str, object]) -> Ring | Nobody | Closed | None:
        response = self._client().invoke(FunctionName=self._function, Payload=json.dumps(request).encode())
        answer = json.loads(response["Payload"].read())
        match answer:
            case {"status": "twiml", "twiml": str(document), "nobody": True}:
                return Nobody(document)
            case {"status": "twiml", "twiml": str(document)}:
                return Ring(document)
            case {"status": "closed", "then": str(then)}:
                return Closed(then)
        # Not the answer itself: it may quote a number.
        keys = sorted(answer) if isinstance(answer, dict) else type(answer).__name__
        said = {name: answer.get(name) for name in ("status", "errorType")} if isinstance(answer, dict) else {}
        logger.error("The transfer function was of no help", extra={"keys": keys} | said)
        return None
