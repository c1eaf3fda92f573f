"""Stand-ins for Lambda and DynamoDB that answer the container's requests at once.

Reads find nothing and writes succeed, so that a call runs the same code as in AWS and waits one round trip.
"""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

DESTINATIONS = [{"name": "desk", "description": "The front desk.", "open": True, "opens_at": None}]
EMPTY_QUERY = {"Items": [], "Count": 0, "ScannedCount": 0}


@dataclass(slots=True)
class CloudStats:
    transfers: list[tuple[str, int]] = field(default_factory=list)
    """Each is (CallSid, nanoseconds of the monotonic clock)."""


@asynccontextmanager
async def serve_cloud(stats: CloudStats) -> AsyncIterator[int]:
    """Serve both on one port of loopback, and yield the port."""

    async def handle_invocation(request: Request) -> Response:
        now_ns = time.monotonic_ns()
        invocation = json.loads(await request.body())
        if invocation["action"] == "destinations":
            return JSONResponse({"destinations": DESTINATIONS})
        stats.transfers.append((invocation["call_sid"], now_ns))
        return JSONResponse({"status": "moved"})

    async def handle_table_request(request: Request) -> Response:
        action = request.headers["x-amz-target"].rpartition(".")[2]
        return JSONResponse(EMPTY_QUERY if action == "Query" else {}, media_type="application/x-amz-json-1.0")

    routes = [
        Route("/2015-03-31/functions/{name}/invocations", handle_invocation, methods=["POST"]),
        Route("/", handle_table_request, methods=["POST"]),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_level="warning"))
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await serving
