"""Only a browser that was given the address gets anything, only from our own pages, and under our policy."""

from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from console.web.app import make_app
from console.web.app_state import Extension
from console.web.security import HEADERS, ProtectedApp
from console.web.serve import serve
from tests.console.calls_in_memory import CallsInMemory
from tests.console.example_call import VIEW
from tests.console.web.pages_client import ORIGIN, make_client
from tests.console.web.protected_routes import EVERYWHERE, ROUTES


@pytest.fixture
def app() -> ProtectedApp:
    return make_app(CallsInMemory(VIEW), Extension(routes=ROUTES))


async def test_the_printed_address_gives_a_cookie_that_scripts_cannot_read(app: ProtectedApp) -> None:
    async with make_client(app, cookie=False) as client:
        answer = await client.get(f"/?token={app.token}")

        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert answer.headers["set-cookie"] == f"warmline_5055={app.cookie}; HttpOnly; Path=/; SameSite=strict"
        assert (await client.get("/")).status_code == 200


async def test_the_address_works_as_a_link_of_another_site(app: ProtectedApp) -> None:
    """A strict cookie is not sent after a redirect that another site began: seen with Chromium 156."""
    async with make_client(app, cookie=False) as client:
        answer = await client.get(f"/?token={app.token}", headers={"Sec-Fetch-Site": "cross-site"})

        assert (answer.status_code, f"warmline_5055={app.cookie};" in answer.headers["set-cookie"]) == (200, True)
        assert '<meta http-equiv="refresh" content="0; url=/">' in answer.text


@pytest.mark.parametrize(
    "query", ["token=", "token=guess", "token=%00", "token=é", "token=a&token=b", "token=" + "a" * 9999]
)
async def test_a_wrong_token_gives_no_cookie(app: ProtectedApp, query: str) -> None:
    async with make_client(app) as client:  # even with the cookie of a token that was right
        answer = await client.get(f"/?{query}")

    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert answer.text == (
        "This key is not valid. Every start has a new one: open the address that the program printed last.\n"
    )


async def test_the_right_token_beside_a_wrong_one_gives_no_cookie(app: ProtectedApp) -> None:
    async with make_client(app, cookie=False) as client:
        assert (await client.get(f"/?token={app.token}&token=guess")).status_code == 403


async def test_every_start_has_its_own_secrets() -> None:
    first, second = make_app(CallsInMemory()), make_app(CallsInMemory())

    assert len({first.token, first.cookie, second.token, second.cookie}) == 4
    assert min(len(first.token), len(first.cookie)) >= 43  # 32 random bytes
    assert first.token not in repr(first)
    assert first.cookie not in repr(first)


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_without_the_cookie_there_is_one_sentence_and_nothing_else(app: ProtectedApp, path: str) -> None:
    async with make_client(app, cookie=False) as client:
        answer = await client.get(path)

    assert (answer.status_code, answer.text) == (
        403,
        "Open the address that the program printed when it started: it has the key to these pages.\n",
    )


@pytest.mark.parametrize("value", ["", "guess", "é", "a" * 9999])
async def test_a_wrong_cookie_is_refused(app: ProtectedApp, value: str) -> None:
    async with make_client(app, cookie=False) as client:
        answer = await client.get("/", headers={b"Cookie": f"warmline_5055={value}".encode("latin-1")})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "host", ["example.com", "127.0.0.1", "127.0.0.1:5056", "127.0.0.1.example.com:5055", "[::1]:5055", "a" * 9999, ""]
)
async def test_a_foreign_host_is_refused(app: ProtectedApp, host: str) -> None:
    async with make_client(app) as client:
        answer = await client.get("/", headers={"Host": host})

    assert answer.status_code == 403
    assert answer.text.startswith("Expected Host 127.0.0.1:5055, got ")
    assert len(answer.text) < 200


async def test_the_token_is_not_taken_at_a_foreign_host(app: ProtectedApp) -> None:
    async with make_client(app, cookie=False) as client:
        answer = await client.get(f"/?token={app.token}", headers={"Host": "example.com:5055"})

    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


