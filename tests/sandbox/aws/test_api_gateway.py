"""Requests as events of an HTTP API, results as responses."""

import base64
import json

import pytest
from starlette.requests import Request

from sandbox.aws.api_gateway import Gateway, make_event, make_response

INTERNAL_ERROR = (500, b'{"message":"Internal Server Error"}')


def request(method: str, target: str, headers: list[tuple[str, str]]) -> Request:
    path, _, query = target.partition("?")
    return Request(
        {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
            "client": ("127.0.0.1", 40000),
            "server": ("127.0.0.1", 8080),
            "scheme": "http",
        }
    )


def make_decoded_event(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes = b""
) -> dict[str, object]:
    """The event as the function decodes it."""
    made = make_event(request(method, target, headers), body, "$default", "123456789012")
    decoded: dict[str, object] = json.loads(json.dumps(made))
    return decoded


def make_form_event() -> dict[str, object]:
    return make_decoded_event(
        "POST",
        "/voice/incoming?a=1&a=2&b=",
        [
            ("Host", "voice.warmline.test"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("User-Agent", "T"),
        ],
        b"CallSid=CA1&Empty=",
    )


def test_a_form_comes_in_base64() -> None:
    made = make_form_event()
    made.pop("requestContext")
    headers = made.pop("headers")
    assert made == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/voice/incoming",
        "rawQueryString": "a=1&a=2&b=",
        "queryStringParameters": {"a": "1,2", "b": ""},
        "body": base64.b64encode(b"CallSid=CA1&Empty=").decode(),
        "isBase64Encoded": True,
    }
    assert isinstance(headers, dict)
    assert {
        "host",
        "content-type",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-amzn-trace-id",
    } < headers.keys()


def test_the_context_of_a_request_has_the_public_host() -> None:
    context = make_form_event()["requestContext"]
    assert isinstance(context, dict)
    assert (context["domainName"], context["domainPrefix"]) == ("voice.warmline.test", "voice")
    assert (context["stage"], context["accountId"]) == ("$default", "123456789012")
    assert context["http"] == {
        "method": "POST",
        "path": "/voice/incoming",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "T",
    }


def test_headers_of_one_name_are_joined_and_cookies_stand_apart() -> None:
    made = make_decoded_event("GET", "/", [("X-A", "1"), ("x-a", "2"), ("Cookie", "b=1; c=2")])
    assert made["cookies"] == ["b=1", "c=2"]
    headers = made["headers"]
    assert isinstance(headers, dict)
    assert headers["x-a"] == "1,2"
    assert "cookie" not in headers


def test_what_is_not_there_has_no_key() -> None:
    assert not {"body", "cookies", "queryStringParameters"} & make_decoded_event("GET", "/", []).keys()


@pytest.mark.parametrize(
    ("content_type", "body", "in_base64"),
    [
        ("application/json", b"{}", False),
        ("text/xml; charset=utf-8", "ü".encode(), False),
        ("text/plain", b"\xff", True),
        ("application/octet-stream", b"text", True),
        ("", b"text", True),
    ],
)
def test_only_text_comes_as_text(content_type: str, body: bytes, *, in_base64: bool) -> None:
    made = make_decoded_event("POST", "/", [("Content-Type", content_type)], body)
    expected = base64.b64encode(body).decode() if in_base64 else body.decode()
    assert (made["body"], made["isBase64Encoded"]) == (expected, in_base64)


def test_a_described_response_is_sent() -> None:
    response = make_response(
        json.dumps(
            {
                "statusCode": 201,
                "headers": {"Content-Type": "application/xml", "X-Number": 1, "X-Flag": True},
                "cookies": ["a=1", "b=2"],
                "body": "<Response/>",
            }
        )
    )
    assert (response.status_code, response.body) == (201, b"<Response/>")
    assert response.headers["content-type"] == "application/xml"
    assert (response.headers["x-number"], response.headers["x-flag"]) == ("1", "true")
    assert response.headers.getlist("set-cookie") == ["a=1", "b=2"]


def test_a_body_in_base64_is_decoded() -> None:
    response = make_response('{"statusCode": 200, "body": "AAE=", "isBase64Encoded": true}')
    assert response.body == b"\x00\x01"


@pytest.mark.parametrize(
    ("payload", "body"), [('{"a": 1}', b'{"a": 1}'), ('"text"', b"text"), ("null", b"null"), ("[1]", b"[1]")]
)
def test_a_result_without_status_is_the_body(payload: str, body: bytes) -> None:
    response = make_response(payload)
    assert (response.status_code, response.body) == (200, body)
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "payload",
    [
        '{"statusCode": "yes"}',
        '{"statusCode": 200, "body": {"not": "text"}}',
        '{"statusCode": 200, "headers": ["a"]}',
        '{"statusCode": 200, "body": "!", "isBase64Encoded": true}',
    ],
)
def test_a_malformed_response_is_an_internal_error(payload: str) -> None:
    response = make_response(payload)
    assert (response.status_code, response.body) == INTERNAL_ERROR


@pytest.mark.parametrize("path", ["/voice/incoming", "/twilios/voice/incoming", "/twilio"])
async def test_behind_a_domain_s_mapping_key_other_paths_lead_nowhere(path: str) -> None:
    answer = await Gateway({}, "123456789012", "/twilio").answer(request("POST", path, []))

    assert answer.status_code == 404
