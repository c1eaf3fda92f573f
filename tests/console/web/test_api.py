"""Calls as JSON, their messages and sound, and whatever garbage an address may name."""

import io
import wave

import pytest

from console.call_json import encode_view
from console.call_source import SourceError
from tests.console.calls_in_memory import CallsInMemory, make_calls
from tests.console.example_call import SID, VIEW
from tests.console.web.pages_client import make_client, make_source_client

GARBAGE = ["x", "%00", "CA" + "0" * 10_000, "..%2F..%2Fetc%2Fpasswd", "%3Cscript%3E", "%FF%FE", "CA%20", "%F0%9F%93%9E"]


async def test_a_call_is_read_without_messages_and_with_masked_numbers() -> None:
    async with make_client() as client:
        answer = await client.get(f"/api/calls/{SID}")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == encode_view(VIEW, show_numbers=False)


async def test_numbers_are_whole_when_asked() -> None:
    async with make_client() as client:
        view = (await client.get(f"/api/calls/{SID}?numbers=1")).json()
        messages = (await client.get(f"/api/calls/{SID}/entries/2?numbers=1")).json()["messages"]

    assert view["summary"]["caller"] == "+15550100001"
    assert "From=%2B15550100001" in messages[0]["text"]


async def test_an_entry_opens_to_its_exact_messages() -> None:
    async with make_client() as client:
        messages = (await client.get(f"/api/calls/{SID}/entries/9")).json()["messages"]
        none = (await client.get(f"/api/calls/{SID}/entries/1")).json()["messages"]

    assert messages[0] == {"label": "arguments", "text": '{"day": "saturday"}', "syntax": "json"}
    assert none == []


async def test_a_recording_is_a_wav_file_that_can_be_read_in_parts() -> None:
    async with make_client() as client:
        whole = await client.get(f"/api/calls/{SID}/recordings/1.wav")
        part = await client.get(f"/api/calls/{SID}/recordings/1.wav", headers={"Range": "bytes=44-47"})

    with wave.open(io.BytesIO(whole.content)) as wav:
        assert wav.getnframes() == len(VIEW.recordings[1].audio)
    assert whole.headers["content-type"] == "audio/wav"
    assert (part.status_code, part.content) == (206, whole.content[44:48])


async def test_a_list_has_what_the_query_asks_for() -> None:
    async with make_source_client(CallsInMemory(VIEW, *make_calls(10))) as client:
        listed = (await client.get("/api/calls?words=bread&number=0001")).json()
        limited = (await client.get("/api/calls?limit=4")).json()

    assert [each["sid"] for each in listed["calls"]] == [SID]
    assert (listed["more"], listed["read_units"], listed["source"]) == (False, 0.5, "an example")
    assert (len(limited["calls"]), limited["more"]) == (4, True)


@pytest.mark.parametrize("sid", GARBAGE)
@pytest.mark.parametrize("rest", ["", "/events", "/entries/1", "/recordings/0.wav"])
async def test_an_unknown_call_is_one_sentence(sid: str, rest: str) -> None:
    async with make_client() as client:
        answer = await client.get(f"/api/calls/{sid}{rest}")

    assert answer.status_code == 404
    assert answer.text.startswith("There is no ")
    assert len(answer.text) < 200


@pytest.mark.parametrize("sid", GARBAGE)
async def test_the_source_is_not_asked_for_garbage(sid: str) -> None:
    source = CallsInMemory(VIEW)
    source.error = SourceError("It was asked.")
    async with make_source_client(source) as client:
        answer = await client.get(f"/api/calls/{sid}")

    asked = "It was asked" in answer.text
    assert asked == (sid == "x")  # that might be a name of a call


@pytest.mark.parametrize("number", ["0", "99", "-1", "x", "1.5", "%00", "01", "²", "9" * 5000])
async def test_an_unknown_entry_or_recording_is_one_sentence(number: str) -> None:
    async with make_client() as client:
        entry = await client.get(f"/api/calls/{SID}/entries/{number}")
        recording = await client.get(f"/api/calls/{SID}/recordings/{number.replace('0', '7')}.wav")

    assert (entry.status_code, recording.status_code) == (404, 404)
    assert entry.text.startswith("This call has no entry ")
    assert recording.text.startswith("This call has 2 recordings; ")
    assert max(len(entry.text), len(recording.text)) < 200


@pytest.mark.parametrize(
    "path",
    ["/api/calls?day=foo", "/api/events?day=foo", f"/api/calls/{SID}?numbers=x", f"/api/calls/{SID}/events?numbers=x"],
)
async def test_a_bad_query_is_refused(path: str) -> None:
    async with make_client() as client:
        answer = await client.get(path)

    assert answer.status_code == 400
    assert answer.text.startswith("Expected ")


@pytest.mark.parametrize("path", ["/api/calls", f"/api/calls/{SID}", f"/api/calls/{SID}/entries/1", "/api/calls.csv"])
async def test_a_source_that_cannot_be_read_says_so_itself(path: str) -> None:
    source = CallsInMemory(VIEW)
    source.error = SourceError("The credentials have expired: sign in again.")
    async with make_source_client(source) as client:
        answer = await client.get(path)

    assert (answer.status_code, answer.text) == (503, "The credentials have expired: sign in again.\n")
