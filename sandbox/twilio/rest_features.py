"""What a REST request asks for, by the names of `not_simulated.py`, and its parameters as a type.

Stricter than Twilio in one respect: a parameter that Twilio does not document is not ignored, but as little simulated
as those that it does.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from sandbox.not_simulated import NotSimulatedError, check_simulated
from sandbox.twilio import errors
from sandbox.twilio.errors import RestError
from sandbox.twilio.not_simulated import REST

_ACCOUNT = re.compile(r"/2010-04-01/(Accounts/[^/]+/)?|/v1/(DialingPermissions/)?")


def check_resource(method: str, path: str) -> None:
    """Raise `NotSimulatedError` for a request that Twilio answers."""
    check_simulated(((name, "") for name in list_names(method, path)), REST)


def list_names(method: str, path: str) -> Iterator[str]:
    """What the table may call this request: a resource that it is of, or the operation, each sid as "*" or as it is."""
    steps = _ACCOUNT.sub("", path.removesuffix(".json"), count=1).split("/")
    starred = ["*" if index % 2 else step for index, step in enumerate(steps)]
    for end in range(1, len(steps) + 1):
        yield "/".join(steps[:end])
        yield "/".join(starred[:end])
    yield f"{method} {'/'.join(steps)}"
    yield f"{method} {'/'.join(starred)}"


def read_parameters[T: msgspec.Struct](operation: str, given: Mapping[str, object], shape: type[T]) -> T:
    """Raises `RestError` (20001) for a wrong value, `NotSimulatedError` for a parameter that `shape` has not."""
    check_simulated(((f"{operation}?{name}", value) for name, value in given.items()), REST)
    _refuse_undocumented(operation, given, {field.encode_name for field in msgspec.structs.fields(shape)})
    try:
        return msgspec.convert(given, shape, strict=False)
    except msgspec.ValidationError as error:
        raise RestError(400, errors.BAD_PARAMETER, str(error)) from error


def _refuse_undocumented(operation: str, given: Iterable[str], known: set[str]) -> None:
    for name in given:
        if name not in known:
            raise NotSimulatedError(f"{operation}?{name}, which Twilio does not document")
