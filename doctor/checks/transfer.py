"""Whether the transfer function would move a call: a dry run, which contacts nobody."""

import json
from collections.abc import Iterator
from typing import Any

import routes
from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import DeployedDestinations, Stack
from doctor.findings import Finding, fail, ok, warn
from doctor.twiml import parse_twiml

_LOG = "see the log of {} in CloudWatch"


def check_transfer(context: Context) -> Iterator[Finding]:
    stack = context.facts.get(Stack)
    name = stack.outputs["TransferFunction"]
    known = _invoke(context, name, {"action": "destinations"}).get("destinations")
    if not isinstance(known, list) or not all(isinstance(each, dict) and "name" in each for each in known):
        yield fail(f"{name} did not list its destinations", _LOG.format(name))
        return
    context.facts.add(DeployedDestinations(tuple(str(each["name"]) for each in known)))
    request = {"action": "transfer", "call_sid": context.call_sid, "request_id": "doctor", "dry_run": True}
    yield _check_dry_run(name, _invoke(context, name, request), stack)


def _invoke(context: Context, name: str, request: dict[str, object]) -> dict[str, Any]:
    """The function's answer. Raises `DoctorError` with the function's own error message if it failed."""
    response = context.aws.lambda_.invoke(FunctionName=name, Payload=json.dumps(request).encode())
    try:
        answer = json.loads(response["Payload"].read())
    except ValueError:
        raise DoctorError(f"{name} answered with something other than JSON", _LOG.format(name)) from None
    if not isinstance(answer, dict):
        raise DoctorError(f"{name} answered with {type(answer).__name__}, not with an object", _LOG.format(name))
    if response.get("FunctionError"):
        said = f"{answer.get('errorType')}: {answer.get('errorMessage')}"
        raise DoctorError(f"{name} fails: {said}", f"correct what it names and deploy again; {_LOG.format(name)}")
    return answer


def _check_dry_run(name: str, answer: dict[str, Any], stack: Stack) -> Finding:
    match answer:
        case {"status": "moved", "dry_run": True, "destination": destination, "twiml": str(twiml)}:
            return _check_twiml(f"{name} would move a call to {destination}", twiml, stack)
        case {"status": "closed"}:
            opens = f"the first opens {answer['opens']}" if answer.get("opens") else "none ever opens"
            return warn(f"{name} works, but every destination is closed now: {opens}", "try again in opening hours")
        case {"status": str(status)}:
            error = answer.get("error", "without a reason")
            return fail(f"{name} would not move a call: {status}, {error}", _LOG.format(name))
        case _:
            return fail(f"{name} answered a dry run in an unknown form", _LOG.format(name))


def _check_twiml(message: str, twiml: str, stack: Stack) -> Finding:
    root = parse_twiml(twiml, message.partition(" ")[0])
    origin = stack.voice_url.removesuffix(routes.INCOMING)
    for verb in root:
        action = verb.get("action", "")
        if verb.tag in ("Dial", "Enqueue") and not action.startswith(f"{origin}{routes.AFTER_DIAL}?"):
            return fail(
                f"{message}, but afterwards Twilio would ask {action or 'nobody'}, not {origin}", "deploy again"
            )
    return ok(f"{message} (a dry run: nobody was rung)")
