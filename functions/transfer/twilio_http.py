"""HTTP requests to Twilio with a time limit for the whole request.

The time-outs of `requests` are for each address and each piece of a body. A name that does not resolve, several dead
addresses or an answer that comes in small pieces may take many times as long.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from math import inf

from requests import Timeout
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response


class BoundedHttpClient:
    """What the library calls a client.

    Raises `requests.Timeout` when `limit_s` or `until` is over, `ValueError` for a success without a JSON object.

    `until` is set for each invocation of the function, of which there is one at a time.
    """

    def __init__(self, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        # At INFO it would log each request, without its call.
        logging.getLogger("twilio.http_client").setLevel(logging.WARNING)
        # The library's own limit soon ends a request that was given up here.
        self._client = TwilioHttpClient(timeout=limit_s)
        self.until = inf
        self._limit_s = limit_s
        self._clock = clock

    def request(self, *arguments: object, **options: object) -> Response:
        left_s = min(self._limit_s, self.until - self._clock())
        if left_s <= 0:
            raise Timeout("no time was left to ask Twilio")
        answer: Future[Response] = Future()

        def ask() -> None:
            try:
                answer.set_result(self._client.request(*arguments, **options))
            except Exception as error:  # raised again by the one who waits
                answer.set_exception(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            return _check(answer.result(left_s))
        except TimeoutError:
            raise Timeout(f"no whole answer within {left_s:.1f} s") from None


def _check(response: Response) -> Response:
    """Raises `ValueError` for a success whose body is no JSON object, because the library cannot handle it."""
    if response.status_code < 300 and not isinstance(json.loads(response.text), dict):
        raise ValueError("expected a JSON object")
    return response
