"""The pages over a real port: found at the printed address, ended at once, and one sentence if there is no port."""

import asyncio
import socket
import webbrowser
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from console.web.app import make_app
from console.web.event_stream import Pace
from console.web.serve import ServeError, open_browser, serve, serve_for_ever
from tests.console.calls_in_memory import CallsInMemory
from tests.console.example_call import SID, VIEW, view_at
from tests.console.example_pages import serve_example

SCREEN = {"DISPLAY": ":0"}


async def test_an_interrupted_program_closes_its_port_and_ends_its_streams() -> None:
    lines: asyncio.Queue[str] = asyncio.Queue()
    source = CallsInMemory(view_at(5_000))
    program = asyncio.create_task(serve_for_ever(make_app(source), 0, {"NO_BROWSER": "1"}, say=lines.put_nowait))
    address = await lines.get()
    async with httpx.AsyncClient() as client:
        await client.get(address)
        request = client.build_request("GET", f"{address[: address.index('/?')]}/api/calls/{SID}/events")
        stream = await client.send(request, stream=True)

        program.cancel()
        rest = [line async for line in stream.aiter_lines()]

        await asyncio.wait([program])
        await stream.aclose()
        with pytest.raises(httpx.ConnectError):
            await client.get(address)
    assert rest[0] == "event: snapshot"


def _record(opened: list[str]) -> Callable[[str], bool]:
    def open_page(address: str) -> bool:
        opened.append(address)
        return True

    return open_page


async def _wait_until_closed(source: CallsInMemory) -> None:
    while source.watchers:
        source.wake()
        await asyncio.sleep(0)


async def test_the_printed_address_leads_to_the_pages() -> None:
    async with serve_example() as address, httpx.AsyncClient(follow_redirects=True) as client:
        answer = await client.get(address)

    assert (answer.status_code, answer.url.path, answer.url.query) == (200, "/", b"")
    assert "<call-list" in answer.text


async def test_only_loopback_is_listened_at() -> None:
    async with serve_example() as address:
        port = httpx.URL(address).port
        with socket.create_connection(("127.0.0.1", port or 0)) as own:
            assert own.getpeername()[0] == "127.0.0.1"
        with pytest.raises(OSError, match="refused"):  # the whole of 127.0.0.0/8 is this machine
            socket.create_connection(("127.0.0.2", port or 0)).close()


async def test_a_call_is_followed_as_it_happens() -> None:
    source = CallsInMemory(view_at(5_000))
    async with serve(make_app(source, pace=Pace(gap_s=0))) as address, httpx.AsyncClient() as client:
        await client.get(address)
        headers = {"Last-Event-ID": "99"}  # has no meaning: who connects again gets everything
        async with client.stream(
            "GET", f"{address[: address.index('/?')]}/api/calls/{SID}/events", headers=headers
        ) as stream:
            lines = stream.aiter_lines()
            first = [await anext(lines) for _ in range(3)]
            source.put(view_at(9_000))
            second = [await anext(lines) for _ in range(3)]
            source.put(VIEW)
            rest = [line async for line in lines]

    assert first[0] == "event: snapshot"
    assert '"now_ms": 5000' in first[1]
    assert second[0] == "event: patch"
    assert '"now_ms": 9000' in second[1]
    assert [line for line in rest if line.startswith("event:")] == ["event: patch", "event: end"]
    assert source.watchers == 0


async def test_the_list_is_sent_again_when_it_changed() -> None:
    source = CallsInMemory()
    async with serve(make_app(source, pace=Pace(gap_s=0))) as address, httpx.AsyncClient() as client:
        await client.get(address)
        async with client.stream("GET", f"{address[: address.index('/?')]}/api/events?outcome=talked") as stream:
            lines = stream.aiter_lines()
            first = [await anext(lines) for _ in range(3)]
            source.put(replace(VIEW, summary=replace(VIEW.summary, sid="CA2", outcome="failed")))
            source.put(VIEW)
            second = [await anext(lines) for _ in range(3)]

    assert first == [
        "event: calls",
        'data: {"calls": [], "more": false, "read_units": 0.5, "source": "an example"}',
        "",
    ]
    assert second[0] == "event: calls"
    assert f'"sid": "{SID}"' in second[1]
    assert "CA2" not in second[1]


