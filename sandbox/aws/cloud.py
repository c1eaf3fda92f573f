"""The piece of AWS that Warmline needs, on loopback: API Gateway, Lambda, DynamoDB, Secrets Manager, SNS, and what
AWS tells about an installation (`management.py`).

It serves from a thread and an event loop of its own, so that blocking SDK clients may be used in the thread
that made it.
"""

import asyncio
import os
import random
import socket
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypedDict

import uvicorn
from botocore.config import Config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.aws import topics
from sandbox.aws.api_gateway import Gateway
from sandbox.aws.functions import REGION, Function, RunningFunction
from sandbox.aws.lambda_api import PATH, LambdaApi
from sandbox.aws.management import SETTINGS_PATH, Management
from sandbox.aws.query_protocol import read_form
from sandbox.aws.stores import Store
from sandbox.aws.topics import Topics
from sandbox.loopback import make_listener

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_END_S = 60.0  # the servers give their clients a second, and processes of functions are killed


class ClientSettings(TypedDict):
    """Keywords of boto3 for a client of one cloud."""

    endpoint_url: str
    region_name: str
    aws_access_key_id: str
    aws_secret_access_key: str
    config: Config


class Cloud:
    """An account of its own. It has its addresses from the beginning, and serves while it is entered.

    `api_mapping` is "", or a slash and the key by which a domain leads to the HTTP API.
    """

    def __init__(self, api_mapping: str = "") -> None:
        self._account_id = f"{random.randrange(10**12):012}"  # noqa: S311 - not a secret
        self._gateway_socket, self._aws_socket = make_listener(), make_listener()
        self.gateway_origin = _read_origin(self._gateway_socket)  # takes HTTP requests for the API
        self.aws_origin = _read_origin(self._aws_socket)  # takes what SDKs send to Lambda and the others
        self.environment = _make_environment(self.aws_origin)  # settings with which an SDK finds this cloud
        self.functions: dict[str, RunningFunction] = {}
        self._routes: dict[str, RunningFunction] = {}
        self._moto_thread = ThreadPoolExecutor(1, "moto")
        self.dynamodb = Store("dynamodb", self._account_id, self._moto_thread)
        self.secrets = Store("secretsmanager", self._account_id, self._moto_thread)
        self.topics = Topics()
        self.management = Management()
        gateway = Gateway(self._routes, self._account_id, api_mapping)
        self._gateway_server = _make_server([Route("/{path:path}", gateway.answer, methods=_METHODS)])
        self._aws_server = _make_server(self._make_aws_routes())
        # A daemon: a program that was interrupted on its way out must not wait for a cloud that nobody tells to end.
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="cloud", daemon=True)

    def deploy(self, functions: Mapping[str, Function], routes: Mapping[str, str]) -> None:
        """Add functions, by name, and routes of the API: "METHOD /path" or "$default" -> name.

        A function takes the place of an earlier one of its name.
        """
        for name, function in functions.items():
            if name in self.functions:
                self.functions[name].update(function)
            else:
                self.functions[name] = RunningFunction(name, function, self._account_id, self.environment)
        for route, name in routes.items():
            self._routes[route] = self.functions[name]

    @property
    def client_settings(self) -> ClientSettings:
        """A client with these talks to this cloud, whatever proxies and accounts the developer's environment names."""
        return {
            "endpoint_url": self.aws_origin,
            "region_name": REGION,
            "aws_access_key_id": "sandbox",
            "aws_secret_access_key": "sandbox",
            "config": Config(proxies={}),
        }

    def create_topic(self, name: str) -> str:
        """A topic of SNS without subscriptions; returns its ARN."""
        arn = f"arn:aws:sns:{REGION}:{self._account_id}:{name}"
        self.topics.topics[arn] = topics.Topic()
        return arn

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gateway_server.should_exit = self._aws_server.should_exit = True
        self._thread.join(_END_S)
        self._moto_thread.shutdown()

    async def _serve(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._gateway_server.serve([self._gateway_socket]))
                group.create_task(self._aws_server.serve([self._aws_socket]))
        finally:
            for function in self.functions.values():
                await function.close()

    def _make_aws_routes(self) -> list[Route]:
        stores = {"DynamoDB_20120810": self.dynamodb, "secretsmanager": self.secrets}

        async def ask(request: Request) -> Response:
            target = request.headers.get("x-amz-target", "").partition(".")[0]
            if not target:
                form = await read_form(request)
                is_for_topics = form.get("Version") == topics.VERSION
                return await self.topics.answer(form) if is_for_topics else self.management.answer_query(form)
            if target == "AmazonEC2ContainerServiceV20141113":
                return await self.management.answer_ecs(request)
            if target not in stores:
                return Response(f"The sandbox's cloud has no such service: {target!r}", 501)
            return await stores[target].answer(request)

        invoke = LambdaApi(self.functions).invoke
        return [
            Route(PATH, invoke, methods=["POST"]),
            Route(SETTINGS_PATH, self.management.answer_account_settings, methods=["GET"]),
            Route("/", ask, methods=["POST"]),
        ]


def _read_origin(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def _make_environment(origin: str) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_CONFIG_FILE": os.devnull,  # the developer's own configuration is none of ours
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL_DYNAMODB": origin,
        "AWS_ENDPOINT_URL_LAMBDA": origin,
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": origin,
        "AWS_ENDPOINT_URL_SNS": origin,
    }


def _make_server(routes: list[Route]) -> uvicorn.Server:
    app = Starlette(routes=routes)
    config = uvicorn.Config(
        app, lifespan="off", ws="none", log_config=None, log_level="critical", timeout_graceful_shutdown=1
    )
    return uvicorn.Server(config)
