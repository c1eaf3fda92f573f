"""Makes clients of AWS as fast as possible, because a caller waits for them in every cold start.

They come from botocore itself, which boto3 only wraps: importing boto3 takes another tenth of the time, for parts that
no function uses. All clients share one session, which reads the needed part of botocore's data once.
"""

import gc
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config


@cache
def session() -> botocore.session.Session:
    # Imported modules stay. To make clients means reading megabytes of JSON, and the garbage collector would look
    # through all those modules again and again meanwhile: 40 ms of 340.
    gc.freeze()
    return botocore.session.get_session()


def client(service: str, config: Config) -> Any:
    """A client like boto3's. (Any: only boto3's types know the services by their names.)"""
    return session().create_client(service, config=config)


def read_ahead(*services: str) -> None:
    """Let the session read the data for clients of these services. Needs a region, and no credentials.

    For a snapshot of the process: the client that is made here is thrown away, so nothing secret is kept.
    """
    for service in services:
        session().create_client(service, aws_access_key_id="none", aws_secret_access_key="none")  # noqa: S106 (unused)