async def test_a_page_that_is_closed_ends_its_watch() -> None:
    source = CallsInMemory(view_at(5_000))
    async with serve(make_app(source)) as address, httpx.AsyncClient() as client:
        await client.get(address)
        async with client.stream("GET", f"{address[: address.index('/?')]}/api/calls/{SID}/events") as stream:
            await anext(stream.aiter_lines())
            assert source.watchers == 1
        await _wait_until_closed(source)


async def test_a_server_that_stops_ends_open_streams_at_once() -> None:
    source = CallsInMemory(view_at(5_000))
    async with httpx.AsyncClient() as client:
        async with serve(make_app(source)) as address:
            await client.get(address)
            request = client.build_request("GET", f"{address[: address.index('/?')]}/api/calls/{SID}/events")
            stream = await client.send(request, stream=True)
            lines = stream.aiter_lines()
            await anext(lines)
        rest = [line async for line in lines]  # ended in order, not cut: httpx would raise
        await stream.aclose()

    assert rest[0].startswith("data: ")
    assert source.watchers == 0


async def test_a_port_in_use_is_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(ServeError) as refused:
            async with serve(make_app(CallsInMemory()), port):
                pass

    assert str(refused.value) == f"Port {port} is in use: stop the program that uses it, or give another port."


@pytest.mark.parametrize("port", [-1, 65_536, 10**9])
async def test_a_port_that_does_not_exist_is_one_sentence(port: int) -> None:
    with pytest.raises(ServeError, match=f"^Expected a port from 1 to 65535, or 0 for a free one, got {port}.$"):
        async with serve(make_app(CallsInMemory()), port):
            pass


async def test_a_given_port_is_used_and_can_be_used_again() -> None:
    async with serve_example() as address:
        port = httpx.URL(address).port or 0
    async with serve_example(port=port) as again:
        assert httpx.URL(again).port == port


async def test_the_address_is_printed_and_opened() -> None:
    lines: asyncio.Queue[str] = asyncio.Queue()
    opened: list[str] = []
    app = make_app(CallsInMemory())

    def open_page(address: str) -> bool:
        opened.append(address)
        return False

    program = asyncio.create_task(serve_for_ever(app, 0, SCREEN, say=lines.put_nowait, open_page=open_page))
    address, problem = await lines.get(), await lines.get()
    program.cancel()
    await asyncio.wait([program])

    assert program.cancelled()
    assert address.endswith(f"/?token={app.token}")
    assert opened == [address]
    assert problem == "No browser could be opened from here: open the address yourself."


@pytest.mark.parametrize(
    ("environment", "opens"),
    [
        (SCREEN, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"BROWSER": "firefox"}, True),
        ({**SCREEN, "NO_BROWSER": "0"}, True),
        ({**SCREEN, "NO_BROWSER": ""}, True),
        ({**SCREEN, "NO_BROWSER": "1"}, False),
        ({**SCREEN, "NO_BROWSER": "yes"}, False),
    ],
)
def test_the_browser_is_opened_unless_the_user_says_not_to(environment: dict[str, str], opens: bool) -> None:
    opened: list[str] = []

    problem = open_browser("http://127.0.0.1:1/", environment, open_page=_record(opened))

    assert (bool(opened), problem) == (opens, "")


@pytest.mark.parametrize("error", [webbrowser.Error("none"), FileNotFoundError("firefox")])
def test_a_browser_that_cannot_be_opened_is_only_a_line(error: Exception) -> None:
    def fail(_address: str) -> bool:
        raise error

    problem = open_browser("http://127.0.0.1:1/", SCREEN, open_page=fail)

    assert problem == "No browser could be opened from here: open the address yourself."


def test_no_text_browser_is_started_where_there_is_no_screen() -> None:
    opened: list[str] = []

    problem = open_browser("http://127.0.0.1:1/", {}, open_page=_record(opened))

    assert (opened, problem) == ([], "No browser could be opened from here: open the address yourself.")
