"""TwiML apps, as REST creates, lists, changes and deletes them.

https://www.twilio.com/docs/usage/api/applications. What they say of messages and of callbacks is not simulated.
"""

from dataclasses import asdict
from typing import Annotated

import msgspec

from sandbox.twilio import errors
from sandbox.twilio.account import TwimlApp
from sandbox.twilio.elements import Method
from sandbox.twilio.errors import RestError
from sandbox.twilio.rest_features import read_parameters

_LONGEST_NAME = 64


class Change(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    """Of create and update. None: is left as it is."""

    friendly_name: Annotated[str, msgspec.Meta(max_length=_LONGEST_NAME)] | None = None
    voice_url: str | None = None
    voice_method: Method | None = None
    voice_fallback_url: str | None = None
    voice_fallback_method: Method | None = None
    public_application_connect_enabled: bool | None = None


class TwimlApps:
    """Those of one account; each method returns a body, or raises `RestError`."""

    def __init__(self, account_sid: str, applications: list[TwimlApp]) -> None:
        self._account_sid = account_sid
        self._applications = applications

    def create(self, parameters: dict[str, str]) -> dict[str, object]:
        change = read_parameters("POST Applications", parameters, Change)
        application = TwimlApp()
        _apply(change, application)
        self._applications.append(application)
        return self._to_resource(application)

    def list(self, friendly_name: str | None) -> list[dict[str, object]]:
        """None: whatever their names are."""
        return [self._to_resource(each) for each in self._applications if friendly_name in (None, each.friendly_name)]

    def fetch(self, sid: str) -> dict[str, object]:
        return self._to_resource(self._find(sid))

    def update(self, sid: str, parameters: dict[str, str]) -> dict[str, object]:
        application = self._find(sid)
        _apply(read_parameters("POST Applications/*", parameters, Change), application)
        return self._to_resource(application)

    def delete(self, sid: str) -> None:
        self._applications.remove(self._find(sid))

    def _find(self, sid: str) -> TwimlApp:
        for each in self._applications:
            if each.sid == sid:
                return each
        raise RestError(404, errors.NOT_FOUND, f"The requested resource /Applications/{sid}.json was not found")

    def _to_resource(self, application: TwimlApp) -> dict[str, object]:
        path = f"/2010-04-01/Accounts/{self._account_sid}/Applications/{application.sid}.json"
        return {**asdict(application), "account_sid": self._account_sid, "api_version": "2010-04-01", "uri": path}


def _apply(change: Change, application: TwimlApp) -> None:
    for name, value in msgspec.structs.asdict(change).items():
        if value is not None:
            setattr(application, name, value)
