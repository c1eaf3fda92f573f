"""Retries while a permission is new: IAM needs seconds to show it everywhere, and a first deploy is faster than that.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency. A
function of a custom resource is invoked as soon as CloudFormation has made its role.
"""

import time
from collections.abc import Callable

from botocore.exceptions import ClientError

RETRY_S = 20.0
PAUSE_S = 1.0
DENIED = ("AccessDenied", "AccessDeniedException")


def retry_until(until: float) -> float:
    """The moment, on the monotonic clock, from which a refusal counts, for all requests of one invocation."""
    return min(until, time.monotonic() + RETRY_S)


def retry[T](ask: Callable[[], T], until: float) -> T:
    """The result of `ask`. Raises what `ask` raises; a missing permission only after the time to get it."""
    while True:
        try:
            return ask()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in DENIED:
                raise
            if time.monotonic() + PAUSE_S > until:
                raise
        time.sleep(PAUSE_S)  # nothing says when IAM shows it; CloudFormation waits anyway
