"""The JSON bodies of Twilio's REST API: the Call resource and errors.

Field by field as `examples` in Twilio's OpenAPI description (twilio-oai, `twilio_api_v2010.json`) show them.
"""

from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.responses import JSONResponse

from sandbox.not_simulated import NotSimulatedError
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import RestError
from sandbox.twilio.parameters import count_seconds

NOT_SIMULATED_STATUS = 501
_SUBRESOURCES = (
    "events", "notifications", "payments", "recordings", "siprec", "streams", "transcriptions",
    "user_defined_message_subscriptions", "user_defined_messages",
)  # fmt: skip


def to_call_resource(call: Call) -> dict[str, object]:
    """What create, fetch and update answer with."""
    account = call.network.account_sid
    path = f"/2010-04-01/Accounts/{account}/Calls/{call.sid}"
    return {
        "sid": call.sid,
        "account_sid": account,
        "parent_call_sid": call.parent_sid,
        "phone_number_sid": None,
        "from": call.from_,
        "from_formatted": call.from_,
        "to": call.to,
        "to_formatted": call.to,
        "direction": call.direction,
        "status": call.status,
        "answered_by": call.outcome.answered_by,
        "forwarded_from": call.parties.forwarded_from,
        "caller_name": None,
        "group_sid": None,
        "trunk_sid": None,
        "queue_time": str(call.times.queue_ms),
        "annotation": None,
        "api_version": "2010-04-01",
        **_to_times(call),
        "price": None,
        "price_unit": "USD",
        "uri": f"{path}.json",
        "subresource_uris": {name: f"{path}/{_to_camel_case(name)}.json" for name in _SUBRESOURCES},
    }


def _to_times(call: Call) -> dict[str, object]:
    times = call.times
    return {
        "date_created": _to_rfc2822(times.created_at),
        "date_updated": _to_rfc2822(times.ended_at or datetime.now(UTC)),
        "start_time": _to_rfc2822(times.created_at),
        "end_time": _to_rfc2822(times.ended_at),
        "duration": None if times.ended_at is None else str(count_seconds(call.talked_ms)),
    }


def _to_camel_case(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))


def to_error_resource(error: RestError) -> dict[str, object]:
    """The body of every answer that is no success."""
    return {
        "code": error.code,
        "message": error.detail,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }


def refuse(error: RestError | NotSimulatedError) -> JSONResponse:
    """The answer of whoever refuses: Twilio with its code, or the sandbox with a status that Twilio has not."""
    if isinstance(error, NotSimulatedError):
        return JSONResponse({"message": str(error), "status": NOT_SIMULATED_STATUS}, NOT_SIMULATED_STATUS)
    return JSONResponse(to_error_resource(error), error.status)


def _to_rfc2822(when: datetime | None) -> str | None:
    return None if when is None else format_datetime(when)
