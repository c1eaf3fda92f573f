"""SNS, through an unmodified SDK."""

import contextlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from sandbox.aws.cloud import Cloud
from sandbox.aws.faults import Fails, Fault, Silent, Throttles
from sandbox.aws.topics import Publication, Subscription, Topic

ARN = "arn:aws:sns:us-east-1:123456789012:warmline-notify"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud() as running:
        yield running


@pytest.fixture(autouse=True)
def topic(cloud: Cloud) -> Topic:
    cloud.topics.topics[ARN] = Topic(
        [Subscription("email", "a@b.test"), Subscription("https", "https://c.test", False)]
    )
    cloud.topics.fault = None
    cloud.topics.denied = set()
    return cloud.topics.topics[ARN]


@pytest.fixture
def account(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def client(account: None) -> Iterator[Any]:  # noqa: ARG001 (in the environment)
    with contextlib.closing(make_client()) as client:
        yield client


def make_client(**settings: Any) -> Any:
    config = Config(retries={"total_max_attempts": 1}, **settings)
    return boto3.session.Session().client("sns", config=config)


def read_refusal(client: Any, **request: object) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        client.publish(**{"TopicArn": ARN, "Message": "a"} | request)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_what_is_published_is_kept(client: Any, topic: Topic) -> None:
    attributes = {"destination": {"DataType": "String", "StringValue": "front_desk"}}

    answer = client.publish(TopicArn=ARN, Subject="Missed call", Message="a\nb é", MessageAttributes=attributes)

    assert answer["MessageId"]
    assert topic.published == [Publication("Missed call", "a\nb é", {"destination": "front_desk"})]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"Message": ""}, "InvalidParameter"),
        ({"Message": "é" * 131_073}, "InvalidParameter"),
        ({"Subject": "a" * 101}, "InvalidParameter"),
        ({"Subject": "two\nlines"}, "InvalidParameter"),
        ({"Subject": " a"}, "InvalidParameter"),
        ({"Subject": "Café"}, "InvalidParameter"),
        ({"TopicArn": "warmline-notify"}, "InvalidParameter"),
        ({"MessageStructure": "json"}, "InvalidParameter"),
        ({"MessageAttributes": {"a": {"DataType": "Number", "StringValue": "1"}}}, "ParameterValueInvalid"),
    ],
)
def test_what_sns_refuses_is_refused(client: Any, topic: Topic, request_: dict[str, object], code: str) -> None:
    assert read_refusal(client, **request_) == (code, 400)
    assert not topic.published


def test_a_topic_that_does_not_exist_is_404(client: Any) -> None:
    assert read_refusal(client, TopicArn=f"{ARN}-2") == ("NotFound", 404)


def test_a_denied_operation_is_403(cloud: Cloud, client: Any) -> None:
    cloud.topics.denied.add("Publish")

    assert read_refusal(client) == ("AuthorizationError", 403)


@pytest.mark.parametrize(
    ("fault", "refusal"), [(Fails("broken"), ("InternalError", 500)), (Throttles(), ("Throttling", 400))]
)
def test_a_bad_day_is_an_error(cloud: Cloud, client: Any, fault: Fault, refusal: tuple[str, int]) -> None:
    cloud.topics.fault = fault

    assert read_refusal(client) == refusal


@pytest.mark.usefixtures("account")
def test_silence_is_no_answer(cloud: Cloud) -> None:
    cloud.topics.fault = Silent()

    with contextlib.closing(make_client(read_timeout=0.1)) as client, pytest.raises(ReadTimeoutError):
        client.publish(TopicArn=ARN, Message="a")


def test_a_subscription_waits_for_its_confirmation(client: Any) -> None:
    listed = client.list_subscriptions_by_topic(TopicArn=ARN)["Subscriptions"]

    assert [(each["Protocol"], each["SubscriptionArn"].startswith("arn:")) for each in listed] == [
        ("email", True),
        ("https", False),
    ]
