"""DynamoDB and Secrets Manager of the sandbox's cloud: moto, one request at a time.

moto's DynamoDB is not atomic when several threads use it, and a claim of Warmline is a conditional write: one
thread makes it so. Expired items are never deleted. https://docs.getmoto.org

What moto keeps, it keeps in one registry for the whole process, and `mock_aws()` empties that registry. So a store
lays its account there only while it answers a request, and keeps it itself in between.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import msgspec
from moto.backends import get_backend
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.moto_server.werkzeug_app import create_backend_app
from starlette.requests import Request
from starlette.responses import Response
from werkzeug.test import EnvironBuilder, run_wsgi_app

from sandbox.aws.faults import Fails, Fault, Throttles, wait_out


class Store:
    """One of moto's services. `fault` may be set from anywhere."""

    def __init__(
        self, service: Literal["dynamodb", "secretsmanager"], account_id: str, thread: ThreadPoolExecutor
    ) -> None:
        self.fault: Fault | None = None
        self._app = create_backend_app(service)
        self._registry: BackendDict[Any] = get_backend(service)  # Any: the service's own class, never looked at here
        self._account_id = account_id  # keeps the items of several clouds in one process apart
        self._account: AccountSpecificBackend[Any] | None = None
        """All items, between two requests; None: there has been no request."""
        self._thread = thread

    async def answer(self, request: Request) -> Response:
        """The answer of the service to one request."""
        body = await request.body()
        match self.fault:
            case Fails(reason):
                return _make_error(500, "InternalServerError", reason)
            case Throttles():
                return _make_error(400, "ThrottlingException", "Rate of requests exceeds the allowed throughput.")
            case fault:
                await wait_out(fault)
        headers = dict(request.headers) | {"x-moto-account-id": self._account_id}
        url = str(request.url)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask_moto, url, headers, body)

    def _ask_moto(self, url: str, headers: dict[str, str], body: bytes) -> Response:
        environ = EnvironBuilder(method="POST", base_url=url, headers=list(headers.items()), data=body).get_environ()
        if self._account is not None:
            self._registry[self._account_id] = self._account
        try:
            chunks, status, answered = run_wsgi_app(self._app, environ)
        finally:
            self._account = self._registry.pop(self._account_id, None)
        return Response(b"".join(chunks), int(status.split()[0]), headers=dict(answered))


def _make_error(status: int, kind: str, message: str) -> Response:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", "message": message}
    return Response(msgspec.json.encode(body), status, media_type="application/x-amz-json-1.0")
