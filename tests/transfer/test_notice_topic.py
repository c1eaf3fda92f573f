"""What comes of a request to SNS whose answer is none."""

from typing import Any

import pytest
from botocore.parsers import ResponseParserError

from delivery import Delivery
from notice_topic import NoticeTopic

ARN = "arn:aws:sns:us-east-1:123456789012:warmline-notify"


class Sns:
    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer

    def publish(self, **_: object) -> dict[str, Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ({}, "an answer without a MessageId"),
        (ResponseParserError("no XML"), "ResponseParserError"),
    ],
)
def test_an_answer_that_makes_no_sense_is_not_asked_for_again(answer: dict[str, Any] | Exception, detail: str) -> None:
    assert NoticeTopic(lambda: Sns(answer), ARN).publish({}) == Delivery("unclear", detail)
