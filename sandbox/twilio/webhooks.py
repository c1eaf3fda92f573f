"""Twilio's requests to a web server: signed, sent once, and asked again as the connection overrides say.

https://www.twilio.com/docs/usage/webhooks/webhooks-security and .../webhooks-connection-overrides. Budgets are real
seconds. Simpler than Twilio: one TCP attempt instead of two, and of the overrides in the URL's fragment only `rc`
(retries, 1), `rp` (what is retried: `ct`, `4xx`, `5xx`, `rt`, `all`), `ct` and `rt` count. Redirects are not simulated.
"""

import asyncio
import itertools
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

import httpx
from twilio.request_validator import RequestValidator

from sandbox.not_simulated import check_simulated
from sandbox.twilio import errors
from sandbox.twilio.errors import WebhookError
from sandbox.twilio.events import ErrorLogged, Event, WebhookAnswered, WebhookPosted
from sandbox.twilio.not_simulated import ANSWERS
from sandbox.twilio.routes import Routes

CONNECT_S = 5.0
BUDGET_S = 15.0
Note = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Overrides:
    retries: int
    policy: str
    connect_s: float
    budget_s: float


class Webhooks:
    """`validator` signs with the account's token; `budget_s` is what one attempt may take."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        routes: Routes,
        validator: RequestValidator,
        budget_s: float = BUDGET_S,
    ) -> None:
        self._client = client
        self._routes = routes
        self._validator = validator
        self._budget_s = budget_s

    async def request(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str],
        note: Note,
        *,
        token: str | None = None,
        lose_first: bool = False,
    ) -> Answer:
        """The answer, of any status below 400; raises `WebhookError` when there is none.

        `token` is the I-Twilio-Idempotency-Token, new if None. With `lose_first` the first answer is thrown away
        after the server gave it, and the request repeated.
        """
        overrides = self._read_overrides(url)
        token = token or str(uuid.uuid4())
        for attempt in itertools.count(1):
            try:
                answer = await self._attempt(method, url, parameters, note, token, attempt, overrides)
            except WebhookError as error:
                if attempt > overrides.retries or not _is_retried(error, overrides.policy):
                    raise
                note(ErrorLogged(error.code, error.detail))
                continue
            if lose_first and attempt == 1:
                note(ErrorLogged(errors.HTTP_NO_ANSWER, "the connection broke before the answer had arrived"))
                continue
            return answer
        raise AssertionError("it counts without end")

    async def _attempt(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str],
        note: Note,
        token: str,
        attempt: int,
        overrides: _Overrides,
    ) -> Answer:
        request = self._request(method, url, parameters, token, overrides)
        note(WebhookPosted(url, tuple(parameters.items()), attempt))
        began = time.monotonic()
        try:
            async with asyncio.timeout(overrides.budget_s):
                response = await self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise WebhookError(errors.HTTP_NO_ANSWER, f"no connection to {url}: {error}") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise WebhookTimeoutError(errors.HTTP_NO_ANSWER, f"no answer from {url} in time") from error
        except httpx.HTTPError as error:
            raise WebhookError(errors.HTTP_FAILURE, f"{url}: {error}") from error
        took_ms = int((time.monotonic() - began) * 1000)
        note(WebhookAnswered(url, response.status_code, response.text, took_ms))
        if response.is_redirect:
            check_simulated([("a redirect of a web server", "")], ANSWERS)
        if response.status_code >= 300:
            raise WebhookRefusedError(
                errors.HTTP_FAILURE, f"{url} answered {response.status_code}", response.status_code
            )
        return Answer(response.status_code, response.headers.get("content-type", ""), response.content)

    def _request(
        self, method: str, url: str, parameters: Mapping[str, str], token: str, overrides: _Overrides
    ) -> httpx.Request:
        public = url.partition("#")[0]
        if method == "GET" and parameters:
            public += ("&" if "?" in public else "?") + urlencode(parameters)
        destination = self._routes.resolve(public)
        if destination is None:
            raise WebhookError(errors.HTTP_NO_ANSWER, f"there is no host for {url}")
        signed = {} if method == "GET" else dict(parameters)
        return self._client.build_request(
            method,
            destination.url,
            data=signed or None,
            timeout=httpx.Timeout(overrides.budget_s, connect=overrides.connect_s),
            headers={
                "Host": destination.host,
                "User-Agent": "TwilioProxy/1.1",
                "Accept": "*/*",
                "X-Twilio-Signature": self._validator.compute_signature(public, signed),
                "I-Twilio-Idempotency-Token": token,
                **destination.forwarded,
            },
        )

    def _read_overrides(self, url: str) -> _Overrides:
        chosen = {name: values[0] for name, values in parse_qs(url.partition("#")[2]).items()}
        return _Overrides(
            retries=int(chosen.get("rc", "1")),
            policy=chosen.get("rp", "ct"),
            connect_s=float(chosen.get("ct", CONNECT_S * 1000)) / 1000,
            budget_s=min(self._budget_s, float(chosen.get("rt", BUDGET_S * 1000)) / 1000),
        )


class WebhookTimeoutError(WebhookError):
    """The server was reached and did not answer in time."""


class WebhookRefusedError(WebhookError):
    """The server answered, with `status`."""

    def __init__(self, code: int, detail: str, status: int) -> None:
        super().__init__(code, detail)
        self.status = status


def _is_retried(error: WebhookError, policy: str) -> bool:
    match error:
        case WebhookRefusedError(status=status):
            kind = f"{status // 100}xx"
        case WebhookTimeoutError():
            kind = "rt"
        case _:
            kind = "ct"
    return policy == "all" or kind in policy.split(",")
