"""What an operator does to a live call: by the stack's transfer function, which they invoke with their credentials."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from console.record.aws_sentences import tell_error

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

REASON = "put through by an operator"
GONE = "The caller has hung up."


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it, in a sentence."""

    done: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Destination:
    name: str
    description: str
    open: bool


class ActionError(Exception):
    """It is not known whether anything was done; the message is one sentence for the user."""


class Actions:
    """Every method raises `ActionError`. The same `request_id` twice acts once."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    async def list_destinations(self) -> list[Destination]:
        """Whom a caller can be put through to, in the order of the directory."""
        answer = await self._invoke({"action": "destinations"})
        listed = answer.get("destinations")
        if not isinstance(listed, list):
            raise ActionError("The transfer function did not say whom a caller can be put through to.")
        return [
            Destination(str(each.get("name")), str(each.get("description", "")), each.get("open") is True)
            for each in listed
            if isinstance(each, dict)
        ]

    async def put_through(self, call_sid: str, destination: str, request_id: str) -> Told:
        """Ring the destination, and move the caller to where it rings."""
        event = {"action": "transfer", "destination": destination, "reason": REASON, "announce": True}
        answer = await self._invoke({"call_sid": call_sid, "request_id": request_id, **event})
        name = destination.replace("_", " ")
        match answer.get("status"):
            case "moved":
                return Told(True, f"{name} is being rung, and the caller hears that.")
            case "in_progress":
                return Told(False, "The caller is being put through already.")
            case "closed":
                opens = answer.get("opens")
                return Told(False, f"{name} is closed" + (f" and opens {opens}." if opens else "."))
            case "unknown_destination":
                return Told(False, f"The directory has no {name}: it was changed. Load this page again.")
        return _tell_others(answer)

    async def say_goodbye(self, call_sid: str, request_id: str) -> Told:
        """The caller hears a goodbye, and the call ends."""
        answer = await self._invoke({"action": "end", "call_sid": call_sid, "request_id": request_id})
        match answer.get("status"):
            case "moved":
                return Told(True, "The caller hears a goodbye, and the call ends.")
            case "in_progress":
                return Told(False, "The goodbye is being said already.")
        if "action: expected one of" in str(answer.get("error")):
            return Told(False, "The stack is of an older version that cannot say goodbye: deploy this version.")
        return _tell_others(answer)

    async def _invoke(self, event: Mapping[str, object]) -> Mapping[str, object]:
        try:
            return await asyncio.to_thread(self._ask, event)
        except (BotoCoreError, ClientError) as error:
            raise ActionError(tell_error(error)) from error

    def _ask(self, event: Mapping[str, object]) -> Mapping[str, object]:
        answer = self._client.invoke(FunctionName=self._function, Payload=json.dumps(event))
        told = _decode(answer["Payload"].read())
        if answer.get("FunctionError") or told is None:
            raise ActionError(f"The function {self._function} failed: its log has the reason.")
        return told


def _decode(payload: bytes) -> Mapping[str, object] | None:
    """None: no JSON object."""
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):  # garbage may be a list in a list, a thousand times
        return None
    return told if isinstance(told, dict) else None


def _tell_others(answer: Mapping[str, object]) -> Told:
    if answer.get("status") == "caller_gone":
        return Told(False, GONE)
    return Told(False, f"That did not work: {answer.get('error') or answer.get('status') or 'nobody knows why'}.")
