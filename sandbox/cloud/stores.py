"""DynamoDB and Secrets Manager of the sandbox's cloud: moto, one request at a time.

moto's DynamoDB is not atomic when several threads use it, and a claim of Warmline is a conditional write: one
thread makes it so. Expired items are never deleted. https://docs.getmoto.org
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import msgspec
from moto.moto_server.werkzeug_app import create_backend_app
from starlette.requests import Request
from starlette.responses import Response
from werkzeug.test import EnvironBuilder, run_wsgi_app

from sandbox.cloud.faults import Fails, Fault, Silent, Slow, Throttles


class Store:
    """One of moto's services. `fault` may be set from anywhere."""

    def __init__(
        self, service: Literal["dynamodb", "secretsmanager"], account_id: str, thread: ThreadPoolExecutor
    ) -> None:
        self.fault: Fault | None = None
        self._app = create_backend_app(service)
        self._account_id = account_id  # keeps the items of several clouds in one process apart
        self._thread = thread

    async def answer(self, request: Request) -> Response:
        """The answer of the service to one request."""
        body = await request.body()
        match self.fault:
            case Fails(reason):
                return _error(500, "InternalServerError", reason)
            case Throttles():
                return _error(400, "ThrottlingException", "Rate of requests exceeds the allowed throughput.")
            case Silent():
                await asyncio.Event().wait()
            case Slow(seconds):
                await asyncio.sleep(seconds)
            case None:
                pass
        headers = dict(request.headers) | {"x-moto-account-id": self._account_id}
        url = str(request.url)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask_moto, url, headers, body)

    def _ask_moto(self, url: str, headers: dict[str, str], body: bytes) -> Response:
        environ = EnvironBuilder(method="POST", base_url=url, headers=list(headers.items()), data=body).get_environ()
        chunks, status, answered = run_wsgi_app(self._app, environ)
        return Response(b"".join(chunks), int(status.split()[0]), headers=dict(answered))


def _error(status: int, kind: str, message: str) -> Response:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", "message": message}
    return Response(msgspec.json.encode(body), status, media_type="application/x-amz-json-1.0")
