"""Whatever a request says, its answer is one that we meant: never a defect, always with the policy."""

import asyncio
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from console.web.app import make_app
from console.web.security import HEADERS
from tests.console.calls_in_memory import CallsInMemory
from tests.console.example_call import SID, VIEW

APP = make_app(CallsInMemory(VIEW))
PIECES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["api", "calls", SID, "events", "entries", "recordings", "2", "0.wav", "static", "call-list.js", "..", "", "\0"]
    ),
)
NAMES = st.one_of(
    st.text(max_size=8), st.sampled_from(["day", "outcome", "number", "words", "limit", "numbers", "token"])
)
# uvicorn refuses other characters in the line of a request itself.
ASCII = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
OWN = {b"host": b"127.0.0.1:5055", b"cookie": f"warmline_5055={APP.cookie}".encode()}
OTHERS = st.dictionaries(
    st.sampled_from(
        [b"range", b"last-event-id", b"if-none-match", b"origin", b"cookie", b"host", b"if-modified-since"]
    ),
    st.binary(max_size=30),
)


async def request(method: str, path: str, query: bytes, headers: dict[bytes, bytes]) -> tuple[int, dict[str, str]]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query,
        "root_path": "",
        "headers": list(headers.items()),
        "server": ("127.0.0.1", 5055),
    }
    await APP(scope, receive, send)
    return sent[0]["status"], {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "X"]),
    pieces=st.lists(PIECES, max_size=6),
    query=st.one_of(
        st.text(ASCII, max_size=40).map(str.encode),
        st.lists(st.tuples(NAMES, st.text(max_size=12))).map(
            lambda pairs: "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs).encode()
        ),
    ),
    others=OTHERS,
)
def test_no_request_meets_a_defect(method: str, pieces: list[str], query: bytes, others: dict[bytes, bytes]) -> None:
    status, headers = asyncio.run(request(method, "/" + "/".join(pieces), query, {**OWN, **others}))

    assert status in {200, 206, 303, 304, 307, 400, 403, 404, 405, 416}
    assert headers.keys() >= {name.lower() for name in HEADERS}
