"""What is refused for a lack of permission is asked for again while there is time, and nothing else is."""

import math
import time
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from new_permission import RETRY_S, retry, retry_until


def make_refusing(code: str, times: int) -> tuple[Callable[[], str], list[str]]:
    asked: list[str] = []

    def ask() -> str:
        asked.append(code)
        if len(asked) <= times:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetPaint")
        return "paint"

    return ask, asked


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_a_permission_that_comes_is_used(code: str) -> None:
    ask, asked = make_refusing(code, times=1)

    assert retry(ask, math.inf) == "paint"
    assert len(asked) == 2


@pytest.mark.parametrize(("code", "until"), [("AccessDenied", 0.0), ("Throttling", math.inf), ("", math.inf)])
def test_what_will_not_change_is_raised_at_once(code: str, until: float) -> None:
    ask, asked = make_refusing(code, times=1)

    with pytest.raises(ClientError):
        retry(ask, until)
    assert len(asked) == 1


def test_patience_ends_with_the_time_of_the_function() -> None:
    assert retry_until(3.0) == 3.0
    assert retry_until(math.inf) <= time.monotonic() + RETRY_S
