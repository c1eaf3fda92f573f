"""Asks the transfer function which person comes next, and gets the TwiML that rings him."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

logger = Logger(service="voice_webhook", child=True)


@dataclass(frozen=True, slots=True)
class Ring:
    """Answer Twilio with this."""

    document: str


@dataclass(frozen=True, slots=True)
class Closed:
    """Nobody is there; `then` is what the directory says comes instead: `message` or `continue`."""

    then: str


class People:
    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def next(self, call_sid: str, cause: str, destination: str, request_id: str) -> Ring | Closed | None:
        """Who comes next; the same `request_id` gets the same answer. None: the function is of no help."""
        request = {"action": "next", "call_sid": call_sid, "cause": cause, "request_id": request_id}
        if destination:
            request["destination"] = destination
        try:
            response = self._client.invoke(FunctionName=self._function, Payload=json.dumps(request).encode())
            answer = json.loads(response["Payload"].read())
        except (BotoCoreError, ClientError, ValueError):
            logger.exception("The transfer function could not be invoked")
            return None
        match answer:
            case {"status": "twiml", "twiml": str(document)}:
                return Ring(document)
            case {"status": "closed", "then": str(then)}:
                return Closed(then)
        logger.error("The transfer function was of no help", extra={"answer": str(answer)[:500]})
        return None
