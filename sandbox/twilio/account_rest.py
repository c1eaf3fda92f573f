"""Twilio's REST API, as far as the account goes: its state, numbers, apps, caller IDs, permissions, recordings.

https://www.twilio.com/docs/iam/api/account, .../phone-numbers/api/incomingphonenumber-resource,
.../voice/api/outgoing-caller-ids, .../voice/api/recording, .../voice/api/dialingpermissions-country-resource. The last
of them is at voice.twilio.com, the others at api.twilio.com; here one server answers for both. Of a number only its
voice webhooks can be changed.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.not_simulated import NotSimulatedError
from sandbox.twilio import errors, recordings
from sandbox.twilio.account import Country, IncomingNumber
from sandbox.twilio.applications import TwimlApps
from sandbox.twilio.credentials import authenticate
from sandbox.twilio.errors import RestError
from sandbox.twilio.network import Network
from sandbox.twilio.resources import refuse
from sandbox.twilio.rest_features import check_resource, read_parameters

Body = dict[str, object]
_VOICE = "https://voice.twilio.com"


class Paged(msgspec.Struct, rename="pascal"):
    page_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50
    page: Annotated[int, msgspec.Meta(ge=0)] = 0

    def cut[T](self, everything: Sequence[T]) -> tuple[Sequence[T], str | None]:
        """The page, and the query of the next one."""
        end = (self.page + 1) * self.page_size
        asked = {name: value for name, value in msgspec.to_builtins(self).items() if value is not None}
        following = f"?{urlencode(asked | {'Page': self.page + 1})}" if end < len(everything) else None
        return everything[self.page * self.page_size : end], following


class ByName(Paged, rename="pascal"):
    friendly_name: str | None = None


class Update(msgspec.Struct, rename="pascal"):
    """None: is left as it is."""

    voice_url: str | None = None
    voice_method: Literal["GET", "POST"] | None = None
    voice_fallback_url: str | None = None
    voice_fallback_method: Literal["GET", "POST"] | None = None


def make_routes(network: Network, credentials: Mapping[str, str]) -> list[Route]:
    api = _AccountApi(network, credentials)
    account, countries = "/2010-04-01/Accounts/{account}", "/v1/DialingPermissions/Countries"
    return [
        Route(f"{account}.json", api.make_endpoint(api.fetch_account), methods=["GET"]),
        Route(f"{account}/IncomingPhoneNumbers.json", api.make_endpoint(api.list_numbers), methods=["GET"]),
        Route(f"{account}/IncomingPhoneNumbers/{{sid}}.json", api.make_endpoint(api.update_number), methods=["POST"]),
        Route(f"{account}/Applications.json", api.make_endpoint(api.list_applications), methods=["GET"]),
        Route(f"{account}/Applications.json", api.make_endpoint(api.create_application, success=201), methods=["POST"]),
        Route(f"{account}/Applications/{{sid}}.json", api.make_endpoint(api.fetch_application), methods=["GET"]),
        Route(f"{account}/Applications/{{sid}}.json", api.make_endpoint(api.update_application), methods=["POST"]),
        Route(f"{account}/Applications/{{sid}}.json", api.make_endpoint(api.delete_application), methods=["DELETE"]),
        Route(f"{account}/OutgoingCallerIds.json", api.make_endpoint(api.list_caller_ids), methods=["GET"]),
        Route(f"{account}/Recordings.json", api.make_endpoint(api.list_recordings), methods=["GET"]),
        Route(f"{account}/Recordings/{{sid}}.json", api.make_endpoint(api.delete_recording), methods=["DELETE"]),
        Route(countries, api.make_endpoint(api.list_countries), methods=["GET"]),
        Route(f"{countries}/{{iso}}/HighRiskSpecialPrefixes", api.make_endpoint(api.list_prefixes), methods=["GET"]),
    ]


class _AccountApi:
    def __init__(self, network: Network, credentials: Mapping[str, str]) -> None:
        self._network = network
        self._credentials = credentials
        self._applications = TwimlApps(network.account_sid, network.account.applications)

    def make_endpoint(
        self, act: Callable[[Request, dict[str, str]], Body | None], *, success: int = 200
    ) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint that authenticates, then acts on the parameters; None: the answer is 204."""

        async def endpoint(request: Request) -> Response:
            if (answer := self._network.account.answers) is not None:
                return Response(answer[1], answer[0], media_type="application/json")
            given = request.url.query.encode() if request.method == "GET" else await request.body()
            try:
                authenticate(request, self._network.account_sid, self._credentials)
                check_resource(request.method, request.url.path)
                body = act(request, dict(parse_qsl(given.decode(), keep_blank_values=True)))
                return Response(status_code=204) if body is None else JSONResponse(body, success)
            except (RestError, NotSimulatedError) as error:
                return refuse(error)

        return endpoint

    def fetch_account(self, request: Request, _: dict[str, str]) -> Body:
        account, sid = self._network.account, self._network.account_sid
        return {
            "sid": sid,
            "owner_account_sid": sid,
            "friendly_name": "Sandbox",
            "status": account.status,
            "type": account.type,
            "uri": request.url.path,
        }

    def list_numbers(self, request: Request, parameters: dict[str, str]) -> Body:
        page, following = read_parameters("GET IncomingPhoneNumbers", parameters, Paged).cut(
            self._network.account.numbers
        )
        shown = [self._to_number_resource(number) for number in page]
        return {"incoming_phone_numbers": shown, "next_page_uri": following and request.url.path + following}

    def list_applications(self, request: Request, parameters: dict[str, str]) -> Body:
        asked = read_parameters("GET Applications", parameters, ByName)
        page, following = asked.cut(self._applications.list(asked.friendly_name))
        return {"applications": page, "next_page_uri": following and request.url.path + following}

    def create_application(self, _: Request, parameters: dict[str, str]) -> Body:
        return self._applications.create(parameters)

    def fetch_application(self, request: Request, _: dict[str, str]) -> Body:
        return self._applications.fetch(request.path_params["sid"])

    def update_application(self, request: Request, parameters: dict[str, str]) -> Body:
        return self._applications.update(request.path_params["sid"], parameters)

    def delete_application(self, request: Request, _: dict[str, str]) -> None:
        self._applications.delete(request.path_params["sid"])

    def list_caller_ids(self, request: Request, parameters: dict[str, str]) -> Body:
        page, following = read_parameters("GET OutgoingCallerIds", parameters, Paged).cut(
            self._network.account.verified
        )
        shown = [{"phone_number": number, "friendly_name": number} for number in page]
        return {"outgoing_caller_ids": shown, "next_page_uri": following and request.url.path + following}

    def list_recordings(self, _: Request, parameters: dict[str, str]) -> Body:
        return recordings.list_recordings(self._network.account_sid, self._network.recordings, parameters)

    def delete_recording(self, request: Request, _: dict[str, str]) -> None:
        recordings.delete_recording(self._network.recordings, request.path_params["sid"])

    def update_number(self, request: Request, parameters: dict[str, str]) -> Body:
        given = read_parameters("POST IncomingPhoneNumbers/*", parameters, Update)
        sid = request.path_params["sid"]
        number = next((each for each in self._network.account.numbers if each.sid == sid), None)
        if number is None:
            raise RestError(404, errors.NOT_FOUND, f"The requested resource {request.url.path} was not found")
        for name, value in msgspec.structs.asdict(given).items():
            if value is not None:
                setattr(number, name, value)
        return self._to_number_resource(number)

    def list_countries(self, request: Request, parameters: dict[str, str]) -> Body:
        page, following = read_parameters("GET Countries", parameters, Paged).cut(self._network.account.countries)
        return _to_page([_to_country_resource(country) for country in page], request, following)

    def list_prefixes(self, request: Request, parameters: dict[str, str]) -> Body:
        operation = "GET Countries/*/HighRiskSpecialPrefixes"
        iso = request.path_params["iso"]
        found = next((each for each in self._network.account.countries if each.iso_code == iso), None)
        if found is None:
            raise RestError(404, errors.NOT_FOUND, f"The requested resource {request.url.path} was not found")
        page, following = read_parameters(operation, parameters, Paged).cut(found.special_prefixes)
        return _to_page([{"prefix": prefix} for prefix in page], request, following)

    def _to_number_resource(self, number: IncomingNumber) -> Body:
        return {
            "sid": number.sid,
            "account_sid": self._network.account_sid,
            "phone_number": number.phone_number,
            "friendly_name": number.phone_number,
            "capabilities": {"voice": number.voice, "sms": number.sms, "mms": False, "fax": False},
            "voice_url": number.voice_url,
            "voice_method": number.voice_method,
            "voice_fallback_url": number.voice_fallback_url,
            "voice_fallback_method": number.voice_fallback_method,
            "voice_application_sid": number.voice_application_sid,
            "trunk_sid": number.trunk_sid,
            "status": "in-use",
        }


def _to_page(page: list[Body], request: Request, following: str | None) -> Body:
    """A list of the newer APIs."""
    url = f"{_VOICE}{request.url.path}"
    return {"content": page, "meta": {"key": "content", "url": url, "next_page_url": following and url + following}}


def _to_country_resource(country: Country) -> Body:
    url = f"{_VOICE}/v1/DialingPermissions/Countries/{country.iso_code}"
    return {
        "iso_code": country.iso_code,
        "name": country.name,
        "continent": None,
        "country_codes": list(country.country_codes),
        "low_risk_numbers_enabled": country.low_risk,
        "high_risk_special_numbers_enabled": country.special,
        "high_risk_tollfraud_numbers_enabled": False,
        "url": url,
        "links": {"highrisk_special_prefixes": f"{url}/HighRiskSpecialPrefixes"},
    }
