"""Publishes a notice to the stack's SNS topic, once. Whoever subscribes gets it: an email address, an HTTPS URL.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html. A request without a clear answer is not repeated.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError
from botocore.parsers import ResponseParserError

from delivery import Delivery

BUSY = ("Throttling", "ThrottlingException", "Throttled")


class NoticeTopic:
    """`client` makes SNS's. (Any: its types are not installed.)"""

    def __init__(self, client: Callable[[], Any], arn: str | None) -> None:
        self._client = client
        self._arn = arn

    def describe(self, form: dict[str, object]) -> dict[str, object]:
        """The request that `publish` would make."""
        return {"TopicArn": self._arn} | form

    def publish(self, form: dict[str, object]) -> Delivery:
        if not self._arn:
            return Delivery("lost", "the function has no NOTIFY_TOPIC")
        try:
            said = self._client().publish(TopicArn=self._arn, **form)
        except ClientError as error:
            code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            if code in BUSY or status == 429:
                return Delivery("later", code)
            return Delivery("unclear" if status >= 500 else "lost", f"HTTP {status}, {code}")
        except (ConnectTimeoutError, EndpointConnectionError) as error:
            return Delivery("later", type(error).__name__)
        except (BotoCoreError, ResponseParserError) as error:
            return Delivery("unclear", type(error).__name__)
        if not (message_id := said.get("MessageId")):
            return Delivery("unclear", "an answer without a MessageId")
        return Delivery("sent", message_id)