async def test_localhost_is_our_name_too(app: ProtectedApp) -> None:
    async with make_client(app) as client:
        assert (await client.get("/", headers={"Host": "localhost:5055"})).status_code == 200


FOREIGN_ORIGINS = [
    None,
    "null",
    "http://example.com",
    "https://127.0.0.1:5055",
    "http://127.0.0.1:5056",
    "http://localhost:5055",
    "http://127.0.0.1:5055.example.com",
]


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
async def test_nothing_is_done_for_another_origin(app: ProtectedApp, origin: str | None) -> None:
    async with make_client(app) as client:
        answer = await client.post("/act", headers={} if origin is None else {"Origin": origin})

    assert answer.status_code == 403
    assert answer.text == f"Expected Origin {ORIGIN}, got {repr(origin) if origin else 'none'}.\n"


async def test_our_own_page_may_act(app: ProtectedApp) -> None:
    async with make_client(app) as client:
        answer = await client.post("/act", headers={"Origin": ORIGIN})

    assert (answer.status_code, answer.text) == (200, "done")


async def test_an_origin_is_no_substitute_for_the_cookie(app: ProtectedApp) -> None:
    async with make_client(app, cookie=False) as client:
        assert (await client.post("/act", headers={"Origin": ORIGIN})).status_code == 403


@pytest.mark.parametrize("cookie", [True, False])
@pytest.mark.parametrize("path", EVERYWHERE)
async def test_every_response_has_the_policy(app: ProtectedApp, path: str, cookie: bool) -> None:
    async with make_client(app, cookie=cookie) as client:
        answer = await client.get(path)

    assert {name: answer.headers[name] for name in HEADERS if name != "Cache-Control"} == {
        name: value for name, value in HEADERS.items() if name != "Cache-Control"
    }
    found_file = cookie and path == "/static/call-list.js"
    assert answer.headers["Cache-Control"] == ("no-cache" if found_file else "no-store")


async def test_the_policy_allows_nothing_inline_and_nothing_foreign(app: ProtectedApp) -> None:
    async with make_client(app) as client:
        policy = (await client.get("/")).headers["Content-Security-Policy"]

    assert policy.split("; ") == [
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]


async def test_a_defect_shows_nothing_of_the_inside(app: ProtectedApp) -> None:
    async with make_client(app) as client:
        answer = await client.get("/defect")

    assert answer.status_code == 500
    assert "a secret of ours" not in answer.text
    assert "This is a defect of Warmline" in answer.text


@pytest.fixture
async def port(app: ProtectedApp) -> AsyncIterator[int]:
    async with serve(app) as address:
        yield int(address.partition("127.0.0.1:")[2].partition("/")[0])


async def test_our_own_page_may_open_a_websocket(app: ProtectedApp, port: int) -> None:
    headers = {"Cookie": f"warmline_{port}={app.cookie}", "Origin": f"http://127.0.0.1:{port}"}
    async with connect(f"ws://127.0.0.1:{port}/echo", additional_headers=headers, proxy=None) as websocket:
        await websocket.send("hello")

        assert await websocket.recv() == "hello"


@pytest.mark.parametrize(
    ("origin", "cookie", "sentence"),
    [
        (None, "right", "Expected Origin http://127.0.0.1:PORT, got none."),
        ("http://example.com", "right", "Expected Origin http://127.0.0.1:PORT, got 'http://example.com'."),
        ("http://127.0.0.1:PORT", "wrong", "Open the address that the program printed when it started: it has the key"),
    ],
)
async def test_a_websocket_of_anyone_else_is_refused(
    app: ProtectedApp, port: int, origin: str | None, cookie: str, sentence: str
) -> None:
    headers = {"Cookie": f"warmline_{port}={app.cookie if cookie == 'right' else cookie}"}
    if origin is not None:
        headers["Origin"] = origin.replace("PORT", str(port))

    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{port}/echo", additional_headers=headers, proxy=None)

    response = refused.value.response
    assert response.status_code == 403
    assert response.body.decode().startswith(sentence.replace("PORT", str(port)))
    assert response.headers["X-Content-Type-Options"] == "nosniff"
