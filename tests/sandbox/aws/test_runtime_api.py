"""The four routes over a socket, as a runtime uses them and as it should not."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.aws.invocation_outcome import Outcome
from sandbox.aws.runtime_api import MAX_RESPONSE_BYTES, Ready, RuntimeApi, RuntimeEvent, TooLarge

ORDER = RuntimeEvent("1", '{"a": 1}', "arn:of:it", 1_800_000_000_000, "Root=1-2-3")


@pytest.fixture
async def api() -> AsyncIterator[RuntimeApi]:
    api = RuntimeApi()
    await api.open()
    yield api
    await api.close()


@pytest.fixture
async def client(api: RuntimeApi) -> AsyncIterator[httpx.AsyncClient]:
    base_url = f"http://{api.address}/2018-06-01/runtime"
    async with httpx.AsyncClient(base_url=base_url, trust_env=False) as client:
        yield client


async def test_the_first_question_says_that_the_process_is_ready(api: RuntimeApi, client: httpx.AsyncClient) -> None:
    asking = asyncio.create_task(client.get("/invocation/next"))
    assert await api.reports.get() == Ready()
    api.put(ORDER)
    response = await asking
    assert (response.status_code, response.json()) == (200, {"a": 1})
    assert {name: value for name, value in response.headers.items() if name.startswith("lambda-")} == {
        "lambda-runtime-aws-request-id": "1",
        "lambda-runtime-deadline-ms": "1800000000000",
        "lambda-runtime-invoked-function-arn": "arn:of:it",
        "lambda-runtime-trace-id": "Root=1-2-3",
    }


@pytest.mark.parametrize(("kind", "failed"), [("response", False), ("error", True)])
async def test_an_answer_is_an_outcome(api: RuntimeApi, client: httpx.AsyncClient, kind: str, *, failed: bool) -> None:
    api.put(ORDER)
    await client.get("/invocation/next")
    response = await client.post(f"/invocation/1/{kind}", content='{"ü": 1}'.encode())
    assert (response.status_code, response.json()) == (202, {"status": "OK"})
    assert [api.reports.get_nowait(), api.reports.get_nowait()] == [Ready(), Outcome('{"ü": 1}', failed=failed)]


async def test_a_failure_of_the_import_is_an_outcome(api: RuntimeApi, client: httpx.AsyncClient) -> None:
    assert (await client.post("/init/error", content=b'{"errorType": "X"}')).status_code == 202
    assert api.reports.get_nowait() == Outcome('{"errorType": "X"}', failed=True)


async def test_an_answer_that_is_too_large_is_told_so(api: RuntimeApi, client: httpx.AsyncClient) -> None:
    api.put(ORDER)
    await client.get("/invocation/next")
    response = await client.post("/invocation/1/response", content=b"x" * (MAX_RESPONSE_BYTES + 1))
    assert (response.status_code, response.json()["errorType"]) == (413, "RequestEntityTooLarge")
    assert [api.reports.get_nowait(), api.reports.get_nowait()] == [Ready(), TooLarge()]


async def test_what_nobody_was_asked_for_is_refused(api: RuntimeApi, client: httpx.AsyncClient) -> None:
    api.put(ORDER)
    await client.get("/invocation/next")
    assert api.reports.get_nowait() == Ready()
    other = await client.post("/invocation/2/response", content=b"1")
    await client.post("/invocation/1/response", content=b"1")
    twice = await client.post("/invocation/1/response", content=b"2")
    late = await client.post("/init/error", content=b"{}")
    assert [other.status_code, twice.status_code, late.status_code] == [400, 400, 403]
    assert api.reports.get_nowait() == Outcome("1", failed=False)
    assert api.reports.empty()


async def test_a_process_that_waits_to_be_restored_goes_on(client: httpx.AsyncClient) -> None:
    assert (await client.get("/restore/next")).status_code == 200


@pytest.mark.parametrize("path", ["/invocation/1/stream", "/restore/error", "/", "/../../elsewhere"])
async def test_there_are_no_other_routes(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert (response.status_code, response.json()["errorType"]) == (404, "NotFound")


async def test_a_client_that_wants_no_second_answer_is_hung_up_on(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await client.get("/other", headers={"Connection": "close"})).status_code == 404
    assert (await client.get("/other")).status_code == 404
    assert caplog.records == []  # asyncio would log an error here


@pytest.mark.parametrize("garbage", [b"\x00\xff\r\n\r\n", b"GET", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"])
async def test_what_is_no_http_is_hung_up_on(api: RuntimeApi, client: httpx.AsyncClient, garbage: bytes) -> None:
    host, _, port = api.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(garbage)
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    assert (await client.get("/other")).status_code == 404


async def test_a_runtime_that_waits_is_hung_up_on_at_the_end() -> None:
    api = RuntimeApi()
    await api.open()
    async with httpx.AsyncClient(trust_env=False) as client:
        asking = asyncio.create_task(client.get(f"http://{api.address}/2018-06-01/runtime/invocation/next"))
        await api.reports.get()
        await api.close()
        with pytest.raises(httpx.TransportError):
            await asking


async def test_errors_say_what_was_wrong(client: httpx.AsyncClient) -> None:
    response = await client.post("/invocation/1/response", content=b"1")
    assert json.loads(response.content) == {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"}
