"""Every request that the twilio library makes of the account's API and of the voice API, with its parameters."""

import inspect
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.base.instance_context import InstanceContext
from twilio.base.list_resource import ListResource
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

SID = "SID"
_OPERATIONS = ("create", "delete", "fetch", "stream", "update")
_PAGING = ("limit", "page_size")


def list_requests() -> list[tuple[str, str, frozenset[str]]]:
    """Method, path with `SID` for every sid, and the names of the parameters."""
    client = _RecordingClient()
    api = Client("AC" + "0" * 32, "token", http_client=client)
    seen: set[type] = set()
    for start in (api.api.v2010.accounts, *_list_resources(api.voice.v1)):
        _ask_everything(start, seen)
    return client.requests


class _RecordingClient(HttpClient):  # type: ignore[misc]  # the library says nothing of its type
    def __init__(self) -> None:
        self.requests: list[tuple[str, str, frozenset[str]]] = []

    def request(self, method: str, url: str, params: Any = None, data: Any = None, **_: object) -> Response:
        self.requests.append((method, url.split(".twilio.com")[1], frozenset(params or data or ())))
        return Response(404, "{}")


def _ask_everything(resource: object, seen: set[type]) -> None:
    if type(resource) in seen:
        return
    seen.add(type(resource))
    for name in _OPERATIONS:
        if (operation := getattr(resource, name, None)) is not None:
            _ask(operation)
    for below in _list_resources(resource):
        _ask_everything(below, seen)
    if isinstance(resource, ListResource) and callable(resource):
        _ask_everything(resource(*[SID] * len(inspect.signature(resource).parameters)), seen)


def _ask(operation: Any) -> None:
    parameters = [name for name in inspect.signature(operation).parameters if name not in _PAGING]
    # The answer is no resource, which the library says in many ways.
    with suppress(TwilioException, StopIteration, KeyError, TypeError, ValueError):
        answer = operation(**dict.fromkeys(parameters, SID))
        if inspect.isgenerator(answer):
            next(answer)


def _list_resources(owner: object) -> Iterator[object]:
    for name, member in inspect.getmembers(type(owner)):
        if isinstance(member, property):
            value = getattr(owner, name)
            if isinstance(value, ListResource | InstanceContext):
                yield value
